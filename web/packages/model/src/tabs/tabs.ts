import type { Clock } from "@suki/api";
import type { Change } from "../events.ts";
import type { TabsPort } from "./port.ts";

type Wire =
  | { type: "call"; id: string; method: string; args: unknown[] }
  | { type: "answer"; id: string; value: unknown }
  | { type: "failure"; id: string; error: { name: string; message: string; code: unknown; detail: unknown } }
  | { type: "change"; change: Change };

/** What the tab that owns the device does. */
export interface Leader {
  call(method: string, args: unknown[]): Promise<unknown>;
  stop(): void;
}

export interface TabsOptions {
  port: TabsPort;
  clock: Clock;
  newId(): string;
  /** This tab owns the device from now on. */
  lead(): Promise<Leader>;
  /** Something changed, whichever tab did it. */
  changed(change: Change): void;
}

/** An owner that does not answer for so long is frozen, and is replaced. */
const PATIENCE_MILLIS = 3_000;
/** So long a call may take that the owner has begun. */
const CALL_MILLIS = 60_000;

/** A call that failed in the tab that owns the device. */
export class CallError extends Error {
  readonly code: unknown;
  readonly detail: unknown;
  constructor(name: string, message: string, code: unknown, detail: unknown) {
    super(message);
    this.name = name;
    this.code = code;
    this.detail = detail;
  }
}

/** All tabs live, one owns: the others ask it, and take over when it does not answer. */
export class Tabs {
  readonly #options: TabsOptions;
  readonly #calls = new Map<string, { begun(): void; led(): void; end(message: Wire): void }>();
  #leader: Promise<Leader> | null = null;
  #awaiting: ((leader: Promise<Leader>) => void)[] = [];
  #closed = false;

  constructor(options: TabsOptions) {
    this.#options = options;
    options.port.listen((message) => this.#heard(message as Wire | { type: "begun"; id: string }));
  }

  /** Waits in line for the ownership. */
  join(): void {
    this.#lead(false);
  }

  get leads(): boolean {
    return this.#leader !== null;
  }

  close(): void {
    this.#closed = true;
    void this.#leader?.then((leader) => leader.stop());
    this.#options.port.close();
  }

  /** Tells every tab, this one too. */
  tell(change: Change): void {
    this.#options.changed(change);
    if (!this.#closed) this.#options.port.post({ type: "change", change });
  }

  /** Asks the tab that owns the device, which may be this one. A frozen owner is replaced by this tab. */
  async call(method: string, args: unknown[]): Promise<unknown> {
    const answered = this.#leader ? null : await this.#ask(method, args);
    if (answered) return answered.value;
    if (!this.#leader) this.#lead(true);
    const led = this.#leader ?? (await new Promise<Promise<Leader>>((resolve) => this.#awaiting.push(resolve)));
    return (await led).call(method, args);
  }

  #lead(steal: boolean): void {
    this.#options.port.lead(async (deposed) => {
      if (this.#closed) return;
      const leader = this.#options.lead();
      this.#leader = leader;
      for (const call of [...this.#calls.values()]) call.led();
      for (const resolve of this.#awaiting.splice(0)) resolve(leader);
      const over = new Promise<void>((resolve) => deposed.addEventListener("abort", () => resolve()));
      await over;
      (await leader).stop();
      this.#leader = null;
      // Back in line: whoever took the ownership may go first.
      if (!this.#closed) this.#lead(false);
    }, steal);
  }

  #ask(method: string, args: unknown[]): Promise<{ value: unknown } | null> {
    const { clock, port, newId } = this.#options;
    const id = newId();
    return new Promise((resolve, reject) => {
      let cancel = clock.after(PATIENCE_MILLIS, () => done(() => resolve(null)));
      const done = (settle: () => void) => {
        cancel();
        this.#calls.delete(id);
        settle();
      };
      this.#calls.set(id, {
        begun: () => {
          cancel();
          cancel = clock.after(CALL_MILLIS, () => done(() => resolve(null)));
        },
        led: () => done(() => resolve(null)),
        end: (message) => {
          if (message.type === "answer") done(() => resolve({ value: message.value }));
          if (message.type !== "failure") return;
          const { name, message: text, code, detail } = message.error;
          done(() => reject(new CallError(name, text, code, detail)));
        },
      });
      port.post({ type: "call", id, method, args });
    });
  }

  #heard(message: Wire | { type: "begun"; id: string }): void {
    if (this.#closed) return;
    if (message.type === "change") this.#options.changed(message.change);
    else if (message.type === "call") void this.#serve(message);
    else if (message.type === "begun") this.#calls.get(message.id)?.begun();
    else this.#calls.get(message.id)?.end(message);
  }

  async #serve({ id, method, args }: Extract<Wire, { type: "call" }>): Promise<void> {
    if (!this.#leader) return;
    const { port } = this.#options;
    port.post({ type: "begun", id });
    try {
      port.post({ type: "answer", id, value: await (await this.#leader).call(method, args) });
    } catch (error) {
      const { name, message, code, detail } = error as Error & { code?: unknown; detail?: unknown };
      port.post({ type: "failure", id, error: { name, message, code, detail } });
    }
  }
}
