import { type Operator, Refusal, type Role } from "@suki/inbox";
import type { World } from "./world.ts";

/** The colleagues at this inbox. Every method rejects as the client does. */
export class Team {
  readonly #world: World;
  readonly #me: Operator;
  operators = $state.raw<readonly Operator[]>([]);
  state = $state<"loading" | "ready" | "failed">("loading");

  constructor(world: World, me: Operator) {
    this.#world = world;
    this.#me = me;
  }

  /** Owners and admins invite and remove. */
  get manages(): boolean {
    return this.#me.role !== "operator";
  }

  /** The last owner stays, nobody removes himself, and only an owner removes an owner. */
  removable(operator: Operator): boolean {
    if (!this.manages || operator.id === this.#me.id) return false;
    return operator.role !== "owner" || (this.#me.role === "owner" && this.#owners > 1);
  }

  /** The roles this operator may give. */
  get roles(): Role[] {
    return this.#me.role === "owner" ? ["operator", "admin", "owner"] : ["operator", "admin"];
  }

  get #owners(): number {
    return this.operators.filter((one) => one.role === "owner").length;
  }

  async load(): Promise<void> {
    try {
      this.operators = await this.#world.client.operators();
      this.state = "ready";
    } catch {
      if (this.state !== "ready") this.state = "failed";
    }
  }

  /** Invites a colleague and answers with the one-time link to hand over. */
  async invite(name: string, email: string, role: Role): Promise<string> {
    const { operator, sign_in_link } = await this.#world.client.invite(name.trim(), email.trim(), role);
    this.operators = [...this.operators.filter((one) => one.id !== operator.id), operator];
    return sign_in_link;
  }

  signInLink(id: string): Promise<string> {
    return this.#world.client.signInLink(id);
  }

  async remove(id: string): Promise<void> {
    try {
      await this.#world.client.removeOperator(id);
    } catch (error) {
      if (!(error instanceof Refusal) || error.status !== 404) throw error;
    }
    this.operators = this.operators.filter((one) => one.id !== id);
  }
}
