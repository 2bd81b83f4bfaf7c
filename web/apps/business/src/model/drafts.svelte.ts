import type { Shelf } from "@suki/ui/logic";
import { SvelteMap } from "svelte/reactivity";

const KEY = "suki.inbox.drafts";
const MOST = 200;

/** What was begun and not sent, per chat, on this device only. */
export class Drafts {
  readonly #shelf: Shelf;
  readonly #texts = new SvelteMap<string, string>();

  constructor(shelf: Shelf) {
    this.#shelf = shelf;
    for (const [chat, text] of this.#kept()) this.#texts.set(chat, text);
  }

  get(chat: string): string {
    return this.#texts.get(chat) ?? "";
  }

  set(chat: string, text: string): void {
    if (this.get(chat) === text) return;
    // Other windows keep their drafts on the same shelf: each changes only its own.
    const kept = this.#kept().filter(([id]) => id !== chat);
    this.#texts.delete(chat);
    if (text.trim()) {
      this.#texts.set(chat, text);
      kept.push([chat, text]);
    }
    // The oldest go first: a device keeps a bounded number.
    this.#shelf.set(KEY, JSON.stringify(Object.fromEntries(kept.slice(-MOST))));
  }

  #kept(): [string, string][] {
    try {
      const kept: unknown = JSON.parse(this.#shelf.get(KEY) ?? "{}");
      return Object.entries(kept as Record<string, unknown>).filter(
        (pair): pair is [string, string] => typeof pair[1] === "string",
      );
    } catch {
      return [];
    }
  }

  clear(): void {
    this.#texts.clear();
    this.#shelf.remove(KEY);
  }
}
