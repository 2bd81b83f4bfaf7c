import type { Bill, Counts, Dimension, Point, Team } from "@suki/inbox";
import { explainError } from "../problems.ts";
import type { World } from "./world.ts";

const DAY = 86_400_000;
const NOTHING: Counts = { sent: 0, delivered: 0, read: 0, received: 0, replied: 0, visited: 0 };

/** Counters of a period and of the one before it, and the bill of a month. */
export class Figures {
  readonly #world: World;
  days = $state(30);
  total = $state.raw<Counts | null>(null);
  before = $state.raw<Counts | null>(null);
  daily = $state.raw<readonly Point[]>([]);
  by = $state<Dimension>("category");
  parts = $state.raw<readonly Point[]>([]);
  team = $state.raw<Team | null>(null);
  month = $state("");
  bill = $state.raw<Bill | null>(null);
  problem = $state<string | null>(null);

  constructor(world: World) {
    this.#world = world;
    this.month = new Date(world.now()).toISOString().slice(0, 7);
  }

  /** Whole days of UTC, today the last of them. */
  get span(): { from: number; to: number } {
    const to = Math.floor(this.#world.now() / DAY) * DAY + DAY;
    return { from: to - this.days * DAY, to };
  }

  async load(): Promise<void> {
    const { client } = this.#world;
    const { from, to } = this.span;
    const days = this.days;
    await this.#try(async () => {
      const [now, before, daily, team] = await Promise.all([
        client.statistics(from, to, "total"),
        client.statistics(from - (to - from), from, "total"),
        client.statistics(from, to, "day"),
        client.team(from, to),
      ]);
      if (days !== this.days) return;
      this.total = now[0]?.counts ?? NOTHING;
      this.before = before[0]?.counts ?? NOTHING;
      this.daily = filled(daily, from, to);
      this.team = team;
    });
    await this.split(this.by);
  }

  async split(by: Dimension): Promise<void> {
    this.by = by;
    const { from, to } = this.span;
    await this.#try(async () => {
      const parts = await this.#world.client.statistics(from, to, "total", [by]);
      if (this.by === by) this.parts = parts.toSorted((a, b) => b.counts.sent - a.counts.sent);
    });
  }

  async loadBill(): Promise<void> {
    const { month } = this;
    await this.#try(async () => {
      const bill = await this.#world.client.bill(month);
      if (month === this.month) this.bill = bill;
    });
  }

  /** Another month, so many later. */
  async turn(months: number): Promise<void> {
    const at = new Date(`${this.month}-01T00:00:00Z`);
    at.setUTCMonth(at.getUTCMonth() + months);
    this.month = at.toISOString().slice(0, 7);
    await this.loadBill();
  }

  get isNow(): boolean {
    return this.month >= new Date(this.#world.now()).toISOString().slice(0, 7);
  }

  async #try(run: () => Promise<void>): Promise<void> {
    try {
      await run();
      this.problem = null;
    } catch (error) {
      this.problem = explainError(error);
    }
  }
}

/** A point for every day, also for those on which nothing happened. */
function filled(points: readonly Point[], from: number, to: number): Point[] {
  const known = new Map(points.map((one) => [Math.floor(one.at / DAY), one]));
  const days = Array.from({ length: Math.round((to - from) / DAY) }, (_, index) => from / DAY + index);
  return days.map(
    (day) => known.get(day) ?? { at: day * DAY, category: "", template: 0, country: "", counts: NOTHING },
  );
}
