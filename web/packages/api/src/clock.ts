/** Time as an argument: tests move it, nothing sleeps. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs something once, so many milliseconds from now; the answer cancels it. */
  after(millis: number, run: () => void): () => void;
}

/** The clock of the world outside. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(millis, run) {
    const timer = setTimeout(run, millis);
    return () => clearTimeout(timer);
  },
};

/** A clock that stands until it is moved. */
export class ManualClock implements Clock {
  #now: number;
  #waiting: { at: number; run: () => void }[] = [];
  constructor(now = 1_767_225_600_000) {
    this.#now = now;
  }
  now(): number {
    return this.#now;
  }
  after(millis: number, run: () => void): () => void {
    const entry = { at: this.#now + millis, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((one) => one !== entry);
    };
  }
  /** Moves on and runs what has come due, in order. */
  advance(millis: number): void {
    const end = this.#now + millis;
    for (;;) {
      const due = this.#waiting.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#waiting = this.#waiting.filter((one) => one !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }
}
