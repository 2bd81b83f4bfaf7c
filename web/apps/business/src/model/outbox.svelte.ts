import type { Shelf } from "@suki/ui/logic";

const KEY = "suki.inbox.outbox";
const MOST = 200;

/** A message that the server has not taken yet. */
export type Unsent = {
  id: string;
  chat: string;
  text: string;
  reply_to: { id: string; text: string; from: "customer" | "business" } | null;
  at: number;
  /** Why the server refused it; null while it is still on its way. */
  refused: { code: string; detail: string } | null;
};

/** Messages on their way to the server, kept on this device so that a reload loses none. */
export class Outbox {
  readonly #shelf: Shelf;
  #list = $state.raw<Unsent[]>([]);

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    this.#list = this.#kept();
  }

  all(): readonly Unsent[] {
    return this.#list;
  }

  of(chat: string): Unsent[] {
    return this.#list.filter((one) => one.chat === chat);
  }

  find(id: string): Unsent | undefined {
    return this.#list.find((one) => one.id === id);
  }

  get full(): boolean {
    return this.#list.length >= MOST;
  }

  /** Adds it, or replaces the one of the same id where it stands. */
  put(unsent: Unsent): void {
    const at = this.#list.findIndex((one) => one.id === unsent.id);
    this.#list = at < 0 ? [...this.#list, unsent] : this.#list.with(at, unsent);
    this.#keep((kept) => [...kept.filter((one) => one.id !== unsent.id), unsent]);
  }

  remove(id: string): void {
    const rest = this.#list.filter((one) => one.id !== id);
    if (rest.length === this.#list.length) return;
    this.#list = rest;
    this.#keep((kept) => kept.filter((one) => one.id !== id));
  }

  clear(): void {
    this.#list = [];
    this.#shelf.remove(KEY);
  }

  // Other windows keep their messages on the same shelf: each changes only its own.
  #keep(change: (kept: Unsent[]) => Unsent[]): void {
    this.#shelf.set(KEY, JSON.stringify(change(this.#kept())));
  }

  #kept(): Unsent[] {
    try {
      const kept: unknown = JSON.parse(this.#shelf.get(KEY) ?? "[]");
      return Array.isArray(kept) ? kept.filter(valid).slice(0, MOST) : [];
    } catch {
      return [];
    }
  }
}

function valid(value: unknown): value is Unsent {
  const one = value as Partial<Unsent> | null;
  return (
    !!one &&
    typeof one.id === "string" &&
    typeof one.chat === "string" &&
    typeof one.text === "string" &&
    typeof one.at === "number"
  );
}
