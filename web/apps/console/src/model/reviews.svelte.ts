import type { Case, CaseKind, CaseState, NamedCase, QueueCount } from "@suki/console-api";
import { Pages } from "./loaded.svelte.ts";
import type { World } from "./world.ts";

const BEAT = 30_000;

/** The queues, and the list of one of them. */
export class Reviews {
  readonly #world: World;
  readonly list: Pages<NamedCase, string>;
  counts = $state.raw<readonly QueueCount[]>([]);
  kind = $state<CaseKind | null>(null);
  state = $state<CaseState>("open");
  #stop: (() => void) | null = null;

  constructor(world: World) {
    this.#world = world;
    this.list = new Pages((cursor) => world.client.cases({ state: this.state, kind: this.kind, cursor }));
  }

  get total(): number {
    return this.counts.reduce((sum, one) => sum + one.open, 0);
  }

  count(kind: CaseKind | null): number {
    return kind === null ? this.total : (this.counts.find((one) => one.kind === kind)?.open ?? 0);
  }

  /** Shows another queue. */
  async show(kind: CaseKind | null, state: CaseState): Promise<void> {
    if (kind !== this.kind || state !== this.state) {
      this.kind = kind;
      this.state = state;
      this.list.clear();
    }
    await this.list.load();
  }

  /** Looks at the counts from time to time, until the returned function is called. */
  start(): () => void {
    const beat = () => {
      void this.refresh();
      this.#stop = this.#world.after(BEAT, beat);
    };
    beat();
    return () => this.#stop?.();
  }

  async refresh(): Promise<void> {
    try {
      this.counts = (await this.#world.client.queues()).data;
    } catch {
      // The counts that are known stay until the next beat.
    }
  }

  /** A case was decided or withdrawn: it leaves the list of those that wait. */
  gone(id: string): void {
    if (this.state === "open") this.list.rows = this.list.rows.filter((row) => row.id !== id);
    void this.refresh();
  }

  /** The case after (1) or before (-1) another; the first when none is chosen. */
  neighbour(id: string | null, step: 1 | -1): string | null {
    const rows = this.list.rows;
    const at = rows.findIndex((row) => row.id === id);
    if (at < 0) return rows[step > 0 ? 0 : rows.length - 1]?.id ?? null;
    return rows[at + step]?.id ?? null;
  }

  /** What stands in a case's place once it has gone. */
  successor(id: string): string | null {
    return this.neighbour(id, 1) ?? this.neighbour(id, -1);
  }
}

/** One case before the operator. Every method rejects as the client does. */
export class Desk {
  readonly #world: World;
  readonly id: string;
  case = $state.raw<Case | null>(null);
  state = $state<"loading" | "ready" | "missing" | "failed">("loading");
  busy = $state(false);

  constructor(world: World, id: string) {
    this.#world = world;
    this.id = id;
  }

  async load(): Promise<void> {
    try {
      this.case = await this.#world.client.case(this.id);
      this.state = "ready";
    } catch (error) {
      if (this.state !== "ready") this.state = (error as { status?: number }).status === 404 ? "missing" : "failed";
    }
  }

  /** Whether another operator has it now. */
  get taken(): boolean {
    const one = this.case;
    return (
      !!one &&
      one.state === "open" &&
      !one.mine &&
      one.claimed_by !== null &&
      (one.claimed_until ?? 0) > this.#world.now()
    );
  }

  async claim(): Promise<void> {
    this.case = await this.#world.client.claim(this.id);
  }

  /** Puts the case back, if it is this operator's. */
  async release(): Promise<void> {
    if (!this.case?.mine || this.case.state !== "open") return;
    await this.#world.client.release(this.id);
    this.case = { ...this.case, mine: false, claimed_by: null, claimed_until: null };
  }

  async decide(approve: boolean, reason: string, code: string | null): Promise<void> {
    this.busy = true;
    try {
      this.case = await this.#world.client.decide(this.id, { approve, reason: reason.trim(), code });
    } finally {
      this.busy = false;
    }
  }
}
