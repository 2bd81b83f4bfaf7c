import { ReceiptStatus, RefusalCode } from "@suki/api/gen";
import { expect, test } from "vitest";
import { seen, until, World } from "./world.test-kit.ts";

test("a guest opens a link, and both sides talk with ticks", async () => {
  const world = new World();
  const { page, chat } = await world.browser().chatting();
  const hello = await page.send(chat, "Hello");
  await until(() => world.shop.heard.length === 1);
  expect(world.shop.heard[0]).toMatchObject({ id: hello, text: "Hello", name: "Ana" });
  await until(async () => (await page.message(chat, hello))?.status === "delivered");
  const conversation = world.network.conversations.get(chat);
  if (!conversation) throw new Error("no conversation");
  world.network.receipt(conversation, ReceiptStatus.READ, [hello]);
  world.clock.advance(1000);
  await world.shop.say(conversation, "Good day", hello);
  await until(async () => (await page.page(chat, 10)).lines.length === 2);
  expect(await seen(page, chat)).toEqual(["me: Hello [read]", "business: Good day"]);
  const [one] = await page.chats();
  expect(one).toMatchObject({ unread: 1, last: { body: { text: "Good day" }, from: "business" } });
  const reply = (await page.page(chat, 1)).lines[0];
  if (!reply) throw new Error("no reply");
  expect(reply.replyTo).toBe(hello);
  await page.markRead(reply);
  await until(() => world.shop.readUpTo.length === 1);
  expect(world.shop.readUpTo).toEqual([reply.id]);
  expect((await page.chats())[0]?.unread).toBe(0);
  expect(world.failures).toEqual([]);
});

test("the name is told once, and again only when it changes", async () => {
  const world = new World();
  const { page, chat } = await world.browser().chatting();
  await page.send(chat, "one");
  await until(() => world.shop.heard.length === 1);
  await page.send(chat, "two");
  await until(() => world.shop.heard.length === 2);
  await page.rename("Maria");
  await page.send(chat, "three");
  await until(() => world.shop.heard.length === 3);
  expect(world.shop.heard.map((one) => one.name)).toEqual(["Ana", "", "Maria"]);
});

test("what is written offline survives the page and leaves in order when the network is back", async () => {
  const world = new World();
  const browser = world.browser();
  const { page, chat } = await browser.chatting();
  world.network.online = false;
  await until(() => page.connection === "offline");
  for (const text of ["one", "two", "three"]) await page.send(chat, text);
  expect(await seen(page, chat)).toEqual(["me: one [queued]", "me: two [queued]", "me: three [queued]"]);
  page.close();
  const again = await browser.open();
  expect((await seen(again, chat)).length).toBe(3);
  world.network.online = true;
  await until(() => {
    world.clock.advance(1000);
    return world.shop.heard.length === 3;
  });
  expect(world.shop.heard.map((one) => one.text)).toEqual(["one", "two", "three"]);
});

test("an answer lost on the way: the same bytes leave again, and the shop hears the message once", async () => {
  const world = new World();
  const { page, chat } = await world.browser().chatting();
  const sent: string[] = [];
  world.network.fault = ({ body }) => {
    if (body.case !== "submit") return null;
    sent.push(String(body.value.mlsMessage));
    return sent.length === 1 ? "drop-after" : null;
  };
  const id = await page.send(chat, "once");
  await until(async () => {
    world.clock.advance(200);
    return sent.length === 2 && (await page.message(chat, id))?.status === "delivered";
  });
  expect(sent[0]).toBe(sent[1]);
  expect(world.shop.heard.map((one) => one.text)).toEqual(["once"]);
});

test("a stale epoch: encrypted again under the same id", async () => {
  const world = new World();
  const { page, chat } = await world.browser().chatting();
  let refused = 0;
  world.network.fault = ({ body }) => {
    if (body.case !== "submit" || refused > 0) return null;
    refused += 1;
    const value = { code: RefusalCode.STALE_EPOCH, epoch: 2n };
    const conversation = world.network.conversations.get(chat);
    if (conversation) world.shop.deviceRemoved(conversation, "nobody");
    return { case: "refused", value };
  };
  const id = await page.send(chat, "late");
  await until(() => world.shop.heard.length === 1);
  expect(world.shop.heard[0]?.id).toBe(id);
  expect(refused).toBe(1);
});

test("a refusal by a rule shows with its reason, and can be tried again", async () => {
  const world = new World();
  const { page, chat } = await world.browser().chatting();
  world.network.fault = ({ body }) => {
    if (body.case !== "submit") return null;
    return { case: "refused", value: { code: RefusalCode.RULE, message: "Blocked by the shop." } };
  };
  const id = await page.send(chat, "hello?");
  await until(async () => (await page.message(chat, id))?.status === "failed");
  expect((await page.message(chat, id))?.failure).toEqual({ code: "refused", message: "Blocked by the shop." });
  world.network.fault = () => null;
  await page.retry(chat, id);
  await until(() => world.shop.heard.length === 1);
  expect(world.shop.heard[0]).toMatchObject({ id, text: "hello?" });
});

test("storage trouble at the network: waits, then sends", async () => {
  const world = new World();
  const { page, chat } = await world.browser().chatting();
  let tries = 0;
  world.network.fault = ({ body }) => {
    if (body.case !== "submit" || tries++ > 0) return null;
    return { case: "refused", value: { code: RefusalCode.UNAVAILABLE } };
  };
  const id = await page.send(chat, "patience");
  await until(() => tries === 1);
  expect((await page.message(chat, id))?.status).toBe("queued");
  await until(() => {
    world.clock.advance(1000);
    return world.shop.heard.length === 1;
  });
});

test("keys lost: the device joins again, says so, and reads on", async () => {
  const world = new World();
  const browser = world.browser();
  const { page, chat } = await browser.chatting();
  await page.send(chat, "before");
  await until(async () => (await seen(page, chat))[0] === "me: before [delivered]");
  page.close();
  const { openDatabase } = await import("./db.ts");
  const db = await openDatabase(browser.name);
  await db.clear("groups");
  db.close();
  const again = await browser.open();
  await until(() => {
    world.clock.advance(500);
    return again.secured(chat);
  });
  const conversation = world.network.conversations.get(chat);
  if (!conversation) throw new Error("no conversation");
  await until(async () => {
    world.clock.advance(100);
    await world.shop.idle();
    return true;
  });
  await world.shop.say(conversation, "still here?");
  await until(async () => (await seen(again, chat)).includes("business: still here?"));
  await again.send(chat, "yes");
  await until(() => world.shop.heard.length === 2);
  expect(await seen(again, chat)).toContain("me: (rejoined)");
  expect(world.failures).toEqual([]);
});

test("a second device joins by a code, gets the history, and both see everything", async () => {
  const world = new World();
  const { page, chat } = await world.browser().chatting();
  await page.send(chat, "from the first");
  await until(() => world.shop.heard.length === 1);
  const { code } = await page.linkCode();
  const second = await world.browser().open();
  await second.join(code, "");
  await until(async () => {
    world.clock.advance(100);
    return (await seen(second, chat)).length === 1;
  });
  expect(await seen(second, chat)).toEqual(["me: from the first [delivered]"]);
  expect((await second.chats())[0]?.unread).toBe(0);
  world.clock.advance(10);
  await second.send(chat, "from the second");
  await until(async () => (await seen(page, chat)).includes("me: from the second [delivered]"));
  expect(await seen(page, chat)).toContain("business: (device-added)");
  expect((await page.devices()).map((one) => one.current)).toEqual([true, false]);
  const other = (await page.devices()).find((one) => !one.current);
  if (!other) throw new Error("no other device");
  await page.removeDevice(other.id);
  await until(async () => (await second.self())?.removed);
  await expect(second.join("again", "")).rejects.toThrow("registered already");
});

test("typing is told at most every 5 s, and once when it stops", async () => {
  const world = new World();
  const { page, chat } = await world.browser().chatting();
  await page.write(chat, "h");
  await page.write(chat, "he");
  world.clock.advance(4_999);
  await page.write(chat, "hel");
  await until(() => world.shop.typed.length === 1);
  world.clock.advance(1);
  await page.write(chat, "hell");
  await until(() => world.shop.typed.length === 2);
  world.clock.advance(8_000);
  await until(() => world.shop.typed.length === 3);
  expect(world.shop.typed).toEqual([true, true, false]);
  expect((await page.chats())[0]?.draft).toBe("hell");
});

test("the business's typing is heard, and ends with its message", async () => {
  const world = new World();
  const browser = world.browser();
  const { page, chat } = await browser.chatting();
  const conversation = world.network.conversations.get(chat);
  if (!conversation) throw new Error("no conversation");
  world.network.typing(conversation, true);
  await until(() => browser.changes.some((one) => one.type === "typing" && one.on));
  await world.shop.say(conversation, "there");
  await until(() => browser.changes.some((one) => one.type === "typing" && !one.on));
  expect(await seen(page, chat)).toEqual(["business: there"]);
});

test("two tabs are both live, and the second takes over when the first closes", async () => {
  const world = new World();
  const browser = world.browser();
  const { page: first, chat } = await browser.chatting();
  const second = await browser.open();
  await until(() => second.connection === "online");
  await second.send(chat, "from the second tab");
  await until(async () => (await seen(first, chat))[0] === "me: from the second tab [delivered]");
  expect(await seen(second, chat)).toEqual(["me: from the second tab [delivered]"]);
  expect((await second.safetyNumber(chat))?.length).toBeGreaterThan(50);
  first.close();
  await second.send(chat, "alone now");
  await until(() => world.shop.heard.length === 2);
});

test("a frozen tab is replaced, and what it still tries to write is not written", async () => {
  const world = new World();
  const browser = world.browser();
  const { page: first, chat } = await browser.chatting();
  const second = await browser.open();
  await until(() => second.connection === "online");
  for (const port of [...browser.ports]) if (port !== browser.ports.at(-1)) port.frozen = true;
  let answered = false;
  const asked = second.devices().finally(() => {
    answered = true;
  });
  await until(() => {
    world.clock.advance(500);
    return answered;
  });
  expect((await asked).length).toBe(1);
  await second.send(chat, "taken over");
  await until(async () => (await seen(second, chat))[0] === "me: taken over [delivered]");
  first.close();
});

test("erasing leaves nothing", async () => {
  const world = new World();
  const browser = world.browser();
  const { page, chat } = await browser.chatting();
  await page.send(chat, "secret");
  await page.erase();
  expect(await page.self()).toBeNull();
  expect(await page.chats()).toEqual([]);
  expect(await seen(page, chat)).toEqual([]);
  const next = await page.start("shop", "Somebody else");
  expect(next).not.toBe(chat);
});
