import type { World } from "./world.ts";

const BEAT = 5_000;

/** The server's time, as far as it is known, moving on every few seconds so that countdowns move with it. */
export class Clock {
  readonly #world: World;
  #offset = 0;
  #now = $state(0);
  #stop: (() => void) | null = null;

  constructor(world: World) {
    this.#world = world;
    this.#now = world.now();
  }

  /** For what is shown: changes every few seconds. */
  get now(): number {
    return this.#now;
  }

  /** For what is decided: this very moment. */
  exact(): number {
    return this.#world.now() + this.#offset;
  }

  /** The server said what time it is. */
  set(server: number): void {
    this.#offset = server - this.#world.now();
    this.#now = server;
  }

  start(): void {
    this.stop();
    this.#stop = this.#world.after(BEAT, () => {
      this.#now = this.exact();
      this.start();
    });
  }

  /** Moves what is shown to this moment: a page that slept has missed its beats. */
  refresh(): void {
    this.#now = this.exact();
  }

  stop(): void {
    this.#stop?.();
    this.#stop = null;
  }
}
