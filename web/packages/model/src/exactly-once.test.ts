import { create, toBinary } from "@bufbuild/protobuf";
import { unhex } from "@suki/api";
import { EntryKind, ReceiptSchema, ReceiptStatus } from "@suki/api/gen";
import { expect, test } from "vitest";
import { openDatabase, type Tx, write } from "./db.ts";
import { forward } from "./status.ts";
import { applyAccepted, applyReceipt, learnConversation, putMessage, refresh, UNSENT_ORDER } from "./thread.ts";
import type { Message, Status } from "./types.ts";
import { seeded, seen, until, World } from "./world.test-kit.ts";

const ALL: Status[] = ["queued", "sent", "delivered", "read", "failed"];

test("a status never goes back, and failed is final", () => {
  for (const known of ALL) {
    for (const heard of ALL) {
      const next = forward(known, heard);
      if (known === "failed") expect(next).toBe("failed");
      else if (next !== "failed") expect(ALL.indexOf(next)).toBeGreaterThanOrEqual(ALL.indexOf(known));
    }
  }
  expect(forward("delivered", "failed")).toBe("delivered");
  expect(forward("sent", "failed")).toBe("failed");
});

const chat = "c".repeat(32);
const card = {
  business: "b".repeat(32),
  name: "Shop",
  about: "",
  trust: "plain",
  hostedBy: "x",
  slug: "shop",
} as const;

function line(id: number, order: number, from: "me" | "business"): Message {
  const status = from === "me" ? "queued" : null;
  const body = { type: "text", text: `text ${id}` } as const;
  const counts = from === "business" ? 1 : 0;
  return {
    conversation: chat,
    id: `m${id}`,
    order,
    at: order,
    from,
    body,
    replyTo: null,
    status,
    failure: null,
    counts,
  };
}

type Step = (tx: Tx) => Promise<unknown>;

/** Everything that happens to a thread of ten messages, some of it twice. */
function happenings(): Step[] {
  const steps: Step[] = [];
  for (let id = 0; id < 10; id += 1) {
    const mine = id % 2 === 0;
    if (!mine) {
      steps.push((tx) => putMessage(tx, line(id, 100 + id, "business")));
      steps.push((tx) => putMessage(tx, line(id, 100 + id, "business")));
      continue;
    }
    steps.push((tx) => applyReceipt(tx, chat, `m${id}`, "delivered"));
    steps.push((tx) => applyAccepted(tx, chat, `m${id}`, 100 + id));
    steps.push((tx) => applyAccepted(tx, chat, `m${id}`, 100 + id));
  }
  steps.push((tx) => applyReceipt(tx, chat, "m4", "read"));
  steps.push((tx) => applyReceipt(tx, chat, "m5", "read"));
  return steps;
}

function shuffle<T>(items: T[], number: () => number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i -= 1) {
    const j = Math.floor(number() * (i + 1));
    [out[i], out[j]] = [out[j] as T, out[i] as T];
  }
  return out;
}

test("in whatever order things are heard of, the thread is the same", async () => {
  const expected = Array.from({ length: 10 }, (_, id) => {
    const status = id % 2 ? null : id <= 4 ? "read" : "delivered";
    return { id: `m${id}`, order: 100 + id, status };
  });
  for (let seed = 1; seed <= 40; seed += 1) {
    const db = await openDatabase(`shuffled-${seed}`);
    await write(db, async (tx) => {
      await learnConversation(tx, { id: chat, card, epoch: 1, at: 1 });
      // What we wrote ourselves is in the database before anything can be heard of it.
      for (let id = 0; id < 10; id += 2) await putMessage(tx, line(id, UNSENT_ORDER + id, "me"));
    });
    for (const step of shuffle(happenings(), seeded(seed))) {
      await write(db, async (tx) => {
        await step(tx);
        await refresh(tx, chat);
      });
    }
    const lines = await db.getAllFromIndex("messages", "order");
    expect(
      lines.map(({ id, order, status }) => ({ id, order, status })),
      `seed ${seed}`,
    ).toEqual(expected);
    expect((await db.get("conversations", chat))?.unread).toBe(2);
    expect(await db.count("receipts")).toBe(0);
    db.close();
  }
});

test("a receipt that comes before its message is kept for it", async () => {
  const world = new World();
  const { page, chat: conversation } = await world.browser().chatting();
  const known = world.network.conversations.get(conversation);
  if (!known) throw new Error("no conversation");
  const id = "a".repeat(32);
  const payload = toBinary(
    ReceiptSchema,
    create(ReceiptSchema, { status: ReceiptStatus.READ, messageIds: [unhex(id)] }),
  );
  world.network.tell(known.customer, { kind: EntryKind.RECEIPT, conversation: unhex(conversation), payload });
  await world.shop.say(known, "marker");
  await until(async () => (await seen(page, conversation)).length === 1);
  page.close();
});

test("whatever is pushed twice, cut off or delayed, every message is there once and in order", async () => {
  for (let seed = 1; seed <= 12; seed += 1) {
    const world = new World(seed);
    const browser = world.browser();
    let { page, chat: conversation } = await browser.chatting();
    const known = world.network.conversations.get(conversation);
    if (!known) throw new Error("no conversation");
    // One request in five dies: before it is served, or after, so that only the answer is lost.
    world.network.fault = ({ body }) => {
      if (body.case === "logIn" || body.case === "ping") return null;
      const chance = world.number();
      return chance < 0.1 ? "drop" : chance < 0.2 ? "drop-after" : null;
    };
    const expected: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      world.clock.advance(10);
      await world.shop.say(known, `shop ${round}`);
      expected.push(`business: shop ${round}`);
      world.clock.advance(10);
      const id = await page.send(conversation, `me ${round}`);
      expected.push(`me: me ${round} [delivered]`);
      if (world.number() < 0.4) {
        // The page dies in the middle of whatever it does.
        page.close();
        page = await browser.open();
      }
      if (world.number() < 0.3) world.network.drop();
      // The next round begins when this message has its place, so that the order is one that a person would see.
      await until(async () => {
        world.clock.advance(250);
        return (await page.message(conversation, id))?.status === "delivered";
      });
    }
    world.network.fault = () => null;
    await until(async () => {
      world.clock.advance(250);
      return (await seen(page, conversation)).length >= expected.length;
    });
    const thread = await seen(page, conversation);
    expect([...thread].sort(), `seed ${seed}`).toEqual([...expected].sort());
    expect(thread.filter((one) => one.startsWith("business"))).toEqual(
      expected.filter((one) => one.startsWith("business")),
    );
    expect(world.shop.heard.map((one) => one.text)).toEqual(Array.from({ length: 8 }, (_, round) => `me ${round}`));
    page.close();
  }
});
