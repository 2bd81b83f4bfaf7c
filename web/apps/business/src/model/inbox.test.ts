import { TestClock } from "@suki/fake/clock";
import { type FakeInbox, fakeInbox } from "@suki/fake/inbox";
import { type Chat, InboxClient, type Live, type Message, Refusal } from "@suki/inbox";
import type { Shelf } from "@suki/ui/logic";
import { describe, expect, it } from "vitest";
import { Drafts } from "./drafts.svelte.ts";
import { Inbox } from "./inbox.svelte.ts";
import { merge } from "./messages.ts";
import { Outbox } from "./outbox.svelte.ts";
import { href, parse } from "./route.ts";
import { lastLine, neighbour } from "./rows.ts";
import { Sender } from "./sender.ts";
import { Session } from "./session.svelte.ts";
import { Team } from "./team.svelte.ts";
import { Thread } from "./thread.svelte.ts";
import type { World } from "./world.ts";

function shelf(kept = new Map<string, string>()): Shelf & { kept: Map<string, string> } {
  return {
    kept,
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void kept.set(key, value),
    remove: (key) => void kept.delete(key),
  };
}

type Options = Partial<Pick<World, "shelf">> & { fake?: FakeInbox; clock?: TestClock; fetch?: typeof fetch };

async function desk(options: Options = {}) {
  const clock = options.clock ?? new TestClock();
  const fake = options.fake ?? fakeInbox({ now: clock.now, after: (wait, run) => void clock.after(wait, run) });
  let ids = 0;
  const calls: string[] = [];
  const world: World = {
    client: new InboxClient((input, init) => {
      calls.push(`${init.method} ${input.replace("/inbox/api", "").split("?")[0]}`);
      return fake.fetch(input, init);
    }),
    open: fake.open,
    shelf: options.shelf ?? shelf(),
    now: clock.now,
    random: () => 0.5,
    newMessageId: () => `msg_${String(++ids).padStart(32, "0")}`,
    after: clock.after,
  };
  const incoming: Message[] = [];
  let ended = 0;
  const inbox = new Inbox(world, fake.store.me, {
    onincoming: (_, message) => incoming.push(message),
    onended: () => {
      ended += 1;
    },
  });
  inbox.start();
  await clock.advance(1_000);
  const open = async (id: string | null) => {
    void inbox.open(id);
    await clock.advance(500);
  };
  return { clock, fake, world, inbox, incoming, calls, open, ended: () => ended };
}

const texts = (inbox: Inbox) => inbox.current?.messages.map((message) => message.text) ?? [];
const last = (inbox: Inbox) => inbox.current?.messages.at(-1);

describe("an operator's inbox", () => {
  it("knows the chats newest first and who has how many unread", async () => {
    const { inbox } = await desk();
    expect(inbox.chats.all.slice(0, 3).map((chat) => chat.contact.name)).toEqual([
      "Ana Reyes",
      "ليلى حداد",
      "Guest 4F2A",
    ]);
    expect(inbox.chats.unread).toBe(7);
    expect(inbox.link).toBe("online");
  });

  it("marks where the unread begin, and reads only what is looked at", async () => {
    const { inbox, open, calls, clock } = await desk();
    inbox.attend({ visible: false });
    await open("cht_01ana");
    inbox.attend({ atEnd: true });
    expect(inbox.current?.unread?.count).toBe(2);
    expect(inbox.chats.get("cht_01ana")?.unread).toBe(2);
    inbox.attend({ visible: true });
    await clock.advance(500);
    expect(inbox.chats.get("cht_01ana")?.unread).toBe(0);
    expect(calls.filter((call) => call.endsWith("/read"))).toHaveLength(1);
    expect(inbox.current?.unread?.count).toBe(2);
  });

  it("shows what is sent at once, in the same place until it is read", async () => {
    const { inbox, open, clock } = await desk();
    await open("cht_06guest");
    inbox.send("Hello");
    const id = last(inbox)?.id;
    const seen: (string | null | undefined)[] = [];
    for (let step = 0; step < 30; step++) {
      if (seen.at(-1) !== last(inbox)?.ticks) seen.push(last(inbox)?.ticks);
      if (last(inbox)?.id !== id) break;
      await clock.advance(100);
    }
    expect(seen).toEqual(["queued", "sent", "delivered", "read"]);
    expect(inbox.outbox.all()).toEqual([]);
  });

  it("keeps the order of what was written while the server was away, and sends each once", async () => {
    const { inbox, open, clock, fake } = await desk();
    await open("cht_06guest");
    fake.reachable(false);
    for (const text of ["one", "two", "three"]) inbox.send(text);
    await clock.advance(20_000);
    expect(inbox.link).toBe("connecting");
    expect(inbox.outbox.all()).toHaveLength(3);
    fake.reachable(true);
    await clock.advance(60_000);
    const stored = fake.store.list("cht_06guest").filter((message) => ["one", "two", "three"].includes(message.text));
    expect(stored.map((message) => message.text)).toEqual(["one", "two", "three"]);
    expect(inbox.outbox.all()).toEqual([]);
    expect(texts(inbox).filter((text) => text === "two")).toHaveLength(1);
  });

  it("sends after a reload what was not sent before, under the same id", async () => {
    const kept = shelf();
    const first = await desk({ shelf: kept });
    await first.open("cht_06guest");
    first.fake.reachable(false);
    first.inbox.send("late");
    await first.clock.advance(1_000);
    first.inbox.stop();
    const second = await desk({ shelf: shelf(new Map(kept.kept)), clock: first.clock });
    await second.clock.advance(5_000);
    expect(second.fake.store.list("cht_06guest").filter((message) => message.text === "late")).toHaveLength(1);
  });

  it("believes the message itself, not the refusal of a second try whose first answer was lost", async () => {
    const outbox = new Outbox(shelf());
    const world = {
      client: {
        send: async () => {
          outbox.remove("msg_1");
          throw new Refusal({ code: "window_closed", title: "Closed", detail: "", status: 409 });
        },
      },
      newMessageId: () => "msg_1",
    } as unknown as World;
    const sender = new Sender(world, outbox, { taken: () => {}, ended: () => {}, refused: () => {} });
    sender.send("c", "arrived", null, 1);
    await new TestClock().advance(1);
    expect(outbox.all()).toEqual([]);
  });

  it("keeps a refused message with its reason, and tries it again when asked", async () => {
    const { inbox, open, clock, fake } = await desk();
    await open("cht_05jose");
    inbox.send("Too late?");
    await clock.advance(500);
    expect(last(inbox)).toMatchObject({ ticks: "failed", failure: { code: "window_closed" }, retryable: true });
    const chat = fake.store.chats.get("cht_05jose") as Chat;
    chat.window_until = clock.now() + 60_000;
    inbox.retry(last(inbox)?.id ?? "");
    await clock.advance(500);
    expect(last(inbox)).toMatchObject({ ticks: "sent", failure: null });
  });

  it("sends a message anew that failed on its way, once", async () => {
    const { inbox, open, clock } = await desk();
    await open("cht_06guest");
    const failed = last(inbox);
    expect(failed).toMatchObject({ ticks: "failed", retryable: true });
    inbox.retry(failed?.id ?? "");
    await clock.advance(400);
    expect(inbox.current?.messages.at(-2)).toMatchObject({ id: failed?.id, retryable: false });
    expect(last(inbox)?.text).toBe(failed?.text);
  });

  it("tells of what customers write, and forgets who was typing it", async () => {
    const { inbox, fake, clock, incoming } = await desk();
    fake.life.answer(fake.store.chats.get("cht_08grace") as Chat, "Hello again", 0);
    await clock.advance(500);
    expect(inbox.typing.in("cht_08grace")).toHaveLength(1);
    await clock.advance(2_000);
    expect(inbox.typing.in("cht_08grace")).toEqual([]);
    expect(incoming.map((message) => message.text)).toEqual(["Hello again"]);
    expect(inbox.chats.all[0]?.id).toBe("cht_08grace");
  });

  it("stops saying that somebody types when no more is heard, and never says it of oneself", async () => {
    const { inbox, fake, clock } = await desk();
    const typing = (operator: { id: string; name: string }): Live => ({
      type: "typing",
      chat: "cht_01ana",
      who: "operator",
      operator,
      on: true,
    });
    fake.store.emit(typing({ id: "opr_jun", name: "Jun" }));
    fake.store.emit(typing({ id: "opr_maria", name: "Maria" }));
    expect(inbox.typing.in("cht_01ana").map((one) => one.name)).toEqual(["Jun"]);
    await clock.advance(25_000);
    expect(inbox.typing.in("cht_01ana")).toEqual([]);
  });

  it("says that it types at most every five seconds, and that it stopped", async () => {
    const { inbox, clock, calls, open } = await desk();
    await open("cht_01ana");
    const told = () => calls.filter((call) => call.endsWith("/typing")).length;
    for (let key = 1; key <= 12; key++) {
      inbox.typing.tell("cht_01ana", "x".repeat(key));
      await clock.advance(1_000);
    }
    expect(told()).toBe(3);
    inbox.typing.tell("cht_01ana", " ");
    await clock.advance(100);
    expect(told()).toBe(4);
  });

  it("finds among all chats, and the latest question wins", async () => {
    const { inbox, clock } = await desk();
    inbox.chats.search("ra");
    await clock.advance(210);
    inbox.chats.search("grace");
    await clock.advance(1_000);
    expect(inbox.chats.found.map((chat) => chat.contact.name)).toEqual(["Grace Lim"]);
    expect(inbox.chats.searching).toBe(false);
    inbox.chats.search("");
    expect(inbox.chats.found).toEqual([]);
  });

  it("drops what it knows when too much was missed, and loads the rest on demand", async () => {
    const { inbox, open, clock, fake } = await desk();
    await open("cht_01ana");
    inbox.offline();
    expect(inbox.link).toBe("offline");
    const chat = fake.store.chats.get("cht_01ana") as Chat;
    for (let missed = 0; missed < 80; missed++) fake.life.answer(chat, `missed ${missed}`, missed);
    await clock.advance(3_000);
    inbox.wake();
    await clock.advance(2_000);
    expect(texts(inbox)).toHaveLength(50);
    expect(texts(inbox).at(-1)).toBe("missed 79");
    await Promise.all([inbox.current?.loadOlder(), clock.advance(200)]);
    expect(texts(inbox)).toHaveLength(100);
    const orders = inbox.current?.messages.map((message) => message.id) ?? [];
    expect(new Set(orders).size).toBe(100);
  });

  it("ends when the session did", async () => {
    const { inbox, fake, clock, ended, world } = await desk();
    await Promise.all([world.client.signOut(), clock.advance(100)]);
    fake.reachable(false);
    fake.reachable(true);
    await clock.advance(1_000);
    expect(ended()).toBeGreaterThan(0);
    inbox.stop();
  });
});

describe("a thread", () => {
  const message = (order: number, status: Message["status"] = "sent"): Message => ({
    id: `msg_${order}`,
    wamid: "",
    chat: "c",
    from: "business",
    type: "text",
    content: null,
    reactions: [],
    referral: null,
    text: String(order),
    reply_to: null,
    at: order,
    order,
    status,
    error: null,
    operator: null,
    via: "inbox",
  });
  const thread = () =>
    new Thread({} as World, new Outbox(shelf()), "c", {
      id: "opr_maria",
      name: "Maria",
      email: "",
      role: "owner",
      has_password: true,
    });

  it("is the same however messages and statuses are shuffled and repeated", () => {
    const news: ((one: Thread) => void)[] = [
      ...[1, 2, 3].map((order) => (one: Thread) => one.apply(message(order))),
      (one) => one.applyStatus(["msg_1", "msg_2"], "delivered", null),
      (one) => one.applyStatus(["msg_1"], "read", null),
      (one) => one.applyStatus(["msg_3"], "failed", { code: 1, title: "No", detail: "No" }),
      (one) => one.applyStatus(["msg_2"], "sent", null),
    ];
    let seed = 7;
    const random = (below: number) => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    for (let round = 0; round < 200; round++) {
      const one = thread();
      const left = [...news, ...news];
      while (left.length) left.splice(random(left.length), 1)[0]?.(one);
      expect(one.messages.map((item) => [item.id, item.ticks])).toEqual([
        ["msg_1", "read"],
        ["msg_2", "delivered"],
        ["msg_3", "failed"],
      ]);
    }
  });

  it("never takes a status back, and keeps an error only with a failure", () => {
    const failed = { ...message(1, "failed"), error: { code: 1, title: "No", detail: "" } };
    expect(merge(message(1, "read"), message(1, "sent")).status).toBe("read");
    expect(merge(message(1, "read"), failed)).toMatchObject({ status: "read", error: null });
    expect(merge(failed, message(1, "sent"))).toMatchObject({ status: "failed", error: { code: 1 } });
  });
});

describe("small things", () => {
  it("reads every address it writes", () => {
    for (const route of [
      { page: "team" },
      { page: "share" },
      { page: "account" },
      { page: "chats", chat: null, about: false },
      { page: "chats", chat: "a/b %", about: true },
    ] as const) {
      expect(parse(href(route))).toEqual(route);
    }
    expect(parse("#sign-in=abc")).toEqual({ page: "sign-in", token: "abc" });
    expect(parse("#/chats/%E0%A4%A")).toEqual({ page: "chats", chat: null, about: false });
    expect(parse("#/nonsense")).toEqual({ page: "chats", chat: null, about: false });
  });

  it("shows in the list what waits to be sent", async () => {
    const { inbox } = await desk();
    const chat = inbox.chats.get("cht_01ana") as Chat;
    const unsent = { id: "m", chat: chat.id, text: "Waiting", reply_to: null, at: 5, refused: null };
    expect(lastLine(chat, [])).toMatchObject({ mine: false, ticks: null });
    expect(lastLine(chat, [unsent])).toMatchObject({ text: "Waiting", mine: true, ticks: "queued" });
    expect(lastLine(chat, [{ ...unsent, refused: { code: "x", detail: "" } }])).toMatchObject({ ticks: "failed" });
    expect(neighbour(inbox.chats.all, null, 1)).toBe("cht_01ana");
    expect(neighbour(inbox.chats.all, "cht_01ana", -1)).toBe("cht_01ana");
    expect(neighbour(inbox.chats.all, "cht_01ana", 1)).toBe("cht_02layla");
  });

  it("keeps what it can read of a damaged outbox and forgets the rest", () => {
    expect(new Outbox(shelf(new Map([["suki.inbox.outbox", "{"]]))).all()).toEqual([]);
    expect(new Outbox(shelf(new Map([["suki.inbox.outbox", "[1, null, {}]"]]))).all()).toEqual([]);
  });

  it("keeps what other windows keep", () => {
    const kept = shelf();
    const [one, other] = [new Outbox(kept), new Outbox(kept)];
    const unsent = { chat: "c", text: "", reply_to: null, at: 1, refused: null };
    one.put({ id: "a", ...unsent });
    other.put({ id: "b", ...unsent });
    one.remove("a");
    expect(new Outbox(kept).all().map((message) => message.id)).toEqual(["b"]);
    const [left, right] = [new Drafts(kept), new Drafts(kept)];
    left.set("c1", "one");
    right.set("c2", "two");
    left.set("c1", "");
    const drafts = new Drafts(kept);
    expect([drafts.get("c1"), drafts.get("c2")]).toEqual(["", "two"]);
  });

  it("signs in by link once, and keeps the reason when it fails", async () => {
    const clock = new TestClock();
    const fake = fakeInbox({ now: clock.now, after: (wait, run) => void clock.after(wait, run), scene: "signed-out" });
    const session = new Session({ client: new InboxClient(fake.fetch) } as World);
    await Promise.all([session.start("expired"), clock.advance(500)]);
    expect(session).toMatchObject({ state: "signed-out", problem: { by: "link", code: "unauthorized" } });
    await Promise.all([session.start("sgn_1"), clock.advance(500)]);
    expect(session).toMatchObject({ state: "signed-in", offerPassword: true, problem: null });
    fake.reachable(false);
    await expect(Promise.all([session.signOut(), clock.advance(500)])).rejects.toMatchObject({ name: "Unreachable" });
    expect(session.state).toBe("signed-in");
  });

  it("lets nobody remove himself or the last owner, and only owners make owners", async () => {
    const clock = new TestClock();
    const fake = fakeInbox({ now: clock.now, after: (wait, run) => void clock.after(wait, run) });
    const world = { client: new InboxClient(fake.fetch) } as World;
    const [maria, jun, tess] = fake.store.operators;
    if (!maria || !jun || !tess) throw new Error("the fake has three operators");
    const as = async (me: typeof maria) => {
      const team = new Team(world, me);
      await Promise.all([team.load(), clock.advance(100)]);
      return team;
    };
    const owner = await as(maria);
    expect([owner.removable(maria), owner.removable(jun), owner.roles.length]).toEqual([false, true, 3]);
    const admin = await as(jun);
    expect([admin.removable(maria), admin.removable(tess), admin.roles]).toEqual([false, true, ["operator", "admin"]]);
    const operator = await as(tess);
    expect([operator.manages, operator.removable(jun)]).toEqual([false, false]);
  });
});
