import { type Action, actionOf, FlowError, filled, isObject, type Part, type Screen, words } from "./shapes.ts";

/** What the flow asks of the world around it. */
export interface FlowWorld {
  /** The business's own server, through its endpoint: the next screen. */
  exchange(question: { action: "INIT" | "data_exchange" | "BACK"; screen: string; data: unknown }): Promise<unknown>;
  /** It is filled in: what goes back. */
  complete(answer: Record<string, unknown>): void;
}

/** Why a field cannot stay as it is. */
export type Wrong = "required" | "short" | "long" | "email" | "number" | "phone" | "pattern";

interface Stand {
  screen: Screen;
  data: Record<string, unknown>;
  form: Record<string, unknown>;
}

const ENTRY = new Set([
  "TextInput",
  "TextArea",
  "Dropdown",
  "RadioButtonsGroup",
  "CheckboxGroup",
  "DatePicker",
  "OptIn",
  "ChipsSelector",
]);

/** A flow as one person goes through it. */
export class FlowRun {
  readonly #screens: Screen[];
  readonly #world: FlowWorld;
  #stack = $state.raw<Stand[]>([]);
  busy = $state(false);
  /** What the business's server said is wrong, or that it did not answer. */
  problem = $state<{ words: string } | "failed" | null>(null);
  /** Shown once somebody tried to go on. */
  wrong = $state.raw<ReadonlyMap<string, Wrong>>(new Map());

  constructor(screens: Screen[], world: FlowWorld) {
    this.#screens = screens;
    this.#world = world;
  }

  /** Begins with a screen and its data, or with what the business's server says. */
  async start(first: { exchange: boolean; screen: string; data: Record<string, unknown> }): Promise<void> {
    const { screen, data } = first;
    if (first.exchange) await this.#ask("INIT", screen, data);
    else this.#go(screen || (this.#screens[0]?.id ?? ""), data);
  }

  get screen(): Screen | null {
    return this.#stack.at(-1)?.screen ?? null;
  }

  get depth(): number {
    return this.#stack.length;
  }

  get form(): Record<string, unknown> {
    return this.#stack.at(-1)?.form ?? {};
  }

  /** The screen's parts that are to be seen, with everything they refer to put in. */
  get parts(): Part[] {
    const stand = this.#stack.at(-1);
    if (!stand) return [];
    return stand.screen.parts.flatMap((part): Part[] => {
      // Actions refer to what will have been filled in when they are pressed.
      const { "on-click-action": click, "on-select-action": select, ...rest } = part;
      const shown = filled(rest, stand) as Part;
      if (shown.visible === false) return [];
      return [
        {
          ...shown,
          ...(click !== undefined && { "on-click-action": click }),
          ...(select !== undefined && { "on-select-action": select }),
        },
      ];
    });
  }

  set(name: string, value: unknown): void {
    const stand = this.#stack.at(-1);
    if (!stand) return;
    this.#stack = [...this.#stack.slice(0, -1), { ...stand, form: { ...stand.form, [name]: value } }];
    const wrong = new Map(this.wrong);
    wrong.delete(name);
    this.wrong = wrong;
  }

  back(): void {
    this.#stack = this.#stack.slice(0, -1);
    this.problem = null;
    this.wrong = new Map();
  }

  /** Presses a button. Going on checks everything first. */
  async press(value: unknown): Promise<void> {
    const stand = this.#stack.at(-1);
    const action = actionOf(value);
    if (!stand || !action || this.busy || !this.#isRight()) return;
    const payload = filled(action.payload, stand) as Record<string, unknown>;
    this.problem = null;
    if (action.name === "complete") this.#world.complete(payload);
    else if (action.name === "navigate") this.#go(action.next, payload);
    else if (action.name === "data_exchange") await this.#ask("data_exchange", stand.screen.id, payload);
    else this.#unknown(action);
  }

  #unknown({ name }: Action): never {
    throw new FlowError(`the action ${name} is not known`);
  }

  #go(id: string, data: Record<string, unknown>): void {
    const screen = this.#screens.find((one) => one.id === id);
    if (!screen) throw new FlowError(`there is no screen ${id}`);
    const form: Record<string, unknown> = {};
    for (const part of screen.parts) {
      const name = words(part.name);
      const begin = filled(part["init-value"], { data, form: {} });
      if (name && ENTRY.has(part.type) && begin !== undefined) form[name] = begin;
    }
    this.#stack = [...this.#stack.filter((one) => one.screen.id !== id), { screen, data, form }];
    this.wrong = new Map();
  }

  async #ask(action: "INIT" | "data_exchange", screen: string, data: unknown): Promise<void> {
    this.busy = true;
    try {
      this.#answered(await this.#world.exchange({ action, screen, data }));
    } catch (error) {
      if (error instanceof FlowError) throw error;
      this.problem = "failed";
    } finally {
      this.busy = false;
    }
  }

  #answered(answer: unknown): void {
    if (!isObject(answer)) throw new FlowError("the answer is no screen");
    const data = isObject(answer.data) ? answer.data : {};
    const said = words(data.error_message) || words(answer.error);
    if (said) this.problem = { words: said };
    const next = words(answer.screen);
    if (next === "SUCCESS") {
      const response = isObject(data.extension_message_response) ? data.extension_message_response : {};
      this.#world.complete(isObject(response.params) ? response.params : {});
    } else if (next) this.#go(next, data);
  }

  #isRight(): boolean {
    const wrong = new Map<string, Wrong>();
    for (const part of this.parts) {
      const name = words(part.name);
      const problem = ENTRY.has(part.type) && name ? check(part, this.form[name]) : null;
      if (problem) wrong.set(name, problem);
    }
    this.wrong = wrong;
    return wrong.size === 0;
  }
}

const TYPES: Record<string, [Wrong, RegExp]> = {
  email: ["email", /^[^\s@]+@[^\s@]+\.[^\s@]+$/],
  number: ["number", /^-?[0-9]+([.,][0-9]+)?$/],
  phone: ["phone", /^\+?[0-9 ()./-]{3,25}$/],
};

function check(part: Part, value: unknown): Wrong | null {
  const empty = value === undefined || value === "" || value === false || (Array.isArray(value) && value.length === 0);
  if (empty) return part.required === true ? "required" : null;
  if (typeof value !== "string") return null;
  const length = [...value].length;
  if (length < Number(part["min-chars"] ?? 0)) return "short";
  if (length > Number(part["max-chars"] ?? 10_000)) return "long";
  const rule = TYPES[words(part["input-type"])];
  return rule && !rule[1].test(value) ? rule[0] : null;
}
