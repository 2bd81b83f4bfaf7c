import type { Filling, Preview, Quote, Template, TemplateComponent } from "@suki/inbox";
import { explainError } from "../problems.ts";
import type { World } from "./world.ts";

/** So long after the last key the server is asked. */
const PAUSE_MILLIS = 300;

/** A blank of a template that a person fills in. */
export type Blank = {
  key: string;
  /** Where it stands. */
  part: "header" | "body" | "button";
  /** The variable, a button's label, or the kind of file. */
  name: string;
  index: number;
  kind: string;
};

/** Choosing an approved template, filling it in, and sending it to one chat. */
export class TemplateModel {
  readonly #world: World;
  readonly chat: string;
  #cancel: () => void = () => {};
  text = $state("");
  found = $state.raw<readonly Template[]>([]);
  loaded = $state(false);
  chosen = $state.raw<Template | null>(null);
  values = $state<Record<string, string>>({});
  preview = $state.raw<Preview | null>(null);
  quote = $state.raw<Quote | null>(null);
  problem = $state<string | null>(null);
  busy = $state(false);

  constructor(world: World, chat: string) {
    this.#world = world;
    this.chat = chat;
  }

  /** Looks for approved templates; with a pause, so that typing does not ask at every key. */
  search(text: string): void {
    this.text = text;
    this.#later(text === "" ? 0 : PAUSE_MILLIS, async () => {
      const found = await this.#world.client.templates({ q: text.trim(), status: "APPROVED" });
      this.found = found.data;
      this.loaded = true;
    });
  }

  choose(template: Template | null): void {
    this.#cancel();
    this.chosen = template;
    this.values = {};
    this.preview = null;
    this.quote = null;
    this.problem = null;
    if (!template) return;
    this.#world.client.price(template.category.toLowerCase(), this.chat).then(
      (quote) => {
        if (this.chosen === template) this.quote = quote;
      },
      () => {},
    );
    this.fill();
  }

  get blanks(): Blank[] {
    return this.chosen ? blanksOf(this.chosen.components) : [];
  }

  /** Carousels and offers that end are sent by programs: this page has no fields for them. */
  get supported(): boolean {
    return !this.chosen?.components.some((one) => one.type === "CAROUSEL" || one.type === "LIMITED_TIME_OFFER");
  }

  get whole(): boolean {
    return this.supported && this.blanks.every((one) => (this.values[one.key] ?? "").trim() !== "");
  }

  /** A value changed: the preview follows, once everything is filled in. */
  fill(): void {
    const { chosen } = this;
    if (!chosen || !this.whole) {
      this.#cancel();
      this.preview = null;
      return;
    }
    this.#later(PAUSE_MILLIS, async () => {
      const preview = await this.#world.client.previewTemplate(chosen.id, this.#filling(chosen));
      if (this.chosen === chosen) this.preview = preview;
    });
  }

  /** Whether it is on its way. */
  async send(): Promise<boolean> {
    const { chosen } = this;
    if (!chosen || !this.whole || this.busy) return false;
    this.busy = true;
    try {
      const id = this.#world.newMessageId();
      await this.#world.client.sendTemplate(this.chat, { id, template: chosen.id, components: this.#filling(chosen) });
      return true;
    } catch (error) {
      this.problem = explainError(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  #later(millis: number, run: () => Promise<void>): void {
    this.#cancel();
    let current = true;
    const end = this.#world.after(millis, () => {
      run().then(
        () => {
          if (current) this.problem = null;
        },
        (error) => {
          if (current) this.problem = explainError(error);
        },
      );
    });
    this.#cancel = () => {
      current = false;
      end();
    };
  }

  #filling(template: Template): Filling[] {
    const named = template.parameter_format === "NAMED";
    const value = ({ key }: Blank) => (this.values[key] ?? "").trim();
    const text = (one: Blank) => ({ type: "text", text: value(one), ...(named && { parameter_name: one.name }) });
    const of = (part: Blank["part"]) => this.blanks.filter((one) => one.part === part);
    const header = of("header").map((one) =>
      one.kind === "text" ? text(one) : { type: one.kind, [one.kind]: { link: value(one) } },
    );
    const body = of("body").map(text);
    const buttons = of("button").map((one): Filling => {
      const parameter =
        one.kind === "copy_code"
          ? { type: "coupon_code", coupon_code: value(one) }
          : { type: "text", text: value(one) };
      return { type: "button", sub_type: one.kind, index: one.index, parameters: [parameter] };
    });
    return [
      ...(header.length > 0 ? [{ type: "header", parameters: header } as const] : []),
      ...(body.length > 0 ? [{ type: "body", parameters: body } as const] : []),
      ...buttons,
    ];
  }
}

/** The different variables of a text, in the order of their first place. */
export function variables(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{ *([a-z0-9_]+) *\}\}/g)].map((found) => found[1] ?? ""))];
}

function blanksOf(components: readonly TemplateComponent[]): Blank[] {
  return components.flatMap((one): Blank[] => {
    const inText = (part: "header" | "body") =>
      variables(one.text ?? "").map((name) => ({ key: `${part} ${name}`, part, name, index: 0, kind: "text" }));
    switch (one.type) {
      case "HEADER": {
        const kind = (one.format ?? "TEXT").toLowerCase();
        if (kind === "text") return inText("header");
        return ["image", "video", "document"].includes(kind)
          ? [{ key: "header", part: "header", name: kind, index: 0, kind }]
          : [];
      }
      case "BODY":
        return inText("body");
      case "BUTTONS":
        return (one.buttons ?? []).flatMap((button, index): Blank[] => {
          const needs =
            (button.type === "URL" && variables(button.url ?? "").length > 0) ||
            ["COPY_CODE", "OTP"].includes(button.type);
          const kind = button.type === "COPY_CODE" ? "copy_code" : "url";
          return needs ? [{ key: `button ${index}`, part: "button", name: button.text ?? "", index, kind }] : [];
        });
      default:
        return [];
    }
  });
}
