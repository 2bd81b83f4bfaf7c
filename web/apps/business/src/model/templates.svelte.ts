import type { Operator, Template, TemplateComponent } from "@suki/inbox";
import { explainError } from "../problems.ts";
import { variables } from "./template.svelte.ts";
import type { World } from "./world.ts";

/** What a person writes to propose a template. */
export type Proposal = {
  name: string;
  language: string;
  category: "UTILITY" | "MARKETING";
  header: string;
  body: string;
  footer: string;
  /** Labels of quick replies, a line each. */
  replies: string;
  /** What may stand for each variable, for whoever reviews it. */
  examples: Record<string, string>;
};

export const EMPTY: Proposal = {
  name: "",
  language: "en_US",
  category: "UTILITY",
  header: "",
  body: "",
  footer: "",
  replies: "",
  examples: {},
};

/** The business's templates: what there is, what became of it, what is proposed. */
export class Templates {
  readonly #world: World;
  readonly #me: Operator;
  all = $state.raw<readonly Template[]>([]);
  total = $state(0);
  allowed = $state(0);
  state = $state<"loading" | "ready" | "failed">("loading");
  busy = $state(false);
  problem = $state<string | null>(null);

  constructor(world: World, me: Operator) {
    this.#world = world;
    this.#me = me;
  }

  /** Owners and admins propose and delete. */
  get manages(): boolean {
    return this.#me.role !== "operator";
  }

  async load(): Promise<void> {
    try {
      const page = await this.#world.client.templates();
      this.all = page.data;
      this.total = page.total;
      this.allowed = page.allowed;
      this.state = "ready";
    } catch {
      if (this.state !== "ready") this.state = "failed";
    }
  }

  propose = (proposal: Proposal) =>
    this.#do(async () => {
      await this.#world.client.createTemplate({
        name: proposal.name.trim(),
        language: proposal.language.trim(),
        category: proposal.category,
        components: componentsOf(proposal),
      });
    });

  remove = (id: string) => this.#do(() => this.#world.client.deleteTemplate(id));

  appeal = (id: string, text: string) => this.#do(() => this.#world.client.appealTemplate(id, text).then(() => {}));

  async #do(run: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      await run();
      this.problem = null;
      await this.load();
      return true;
    } catch (error) {
      this.problem = explainError(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}

/** The variables of a proposal that need an example, header first. */
export function blanks({ header, body }: Proposal): string[] {
  return [...new Set([...variables(header), ...variables(body)])];
}

/** The Cloud API's components. Variables with names go with named examples, numbers with rows. */
export function componentsOf(proposal: Proposal): TemplateComponent[] {
  const { header, body, footer, replies, examples } = proposal;
  const labels = replies
    .split("\n")
    .map((one) => one.trim())
    .filter(Boolean);
  const example = (text: string, part: "header" | "body") => {
    const names = variables(text);
    if (names.length === 0) return {};
    const value = (name: string) => (examples[name] ?? "").trim();
    const named = names.some((name) => !/^[0-9]+$/.test(name));
    if (named)
      return {
        example: { [`${part}_text_named_params`]: names.map((name) => ({ param_name: name, example: value(name) })) },
      };
    const row = names.map(value);
    return { example: part === "body" ? { body_text: [row] } : { header_text: row } };
  };
  return [
    ...(header.trim()
      ? [{ type: "HEADER", format: "TEXT", text: header.trim(), ...example(header, "header") } as const]
      : []),
    { type: "BODY", text: body.trim(), ...example(body, "body") },
    ...(footer.trim() ? [{ type: "FOOTER", text: footer.trim() } as const] : []),
    ...(labels.length > 0
      ? [{ type: "BUTTONS", buttons: labels.map((text) => ({ type: "QUICK_REPLY", text })) } as const]
      : []),
  ];
}
