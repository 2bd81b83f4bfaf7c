import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { beforeEach, expect, test } from "vitest";
import { ManualClock } from "./clock.ts";
import { type ClientFrame, ClientFrameSchema, RefusalCode, ServerFrameSchema } from "./gen/suki/v1/suki_pb.ts";
import { concat, hex } from "./ids.ts";
import { Disconnected, Link, RefusedError } from "./link.ts";
import type { SocketEvents } from "./socket.ts";

type Body = NonNullable<MessageInitShape<typeof ServerFrameSchema>["body"]>;

/** A server's end of the socket: what the device sent, and a way to answer. */
class Server {
  sent: ClientFrame[] = [];
  closed = false;
  constructor(readonly events: SocketEvents) {}
  say(body: Body, request = 0) {
    this.events.message(toBinary(ServerFrameSchema, create(ServerFrameSchema, { request, body })));
  }
  last(): ClientFrame {
    const frame = this.sent.at(-1);
    if (!frame) throw new Error("nothing was sent");
    return frame;
  }
}

let clock: ManualClock;
let servers: Server[];
let log: string[];
let link: Link;
const device = new Uint8Array(16).fill(7);

const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};
const server = () => servers.at(-1) as Server;
const kinds = (of: Server) => of.sent.map((frame) => frame.body.case);

async function logIn(acked = 0n) {
  server().say({ case: "challenge", value: { nonce: new Uint8Array([1, 2]) } });
  await settle();
  server().say({ case: "loggedIn", value: { acked } }, server().last().request);
  await settle();
}

beforeEach(() => {
  clock = new ManualClock();
  servers = [];
  log = [];
  link = new Link({
    device,
    clock,
    random: () => 1,
    sign: async (bytes) => bytes,
    dial: (events) => {
      const one = new Server(events);
      servers.push(one);
      return {
        send: (data) => one.sent.push(fromBinary(ClientFrameSchema, data)),
        close: () => {
          one.closed = true;
        },
      };
    },
    events: {
      state: (state) => log.push(state),
      connected: ({ acked }) => log.push(`acked ${acked}`),
      entries: (entries) => log.push(`entries ${entries.map((entry) => entry.seq)}`),
      typing: ({ on }) => log.push(`typing ${on}`),
    },
  });
  link.start();
});

test("answers the challenge with a signature over context, nonce and device", async () => {
  await logIn(5n);
  const body = server().sent[0]?.body;
  if (body?.case !== "logIn") throw new Error("expected a log-in");
  const signed = concat(new TextEncoder().encode("suki/log-in/1"), new Uint8Array([1, 2]), device);
  expect(hex(body.value.signature)).toBe(hex(signed));
  expect(log).toEqual(["connecting", "online", "acked 5"]);
});

test("answers find their requests in any order, and a refusal is an error", async () => {
  await logIn();
  const first = link.request({ case: "makeLinkCode", value: {} }, "linkCode");
  const second = link.request({ case: "listDevices", value: {} }, "devices");
  const [a, b] = server()
    .sent.slice(-2)
    .map((frame) => frame.request);
  server().say({ case: "refused", value: { code: RefusalCode.RATE_LIMITED, message: "wait" } }, b);
  server().say({ case: "linkCode", value: { code: "ABC" } }, a);
  expect((await first).code).toBe("ABC");
  await expect(second).rejects.toBeInstanceOf(RefusedError);
});

test("requests under way fail with the connection, and a request without one fails at once", async () => {
  await logIn();
  const request = link.request({ case: "listDevices", value: {} }, "devices");
  server().events.closed();
  await expect(request).rejects.toBeInstanceOf(Disconnected);
  await expect(link.request({ case: "ping", value: {} }, "done")).rejects.toBeInstanceOf(Disconnected);
});

test("comes back with waits that double up to 30 s, and begins anew after a success", async () => {
  const waits = [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000];
  for (const [i, wait] of waits.entries()) {
    server().events.closed();
    clock.advance(wait - 1);
    expect(servers.length).toBe(i + 1);
    clock.advance(1);
    expect(servers.length).toBe(i + 2);
  }
  await logIn();
  server().events.closed();
  clock.advance(500);
  expect(servers.length).toBe(waits.length + 2);
});

test("a nudge ends the wait", () => {
  server().events.closed();
  server().events.closed();
  expect(link.state).toBe("waiting");
  link.nudge();
  expect(servers.length).toBe(2);
});

test("a dead connection is found by a ping without an answer", async () => {
  await logIn();
  clock.advance(30_000);
  expect(kinds(server())).toEqual(["logIn", "ping"]);
  clock.advance(8_000);
  expect(link.state).toBe("waiting");
  expect(server().closed).toBe(true);
});

test("a nudge finds a dead connection sooner", async () => {
  await logIn();
  link.nudge();
  expect(kinds(server()).at(-1)).toBe("ping");
  clock.advance(3_000);
  expect(link.state).toBe("waiting");
});

test("a server that never speaks is given up", () => {
  clock.advance(15_000);
  expect(link.state).toBe("waiting");
});

test("acknowledgements under way are joined into the newest", async () => {
  await logIn();
  for (const seq of [1n, 2n, 3n, 2n]) link.ack(seq);
  const acks = () => server().sent.flatMap(({ body }) => (body.case === "ack" ? [body.value.seq] : []));
  expect(acks()).toEqual([1n]);
  server().say({ case: "done", value: {} }, server().last().request);
  await settle();
  expect(acks()).toEqual([1n, 3n]);
});

test("what was acknowledged offline is told after the next log-in", async () => {
  link.ack(9n);
  await logIn(4n);
  expect(server().last().body).toMatchObject({ case: "ack", value: { seq: 9n } });
});

test("pushes come through in order; frames of an old connection do not", async () => {
  await logIn();
  server().say({ case: "entries", value: { entries: [{ seq: 1n }, { seq: 2n }] } });
  server().say({ case: "typing", value: { on: true } });
  const old = server();
  old.events.closed();
  old.say({ case: "entries", value: { entries: [{ seq: 3n }] } });
  expect(log.slice(3)).toEqual(["entries 1,2", "typing true", "waiting"]);
});

test("a device that the network no longer knows stops trying", async () => {
  server().say({ case: "challenge", value: { nonce: new Uint8Array(2) } });
  await settle();
  server().say({ case: "refused", value: { code: RefusalCode.UNKNOWN } }, server().last().request);
  await settle();
  expect(link.state).toBe("refused");
  clock.advance(600_000);
  expect(servers.length).toBe(1);
});

test("bytes that are no frame end the connection", async () => {
  await logIn();
  server().events.message(new Uint8Array([255, 255, 255]));
  expect(link.state).toBe("waiting");
});
