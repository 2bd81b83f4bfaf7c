/** A clock that stands still until a test moves it; timers run on the way, in order. */
export class TestClock {
  #now: number;
  #next = 0;
  #timers: { at: number; id: number; run: () => void }[] = [];

  constructor(now = 1_795_000_000_000) {
    this.#now = now;
  }

  now = (): number => this.#now;

  after = (milliseconds: number, run: () => void): (() => void) => {
    const id = this.#next++;
    this.#timers.push({ at: this.#now + milliseconds, id, run });
    return () => {
      this.#timers = this.#timers.filter((timer) => timer.id !== id);
    };
  };

  /** Moves on by so many milliseconds and runs what is due, letting promises settle in between. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    for (;;) {
      await settled();
      const due = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at || a.id - b.id)[0];
      if (!due) break;
      this.#timers = this.#timers.filter((timer) => timer !== due);
      this.#now = due.at;
      due.run();
    }
    this.#now = end;
  }
}

// Promises that depend on each other settle in turns; a macrotask lies behind all of them.
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
