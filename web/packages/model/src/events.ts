import type { Connection } from "./types.ts";

/** What a view may have to draw again. Told only after the change is in the database. */
export type Change =
  /** The list of chats, or one chat's card, unread count or draft. */
  | { type: "chats" }
  /** The lines of one thread. */
  | { type: "thread"; conversation: string }
  /** How much of a message's file is on its way out, from 0 to 1. */
  | { type: "progress"; id: string; part: number }
  | { type: "typing"; conversation: string; on: boolean }
  /** Who the device is: registered, renamed, removed, erased. */
  | { type: "device" }
  | { type: "connection"; connection: Connection };

export type Listener = (change: Change) => void;

/** A list of listeners. */
export class Listeners {
  readonly #all = new Set<Listener>();
  add(listener: Listener): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }
  tell(change: Change): void {
    for (const listener of this.#all) listener(change);
  }
}
