import { type Duty, type Me, Refusal } from "@suki/console-api";
import type { World } from "./world.ts";

export type SignInState = "starting" | "unreachable" | "signed-out" | "signed-in";

/** Who is signed in. */
export class Session {
  readonly #world: World;
  state = $state<SignInState>("starting");
  me = $state.raw<Me | null>(null);
  /** Why the link did not let in: the server's code and words. */
  problem = $state.raw<{ code: string; detail: string } | null>(null);

  constructor(world: World) {
    this.#world = world;
  }

  may(duty: Duty): boolean {
    return this.me?.duties.includes(duty) ?? false;
  }

  /** Finds out whether somebody is signed in; with a token, signs in with it first. */
  async start(token: string | null): Promise<void> {
    this.state = "starting";
    this.problem = null;
    if (token !== null) {
      try {
        return this.#entered(await this.#world.client.signIn(token));
      } catch (error) {
        if (error instanceof Refusal) this.problem = { code: error.code, detail: error.detail };
      }
    }
    try {
      this.#entered(await this.#world.client.me());
    } catch (error) {
      this.state = error instanceof Refusal ? "signed-out" : "unreachable";
    }
  }

  /** Ends the session here and on the server; rejects when the server cannot be reached. */
  async signOut(): Promise<void> {
    try {
      await this.#world.client.signOut();
    } catch (error) {
      // Only the server can end a session: when it cannot be asked, nobody is told that it ended.
      if (!(error instanceof Refusal)) throw error;
    }
    this.ended();
  }

  /** The server no longer knows this session. */
  ended(): void {
    this.me = null;
    this.state = "signed-out";
  }

  #entered(me: Me): void {
    this.me = me;
    this.problem = null;
    this.state = "signed-in";
  }
}
