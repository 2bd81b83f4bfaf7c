import { Refusal } from "@suki/console-api";

/** Something asked of the server: what came, and whether it is there. */
export class Loaded<T> {
  readonly #call: () => Promise<T>;
  value = $state.raw<T | null>(null);
  state = $state<"loading" | "ready" | "missing" | "failed">("loading");
  #turn = 0;

  constructor(call: () => Promise<T>) {
    this.#call = call;
  }

  /** Asks anew; what is there stays until the answer comes. An answer that another has overtaken is dropped. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const value = await this.#call();
      if (turn !== this.#turn) return;
      this.value = value;
      this.state = "ready";
    } catch (error) {
      if (turn !== this.#turn) return;
      if (error instanceof Refusal && error.status === 404) this.state = "missing";
      else if (this.state !== "ready") this.state = "failed";
    }
  }
}

/** A list that comes in pages. */
export class Pages<T, C> {
  readonly #call: (cursor: C | null) => Promise<{ data: T[]; next: C | null }>;
  rows = $state.raw<readonly T[]>([]);
  state = $state<"loading" | "ready" | "failed">("loading");
  next = $state.raw<C | null>(null);
  busy = $state(false);
  #turn = 0;

  constructor(call: (cursor: C | null) => Promise<{ data: T[]; next: C | null }>) {
    this.#call = call;
  }

  /** The first page, in place of all that was there. */
  async load(): Promise<void> {
    await this.#page(null);
  }

  async more(): Promise<void> {
    if (this.next !== null && !this.busy) await this.#page(this.next);
  }

  /** Takes the rows away, since others are asked for. */
  clear(): void {
    this.#turn++;
    this.rows = [];
    this.next = null;
    this.state = "loading";
  }

  async #page(cursor: C | null): Promise<void> {
    const turn = ++this.#turn;
    this.busy = true;
    try {
      const page = await this.#call(cursor);
      if (turn !== this.#turn) return;
      this.rows = cursor === null ? page.data : [...this.rows, ...page.data];
      this.next = page.next;
      this.state = "ready";
    } catch {
      if (turn === this.#turn && this.state !== "ready") this.state = "failed";
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }
}
