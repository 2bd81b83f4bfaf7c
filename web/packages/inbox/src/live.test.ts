import { describe, expect, it } from "vitest";
import { InboxClient, Refusal, Unreachable } from "./client.ts";
import { LiveLink, type Socket } from "./live.ts";
import type { Live } from "./types.ts";

function world() {
  const sockets: (Socket & { closed: boolean })[] = [];
  const timers: { wait: number; run: () => void; off: boolean }[] = [];
  const events: Live[] = [];
  const states: string[] = [];
  const link = new LiveLink(
    {
      open() {
        const socket = { onopen: null, onmessage: null, onclose: null, closed: false, close: () => {} } as Socket & {
          closed: boolean;
        };
        socket.close = () => {
          socket.closed = true;
        };
        sockets.push(socket);
        return socket;
      },
      random: () => 1,
      after(wait, run) {
        const timer = { wait, run, off: false };
        timers.push(timer);
        return () => {
          timer.off = true;
        };
      },
    },
    (event) => events.push(event),
    (state) => states.push(state),
  );
  const last = <T>(list: T[]): T => list[list.length - 1] as T;
  return {
    link,
    sockets,
    events,
    states,
    socket: () => last(sockets),
    waiting: () => timers.filter((timer) => !timer.off),
    fire() {
      const timer = last(timers.filter((one) => !one.off));
      timer.off = true;
      timer.run();
    },
    say: (event: unknown) =>
      last(sockets).onmessage?.({ data: typeof event === "string" ? event : JSON.stringify(event) }),
    cut: () => last(sockets).onclose?.({ code: 1006 }),
  };
}

describe("the live link", () => {
  it("is online only after the server's hello", () => {
    const w = world();
    w.link.start();
    expect(w.states).toEqual([]);
    w.say({ type: "hello", now: 1 });
    expect(w.states).toEqual(["online"]);
    expect(w.waiting()).toEqual([]);
  });
  it("waits longer after each failure, at most half a minute, and starts anew after a hello", () => {
    const w = world();
    w.link.start();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt++) {
      w.cut();
      waits.push(w.waiting()[0]?.wait ?? 0);
      w.fire();
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    w.say({ type: "hello", now: 1 });
    w.cut();
    expect(w.waiting()[0]?.wait).toBe(500);
  });
  it("gives up a socket that never says hello", () => {
    const w = world();
    w.link.start();
    w.fire();
    expect(w.sockets[0]?.closed).toBe(true);
    expect(w.waiting()[0]?.wait).toBe(500);
  });
  it("rests while the device has no network and wakes at once", () => {
    const w = world();
    w.link.start();
    w.say({ type: "hello", now: 1 });
    w.link.rest();
    expect(w.waiting()).toEqual([]);
    expect(w.sockets).toHaveLength(1);
    w.link.wake();
    expect(w.sockets).toHaveLength(2);
    w.say({ type: "hello", now: 2 });
    expect(w.states).toEqual(["online", "offline", "connecting", "online"]);
  });
  it("ignores what is not JSON, and everything from a socket it left", () => {
    const w = world();
    w.link.start();
    const old = w.socket().onmessage;
    w.say("{");
    w.cut();
    w.fire();
    old?.({ data: JSON.stringify({ type: "hello", now: 1 }) });
    expect(w.events).toEqual([]);
    w.link.stop();
    w.link.wake();
    expect(w.sockets).toHaveLength(2);
  });
});

describe("the client", () => {
  const answering = (status: number, body: string) =>
    new InboxClient(async () => new Response(status === 204 ? null : body, { status }));
  it("tells a refusal from an answer it cannot trust", async () => {
    const refusal = answering(
      409,
      JSON.stringify({ code: "window_closed", title: "The window is closed", detail: "…", status: 409 }),
    );
    await expect(refusal.me()).rejects.toMatchObject({ name: "Refusal", code: "window_closed", status: 409 });
    await expect(answering(502, "<html>").me()).rejects.toBeInstanceOf(Unreachable);
    await expect(answering(200, "<html>").me()).rejects.toBeInstanceOf(Unreachable);
    await expect(answering(401, "").me()).rejects.toBeInstanceOf(Refusal);
    await expect(answering(204, "").signOut()).resolves.toBeUndefined();
  });
  it("sends JSON with its type on every call that changes something, and escapes ids", async () => {
    const seen: { url: string; init: RequestInit }[] = [];
    const client = new InboxClient(async (url, init) => {
      seen.push({ url, init });
      return new Response(null, { status: 204 });
    });
    await client.removeOperator("../x");
    await client.read("c/1", "m");
    expect(seen.map((call) => call.url)).toEqual(["/inbox/api/operators/..%2Fx", "/inbox/api/chats/c%2F1/read"]);
    for (const call of seen) expect(call.init.headers).toEqual({ "Content-Type": "application/json" });
  });
});
