import type { Messenger, Relation, RelationChange, ReportReason } from "@suki/model";
import { type Obstacle, obstacle } from "./start.svelte.ts";

/** What this person lets one business do, and why it may write to him. */
export class RelationModel {
  readonly business: string;
  readonly #messenger: Messenger;
  relation = $state.raw<Relation | null>(null);
  busy = $state(false);
  failure = $state.raw<Obstacle | null>(null);

  constructor(messenger: Messenger, business: string) {
    this.#messenger = messenger;
    this.business = business;
  }

  load(): Promise<boolean> {
    return this.#do(() => this.#messenger.relation(this.business));
  }

  allow(wanted: RelationChange): Promise<boolean> {
    return this.#do(() => this.#messenger.allow(this.business, wanted));
  }

  /** Agrees in the words that were shown. */
  consent(wording: string): Promise<boolean> {
    return this.#do(() => this.#messenger.consent(this.business, wording, "about"));
  }

  withdraw(): Promise<boolean> {
    return this.#do(() => this.#messenger.withdraw(this.business));
  }

  report(reason: ReportReason, ids: readonly string[], block: boolean): Promise<boolean> {
    return this.#do(async () => {
      await this.#messenger.report(this.business, reason, ids, block);
      return this.#messenger.relation(this.business);
    });
  }

  /** Whether it was done; what stood in the way is in `failure`. */
  async #do(run: () => Promise<Relation>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      this.relation = await run();
      this.failure = null;
      return true;
    } catch (error) {
      this.failure = obstacle(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
