import type { Fetch, Live, Socket } from "@suki/inbox";
import { bytesOf } from "./contents.ts";
import { Life } from "./life.ts";
import { answer, signIn } from "./routes.ts";
import { Store } from "./store.ts";

export type FakeOptions = {
  now: () => number;
  after: (milliseconds: number, run: () => void) => void;
  /** `empty` is a shop that opened today; `signed-out` asks for a sign-in first; `offline` never answers; in `contents` a customer
   * has said everything that can be said. */
  scene?: "busy" | "empty" | "signed-out" | "offline" | "operator" | "contents";
};

export type FakeInbox = {
  fetch: Fetch;
  open: () => Socket;
  store: Store;
  life: Life;
  /** Cuts every connection and refuses new ones until called with true. */
  reachable: (yes: boolean) => void;
};

/** An inbox server inside the page: for developing without a server, for tests and for screenshots. */
export function fakeInbox({ now, after, scene = "busy" }: FakeOptions): FakeInbox {
  const store = new Store(now, scene);
  const life = new Life(store, after);
  let signedIn = scene !== "signed-out";
  let up = scene !== "offline";
  const open = new Set<() => void>();
  if (scene === "operator") store.me.operator = store.operators[2] ?? store.me.operator;

  const call: Fetch = async (input, init) => {
    const url = new URL(input, "http://fake.invalid");
    const path = url.pathname.replace(/^\/inbox\/api/, "");
    await new Promise<void>((resolve) => after(up ? 60 : 200, resolve));
    if (!up) throw new TypeError("unreachable");
    const body = typeof init.body === "string" ? (JSON.parse(init.body) as Record<string, unknown>) : {};
    if (path === "/sign-in") {
      const reply = signIn(store, body);
      signedIn ||= reply.status === 200;
      return respond(reply);
    }
    if (!signedIn)
      return respond({ status: 401, body: { code: "signed_out", title: "Sign in first", detail: "", status: 401 } });
    if (path === "/media" && init.body instanceof Blob)
      return respond(store.attached.upload(url.searchParams, init.body));
    const wanted = /^\/messages\/(\w+)\/files\/(\d+)$/.exec(path);
    const holder = wanted && store.find(wanted[1] ?? "");
    if (holder) return new Response(store.attached.file(holder.id) ?? bytesOf(holder, Number(wanted[2])));
    if (path === "/sign-out") signedIn = false;
    return respond(answer(store, life, init.method ?? "GET", path, url.searchParams, body));
  };

  const connect = (): Socket => {
    const socket: Socket = { onopen: null, onmessage: null, onclose: null, close: () => end(false) };
    const listener = (event: Live) => socket.onmessage?.({ data: JSON.stringify(event) });
    const cut = () => end(true);
    const end = (tell: boolean) => {
      store.listeners.delete(listener);
      open.delete(cut);
      if (tell) socket.onclose?.({ code: 1006 });
    };
    after(80, () => {
      if (!up || !signedIn) return end(true);
      open.add(cut);
      store.listeners.add(listener);
      socket.onopen?.();
      listener({ type: "hello", now: now() });
    });
    return socket;
  };

  const reachable = (yes: boolean) => {
    up = yes;
    if (!yes) for (const cut of [...open]) cut();
  };
  return { fetch: call, open: connect, store, life, reachable };
}

function respond({ status, body }: { status: number; body?: unknown }): Response {
  return new Response(body === undefined ? null : JSON.stringify(body), { status });
}
