import { type Message, Refusal } from "@suki/inbox";
import type { Outbox, Unsent } from "./outbox.svelte.ts";
import type { World } from "./world.ts";

const RETRY = 3_000;

type Hooks = {
  /** The server took it. */
  taken: (message: Message) => void;
  /** The session ended. */
  ended: () => void;
  /** The server refused a message of this chat: what is known of the chat may be old. */
  refused: (chat: string) => void;
};

/** Brings the outbox to the server: in order within a chat, once each, for as long as it takes. */
export class Sender {
  readonly #world: World;
  readonly #outbox: Outbox;
  readonly #hooks: Hooks;
  readonly #busy = new Set<string>();
  #cancel: (() => void) | null = null;
  #stopped = false;

  constructor(world: World, outbox: Outbox, hooks: Hooks) {
    this.#world = world;
    this.#outbox = outbox;
    this.#hooks = hooks;
  }

  /** Puts a text into the outbox and sets out; false when the outbox is full. */
  send(chat: string, text: string, replyTo: Unsent["reply_to"], at: number): boolean {
    if (this.#outbox.full) return false;
    this.#outbox.put({ id: this.#world.newMessageId(), chat, text, reply_to: replyTo, at, refused: null });
    void this.#drain(chat);
    return true;
  }

  /** Tries a refused message again, under the same id. */
  again(id: string): void {
    const unsent = this.#outbox.find(id);
    if (!unsent) return;
    this.#outbox.put({ ...unsent, refused: null });
    void this.#drain(unsent.chat);
  }

  /** Tries everything that waits; called when the server is there again. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = null;
    for (const chat of new Set(this.#outbox.all().map((unsent) => unsent.chat))) void this.#drain(chat);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  async #drain(chat: string): Promise<void> {
    if (this.#busy.has(chat)) return;
    this.#busy.add(chat);
    try {
      for (;;) {
        const unsent = this.#outbox.of(chat).find((one) => one.refused === null);
        if (!unsent || this.#stopped || !(await this.#try(unsent))) return;
      }
    } finally {
      this.#busy.delete(chat);
    }
  }

  // True: go on with the next one.
  async #try(unsent: Unsent): Promise<boolean> {
    const { id, chat, text, reply_to } = unsent;
    try {
      const message = await this.#world.client.send(chat, { id, text, ...(reply_to ? { reply_to: reply_to.id } : {}) });
      this.#hooks.taken(message);
      this.#outbox.remove(id);
      return true;
    } catch (error) {
      if (!(error instanceof Refusal) || error.status >= 500 || error.status === 429) {
        this.#later();
        return false;
      }
      if (error.status === 401) {
        this.#hooks.ended();
        return false;
      }
      // An earlier try may have arrived although its answer was lost: then the message has come back as an event.
      if (!this.#outbox.find(id)) return true;
      this.#outbox.put({ ...unsent, refused: { code: error.code, detail: error.detail || error.message } });
      this.#hooks.refused(chat);
      return true;
    }
  }

  #later(): void {
    if (this.#stopped || this.#cancel) return;
    this.#cancel = this.#world.after(RETRY, () => this.flush());
  }
}
