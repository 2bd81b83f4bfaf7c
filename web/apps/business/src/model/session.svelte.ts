import { type Me, Refusal } from "@suki/inbox";
import type { World } from "./world.ts";

export type SignInState = "starting" | "unreachable" | "signed-out" | "signed-in";

/** Why signing in failed: `code` and `detail` are the server's, `unreachable` when it did not answer. */
export type SignInProblem = { by: "link" | "password"; code: string; detail: string };

/** Who is signed in. */
export class Session {
  readonly #world: World;
  state = $state<SignInState>("starting");
  me = $state.raw<Me | null>(null);
  /** Signed in by a link and without a password: the app offers to set one. */
  offerPassword = $state(false);
  /** Why the last attempt to sign in failed. */
  problem = $state.raw<SignInProblem | null>(null);
  busy = $state(false);

  constructor(world: World) {
    this.#world = world;
  }

  /** Finds out whether somebody is signed in; with a token, signs in with it first. */
  async start(token: string | null): Promise<void> {
    this.state = "starting";
    if (token !== null && (await this.withToken(token))) return;
    const refused = this.problem;
    try {
      this.#entered(await this.#world.client.me());
    } catch (error) {
      this.problem = refused;
      this.state = error instanceof Refusal ? "signed-out" : "unreachable";
    }
  }

  withToken(token: string): Promise<boolean> {
    return this.#attempt("link", async () => {
      const me = await this.#world.client.signInWithToken(token);
      this.offerPassword = !me.operator.has_password;
      return me;
    });
  }

  withPassword(email: string, password: string): Promise<boolean> {
    return this.#attempt("password", () => this.#world.client.signInWithPassword(email.trim(), password));
  }

  /** Sets the password; `current` is asked when there is one already. Rejects as the client does. */
  async setPassword(password: string, current?: string): Promise<void> {
    await this.#world.client.setPassword(password, current);
    if (this.me) this.me = { ...this.me, operator: { ...this.me.operator, has_password: true } };
    this.offerPassword = false;
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
    this.offerPassword = false;
    this.state = "signed-out";
  }

  #entered(me: Me): void {
    this.me = me;
    this.problem = null;
    this.state = "signed-in";
  }

  async #attempt(by: SignInProblem["by"], call: () => Promise<Me>): Promise<boolean> {
    this.busy = true;
    this.problem = null;
    try {
      this.#entered(await call());
      return true;
    } catch (error) {
      const refused = error instanceof Refusal;
      this.problem = {
        by,
        code: refused ? error.code : "unreachable",
        detail: refused ? error.detail || error.message : "",
      };
      return false;
    } finally {
      this.busy = false;
    }
  }
}
