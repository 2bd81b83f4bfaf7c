import { SvelteMap } from "svelte/reactivity";
import type { Shelf } from "./world.ts";

const KEY = "suki.inbox.drafts";
const MOST = 200;

/** What was begun and not sent, per chat, on this device only. */
export class Drafts {
  readonly #shelf: Shelf;
  readonly #texts = new SvelteMap<string, string>();

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    try {
      const kept: unknown = JSON.parse(shelf.get(KEY) ?? "{}");
      for (const [chat, text] of Object.entries(kept as Record<string, unknown>)) {
        if (typeof text === "string") this.#texts.set(chat, text);
      }
    } catch {
      shelf.remove(KEY);
    }
  }

  get(chat: string): string {
    return this.#texts.get(chat) ?? "";
  }

  set(chat: string, text: string): void {
    if (this.get(chat) === text) return;
    this.#texts.delete(chat);
    if (text.trim()) this.#texts.set(chat, text);
    // The oldest go first: a device keeps a bounded number.
    for (const oldest of this.#texts.keys()) {
      if (this.#texts.size <= MOST) break;
      this.#texts.delete(oldest);
    }
    this.#shelf.set(KEY, JSON.stringify(Object.fromEntries(this.#texts)));
  }

  clear(): void {
    this.#texts.clear();
    this.#shelf.remove(KEY);
  }
}
