import { hex } from "@suki/api";
import type { Exchange } from "@suki/api/gen";

/** The business's endpoint did not answer in time. */
export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
  readonly code = "no-answer";
}

const WAIT_MILLIS = 30_000;

/** Questions to the business's endpoint that are no messages, such as the next screen of a form: who asked waits for the answer. */
export class Exchanges {
  readonly #later: (millis: number, run: () => void) => () => void;
  readonly #waiting = new Map<string, (json: string) => void>();

  constructor(later: (millis: number, run: () => void) => () => void) {
    this.#later = later;
  }

  /** The answer to the question with this id, as JSON. Fails with `NoAnswer`. */
  wait(id: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const cancel = this.#later(WAIT_MILLIS, () => {
        this.#waiting.delete(id);
        reject(new NoAnswer("the business did not answer"));
      });
      this.#waiting.set(id, (json) => {
        this.#waiting.delete(id);
        cancel();
        resolve(json);
      });
    });
  }

  /** The business answered. What nobody waits for any more is let go. */
  heard({ id, answer, json }: Exchange): void {
    if (answer) this.#waiting.get(hex(id))?.(new TextDecoder().decode(json));
  }
}
