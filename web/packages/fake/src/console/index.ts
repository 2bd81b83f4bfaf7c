import type { Fetch, Role } from "@suki/console-api";
import { answer, refuse } from "./routes.ts";
import { Store } from "./store.ts";

export type FakeOptions = {
  now: () => number;
  after: (milliseconds: number, run: () => void) => void;
  /** `empty` has nothing to decide; `signed-out` asks for a link; `offline` never answers; `finance` and `reviewer` are roles. */
  scene?: "busy" | "empty" | "signed-out" | "offline" | "finance" | "reviewer";
};

export type FakeConsole = {
  fetch: Fetch;
  store: Store;
  /** Refuses connections until called with true. */
  reachable: (yes: boolean) => void;
};

/** The network's console inside the page: for developing without a server, for tests and for screenshots. */
export function fakeConsole({ now, after, scene = "busy" }: FakeOptions): FakeConsole {
  const role: Role = scene === "finance" || scene === "reviewer" ? scene : "admin";
  const store = new Store(now, role, scene === "empty");
  let signedIn = scene !== "signed-out";
  let up = scene !== "offline";
  const call: Fetch = async (input, init) => {
    const url = new URL(input, "http://fake.invalid");
    const path = url.pathname.replace(/^\/console\/api/, "");
    await new Promise<void>((resolve) => after(up ? 40 : 150, resolve));
    if (!up) throw new TypeError("unreachable");
    const body = typeof init.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {};
    if (path === "/sign-in") {
      if (String(body.token).startsWith("expired"))
        return respond(
          refuse(
            401,
            "unauthorized",
            "Sign in first.",
            "this sign-in link was used already or is too old; ask for a new one",
          ),
        );
      signedIn = true;
      return respond({ status: 200, body: { ...store.me, now: now() } });
    }
    if (!signedIn)
      return respond(
        refuse(401, "unauthorized", "Sign in first.", "not signed in, or the session has ended; sign in again"),
      );
    if (path === "/sign-out") signedIn = false;
    return respond(answer(store, init.method ?? "GET", path, url.searchParams, body));
  };
  return {
    fetch: call,
    store,
    reachable: (yes) => {
      up = yes;
    },
  };
}

function respond({ status, body }: { status: number; body?: unknown }): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), { status });
}
