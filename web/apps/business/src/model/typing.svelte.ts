import { SvelteMap } from "svelte/reactivity";
import type { World } from "./world.ts";

/** For how long "is typing" holds without news, in milliseconds. */
const HOLDS = 25_000;
/** How often the others are told again that this operator types. */
const REPEAT = 5_000;

export type Typist = { who: "customer" | "operator"; id: string; name: string | null };

/** Who is typing in which chat, and the telling of others that this operator is. */
export class Typing {
  readonly #world: World;
  readonly #typists = new SvelteMap<string, Typist[]>();
  readonly #timers = new Map<string, () => void>();
  #told: { chat: string; at: number } | null = null;

  constructor(world: World) {
    this.#world = world;
  }

  in(chat: string): readonly Typist[] {
    return this.#typists.get(chat) ?? [];
  }

  heard(chat: string, typist: Typist, on: boolean): void {
    const key = `${chat}/${typist.id}`;
    this.#timers.get(key)?.();
    this.#timers.delete(key);
    const others = this.in(chat).filter((one) => one.id !== typist.id);
    if (on) {
      this.#typists.set(chat, [...others, typist]);
      this.#timers.set(
        key,
        this.#world.after(HOLDS, () => this.heard(chat, typist, false)),
      );
    } else if (others.length) this.#typists.set(chat, others);
    else this.#typists.delete(chat);
  }

  /** A message from them arrived: they no longer type it. */
  wrote(chat: string, id: string): void {
    const typist = this.in(chat).find((one) => one.id === id);
    if (typist) this.heard(chat, typist, false);
  }

  /** This operator changed the text in the composer. */
  tell(chat: string, text: string): void {
    const now = this.#world.now();
    if (!text.trim()) {
      this.stop();
      return;
    }
    if (this.#told?.chat === chat && now - this.#told.at < REPEAT) return;
    if (this.#told && this.#told.chat !== chat) this.stop();
    this.#told = { chat, at: now };
    this.#world.client.typing(chat, true).catch(() => {});
  }

  /** This operator sent the text, emptied it or left. */
  stop(): void {
    if (!this.#told) return;
    const { chat } = this.#told;
    this.#told = null;
    this.#world.client.typing(chat, false).catch(() => {});
  }

  clear(): void {
    for (const stop of this.#timers.values()) stop();
    this.#timers.clear();
    this.#typists.clear();
  }
}
