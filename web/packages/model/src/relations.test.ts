import { create, fromBinary } from "@bufbuild/protobuf";
import { unbase64 } from "@suki/api";
import { ContentSchema, NoticeSchema } from "@suki/api/gen";
import { expect, test } from "vitest";
import { FakeRelations } from "./testing/fake-relations.ts";
import { fold, recognise } from "./words.ts";
import { seen, until, World } from "./world.test-kit.ts";

async function chatting() {
  const world = new World();
  const relations = new FakeRelations(world.network);
  const { page, chat } = await world.browser().chatting();
  const conversation = world.network.conversations.get(chat);
  if (!conversation) throw new Error("no conversation");
  return { world, relations, page, chat, conversation, business: world.shop.account };
}

test("R5, R7, R9: a person chooses per business, and blocks", async () => {
  const { page, business } = await chatting();
  expect(await page.relation(business)).toMatchObject({ choice: "default", why: ["you_wrote"], blocked_at: null });
  expect(await page.allow(business, { choice: "important" })).toMatchObject({ choice: "important" });
  await page.allow(business, { blocked: true });
  const [one] = await page.chats();
  expect(one?.relation).toMatchObject({ choice: "important", global: "all", stoppedAt: null });
  expect(one?.relation?.blockedAt).toBeTypeOf("number");
  await page.allow(business, { blocked: false });
  expect((await page.chats())[0]?.relation?.blockedAt).toBeNull();
});

test("R6: a choice for all businesses", async () => {
  const { page, business } = await chatting();
  expect(await page.settings({ global_choice: "none" })).toMatchObject({ global_choice: "none" });
  expect(await page.relation(business)).toMatchObject({ choice: "default", global_choice: "none" });
});

test("R8: a report carries the reported messages with exactly what their headers committed to", async () => {
  const { world, relations, page, chat, conversation, business } = await chatting();
  const id = await world.shop.say(conversation, "Buy now!!!");
  await world.shop.say(conversation, "Not this one");
  await until(async () => (await seen(page, chat)).length === 2);
  await page.report(business, "spam", [id, "00".repeat(16)], true);
  expect(relations.reports).toHaveLength(1);
  const [report] = relations.reports;
  expect(report).toMatchObject({ business: `acc_${business}`, reason: "spam", block: true });
  expect(report?.messages.map((one) => one.message_id)).toEqual([`msg_${id}`]);
  const content = fromBinary(ContentSchema, unbase64(report?.messages[0]?.content ?? ""));
  expect(content.body.value).toMatchObject({ body: "Buy now!!!" });
  expect(unbase64(report?.messages[0]?.commitment_key ?? "")).toHaveLength(32);
  expect((await page.chats())[0]?.relation?.blockedAt).toBeTypeOf("number");
});

test("R11: consent is given in the words that were shown, and withdrawn", async () => {
  const { page, business } = await chatting();
  const given = await page.consent(business, "Shop may send me offers.", "about");
  expect(given.why).toContain("you_agreed");
  expect(given.events[0]).toMatchObject({ what: "opt_in", wording: "Shop may send me offers." });
  expect((await page.withdraw(business)).why).not.toContain("you_agreed");
});

test("a word that stops does so, and a line says it; other words do nothing", async () => {
  const { world, page, chat, business } = await chatting();
  await page.send(chat, "Please stop calling me Ana");
  await until(() => world.shop.heard.length === 1);
  expect((await page.relation(business)).stopped_at).toBeNull();
  world.clock.advance(1000);
  await page.send(chat, " STOP! ");
  await until(async () => (await seen(page, chat)).some((one) => one.includes("(stopped)")));
  expect((await page.relation(business)).stopped_at).toBeTypeOf("number");
  world.clock.advance(1000);
  await page.send(chat, "start");
  await until(async () => (await page.relation(business)).stopped_at === null);
});

test("words are folded as the endpoint folds them", () => {
  expect(fold("  Ihinto  NA po!! ")).toBe("ihinto na po");
  expect(fold("إِيقَاف")).toBe(fold("ايقاف"));
  expect(fold("বন্ধ।")).toBe(fold("বন্ধ"));
  expect(fold("СТОП 🛑")).toBe("стоп");
  expect(recognise("stop", { stop: ["stop"], resume: [] })).toBe("stop");
  expect(recognise("🛑", { stop: [""], resume: [] })).toBeNull();
  expect(recognise(`stop${"!".repeat(120)}`, { stop: ["stop"], resume: [] })).toBeNull();
});

test("what another device of the person changed is seen here; nonsense changes nothing", async () => {
  const { world, page, chat, business } = await chatting();
  const account = (await page.self())?.account ?? "";
  const tell = (json: string) => {
    const notice = create(NoticeSchema, { kind: "relation.changed", json: new TextEncoder().encode(json) });
    world.network.event(account, chat, { case: "notice", value: notice });
  };
  tell("{]");
  tell(JSON.stringify({ business: "acc_0" }));
  tell(JSON.stringify({ business: `acc_${business}`, choice: "none", blocked_at: 5, stopped_at: null, saved: false }));
  await until(async () => (await page.chats())[0]?.relation?.choice === "none");
  expect((await page.chats())[0]?.relation).toMatchObject({ blockedAt: 5 });
});

test("R22: businesses are found by name", async () => {
  const { page, business } = await chatting();
  expect(await page.search("sho")).toMatchObject([{ business: `acc_${business}`, title: "Shop", slug: "shop" }]);
  expect(await page.search("nobody")).toEqual([]);
});
