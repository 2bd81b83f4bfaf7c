import type { Announcement, Operator, Standing, Subject, Terms, TrustStatus } from "@suki/inbox";
import { explainError } from "../problems.ts";
import type { World } from "./world.ts";

/** How the business stands: who the platform says it is, its limits and quality, and what the platform announces. */
export class BusinessModel {
  readonly #world: World;
  readonly #me: Operator;
  trust = $state.raw<TrustStatus | null>(null);
  terms = $state.raw<Terms | null>(null);
  standing = $state.raw<Standing | null>(null);
  announcements = $state.raw<readonly Announcement[]>([]);
  state = $state<"loading" | "ready" | "failed">("loading");
  busy = $state(false);
  /** Why the last thing asked for was not done. */
  problem = $state<string | null>(null);

  constructor(world: World, me: Operator) {
    this.#world = world;
    this.#me = me;
  }

  /** Only owners sign for the business. */
  get signs(): boolean {
    return this.#me.role === "owner";
  }

  /** Owners and admins appeal. */
  get appeals(): boolean {
    return this.#me.role !== "operator";
  }

  /** New terms wait for the owner's word. */
  get mustAccept(): boolean {
    return this.terms !== null && this.terms.accepted_version < this.terms.current.version;
  }

  async load(): Promise<void> {
    const { client } = this.#world;
    try {
      const [trust, terms, standing, announcements] = await Promise.all([
        client.trust(),
        client.terms(),
        client.standing(),
        client.announcements(),
      ]);
      Object.assign(this, { trust, terms, standing, announcements: announcements.data, state: "ready" });
    } catch {
      if (this.state !== "ready") this.state = "failed";
    }
  }

  accept = () =>
    this.do(async () => {
      this.terms = await this.#world.client.acceptTerms(this.terms?.current.version ?? 0);
    });

  askForName = (name: string) => this.#trusted(() => this.#world.client.askForName(name));

  withdraw = (subject: Subject) => this.#trusted(() => this.#world.client.withdrawTrust(subject));

  appeal = (subject: Subject, text: string) => this.#trusted(() => this.#world.client.appealTrust(subject, text));

  appealStanding = (what: number, text: string) =>
    this.do(async () => {
      await this.#world.client.appealStanding(what, text);
      this.standing = await this.#world.client.standing();
    });

  #trusted(run: () => Promise<TrustStatus>): Promise<boolean> {
    return this.do(async () => {
      this.trust = await run();
    });
  }

  /** Whether it was done; what stood in the way is in `problem`. */
  async do(run: () => Promise<void>): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      await run();
      this.problem = null;
      return true;
    } catch (error) {
      this.problem = explainError(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
