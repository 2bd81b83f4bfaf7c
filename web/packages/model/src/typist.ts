import type { Clock } from "@suki/api";

/** "Typing" is told again only after so long. */
const EVERY_MILLIS = 5_000;
/** Who has not written for so long does not type any more. */
const PAUSE_MILLIS = 8_000;

/** Tells the business that the person types: at most every 5 s, and once when he stops. */
export class Typist {
  readonly #clock: Clock;
  readonly #tell: (conversation: string, on: boolean) => void;
  #conversation: string | null = null;
  #toldAt = 0;
  #cancel: () => void = () => {};

  constructor(clock: Clock, tell: (conversation: string, on: boolean) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The text in the composer changed; `some` is whether there is any. */
  wrote(conversation: string, some: boolean): void {
    if (this.#conversation !== null && (this.#conversation !== conversation || !some)) this.#stop();
    if (!some) return;
    const now = this.#clock.now();
    if (this.#conversation === null || now - this.#toldAt >= EVERY_MILLIS) {
      this.#conversation = conversation;
      this.#toldAt = now;
      this.#tell(conversation, true);
    }
    this.#cancel();
    this.#cancel = this.#clock.after(PAUSE_MILLIS, () => this.#stop());
  }

  /** The message left: it ends the typing by itself. */
  sent(conversation: string): void {
    if (this.#conversation !== conversation) return;
    this.#cancel();
    this.#conversation = null;
  }

  #stop(): void {
    const conversation = this.#conversation;
    this.#cancel();
    this.#conversation = null;
    if (conversation !== null) this.#tell(conversation, false);
  }
}
