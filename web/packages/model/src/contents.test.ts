import { create } from "@bufbuild/protobuf";
import { unhex } from "@suki/api";
import { LocationSchema, type Media, MediaSchema, MessageKind } from "@suki/api/gen";
import { expect, test } from "vitest";
import type { Messenger } from "./messenger.ts";
import type { FakeConversation } from "./testing/fake-network.ts";
import { seen, until, World } from "./world.test-kit.ts";

const text = (blob: Blob | null) => blob?.text();

async function picture(page: Messenger, words: string): Promise<{ media: Media; sealed: Blob }> {
  const file = new Blob([words], { type: "image/jpeg" });
  const { sealed, ...known } = await page.seal(file);
  const bytes = BigInt(file.size);
  return { media: create(MediaSchema, { ...known, kind: "image", mediaType: file.type, bytes }), sealed };
}

async function chatting() {
  const world = new World();
  const browser = world.browser();
  const { page, chat } = await browser.chatting();
  const conversation = world.network.conversations.get(chat) as FakeConversation;
  return { world, browser, page, chat, conversation };
}

test("a file is on the network before the message that names it, and only sealed bytes are (issue 4, media)", async () => {
  const { world, page, chat } = await chatting();
  const { media, sealed } = await picture(page, "a cake with candles");
  await page.send(chat, "before");
  await page.post(chat, { type: "media", media }, null, sealed);
  await page.send(chat, "after");
  await until(() => world.shop.heard.length === 3);
  expect(world.shop.heard.map((one) => one.content.body.case)).toEqual(["text", "media", "text"]);
  const sent = world.shop.heard[1]?.content.body.value as Media;
  expect(sent.blob).toHaveLength(32);
  expect(await text(await page.shelf.open(sent, {}))).toBe("a cake with candles");
  await until(async () => (await seen(page, chat)).includes("me: (image) [delivered]"));
});

test("what was cut off is sent when the connection is back, once, also by the next page", async () => {
  const { world, browser, page, chat } = await chatting();
  const { media, sealed } = await picture(page, "a long film");
  let asked = false;
  world.files.fault = () => {
    asked = true;
    return 0;
  };
  const id = await page.post(chat, { type: "media", media }, null, sealed);
  await until(() => asked);
  expect(await text(await page.unsent(id))).toContain("a long film");
  page.close();
  world.files.fault = () => null;
  const next = await browser.open();
  await until(() => {
    world.clock.advance(1000);
    return world.shop.heard.length > 0;
  });
  expect(world.shop.heard.map((one) => one.id)).toEqual([id]);
  expect(await next.unsent(id)).toBeNull();
});

test("a ticket that is not known any more is asked for anew", async () => {
  const { world, page, chat } = await chatting();
  const { media, sealed } = await picture(page, "late");
  let once = true;
  world.files.fault = (verb) => {
    const refused = verb === "put" && once ? 403 : null;
    once = false;
    return refused;
  };
  await page.post(chat, { type: "media", media }, null, sealed);
  await until(() => {
    world.clock.advance(1000);
    return world.shop.heard.length > 0;
  });
  expect(world.files.kept.size).toBe(1);
});

test("an upload can be called off, and what waited behind it leaves", async () => {
  const { world, page, chat } = await chatting();
  const { media, sealed } = await picture(page, "the wrong picture");
  let go = () => {};
  world.files.pause = () => new Promise((resolve) => (go = resolve));
  const id = await page.post(chat, { type: "media", media }, null, sealed);
  await page.send(chat, "never mind");
  await until(() => go.length === 0 && world.files.kept.size === 0);
  await page.cancel(chat, id);
  go();
  await until(() => {
    go();
    return world.shop.heard.length > 0;
  });
  expect(world.shop.heard.map((one) => one.text)).toEqual(["never mind"]);
  await until(async () => (await seen(page, chat)).join() === "me: never mind [delivered]");
});

test("a file that the network does not take fails with words, and goes out when it may", async () => {
  const { world, page, chat } = await chatting();
  const { media, sealed } = await picture(page, "x".repeat(100));
  world.files.most = 10;
  const id = await page.post(chat, { type: "media", media }, null, sealed);
  await until(async () => (await page.message(chat, id))?.status === "failed");
  expect((await page.message(chat, id))?.failure?.code).toBe("too-large");
  world.files.most = 1000;
  await page.retry(chat, id);
  await until(() => world.shop.heard.length === 1);
});

test("a voice that was listened to is told once, also after the network was away", async () => {
  const { world, page, chat, conversation } = await chatting();
  const bytes = { blob: new Uint8Array(32), key: new Uint8Array(32), sha256: new Uint8Array(32) };
  const media = { kind: "audio", voice: true, millis: 2000, ...bytes };
  const voice = await world.shop.post(conversation, { case: "media", value: media }, MessageKind.SESSION);
  const text = await world.shop.say(conversation, "Listen!");
  await until(async () => (await seen(page, chat)).length === 2);
  const message = async (id: string) => {
    const found = await page.message(chat, id);
    if (!found) throw new Error("no such message");
    return found;
  };
  await page.markPlayed(await message(text));
  world.network.online = false;
  await until(() => page.connection === "offline");
  await page.markPlayed(await message(voice));
  await page.markPlayed(await message(voice));
  expect(world.shop.played).toEqual([]);
  world.network.online = true;
  await until(() => {
    world.clock.advance(1000);
    return world.shop.played.length > 0;
  });
  expect(world.shop.played).toEqual([voice]);
  expect((await message(voice)).played).toBe(true);
});

test("a reaction stands on its message, changes, and goes; one that comes first waits for it", async () => {
  const { world, page, chat, conversation } = await chatting();
  const said = await page.send(chat, "Thank you");
  await until(() => world.shop.heard.length === 1);
  const react = (emoji: string, messageId: string) =>
    world.shop.post(
      conversation,
      { case: "reaction", value: { messageId: unhex(messageId), emoji } },
      MessageKind.REACTION,
    );
  world.clock.advance(10);
  await react("❤️", said);
  await until(async () => (await seen(page, chat))[0]?.includes("business❤️"));
  const answer = await world.shop.say(conversation, "See you");
  await until(async () => (await seen(page, chat)).length === 2);
  await page.react(chat, answer, "👍");
  expect((await seen(page, chat))[1]).toBe("business: See you me👍");
  world.clock.advance(10);
  await page.react(chat, answer, "");
  await react("", said);
  await until(async () => (await seen(page, chat))[0] === "me: Thank you [delivered]");
  expect((await seen(page, chat))[1]).toBe("business: See you");
  await until(() => world.shop.heard.length === 3);
  const [, first, second] = world.shop.heard.map((one) => one.content.body);
  expect([first?.case, second?.case]).toEqual(["reaction", "reaction"]);
  const early = world.network.fresh();
  await react("🎂", early);
  expect(await seen(page, chat)).toHaveLength(2);
});

test("a question to the business is no message, and its answer is told to who asked", async () => {
  const { world, page, chat } = await chatting();
  world.shop.respond = (kind, json) => ({ kind, json, screen: "NEXT" });
  const answer = await page.ask(chat, "flow", JSON.stringify({ flow_id: "7" }));
  expect(JSON.parse(answer)).toEqual({ kind: "flow", json: { flow_id: "7" }, screen: "NEXT" });
  expect(await seen(page, chat)).toEqual([]);
});

test("what breaks a limit is shown to nobody, and everything else is", async () => {
  const { world, page, chat, conversation } = await chatting();
  const post = (body: Parameters<typeof world.shop.post>[1]) => {
    world.clock.advance(10);
    return world.shop.post(conversation, body);
  };
  const place = { latitude: 14.58, longitude: 120.98, name: "Taft Avenue" };
  await post({ case: "location", value: place });
  await post({ case: "location", value: { ...place, latitude: 91 } });
  await post({ case: "contacts", value: { cards: [{ formattedName: "Nena" }] } });
  const link = { case: "link", value: { text: "Run", url: "javascript:alert(1)" } } as const;
  await post({ case: "interactive", value: { body: "Press", action: link } });
  const location = { case: "locationRequest", value: {} } as const;
  await post({ case: "interactive", value: { body: "Where?", action: location } });
  await post({ case: "order", value: { items: [] } });
  await until(async () => (await seen(page, chat)).length === 6);
  expect(await seen(page, chat)).toEqual([
    "business: (location)",
    "business: (forged)",
    "business: (contacts)",
    "business: (forged)",
    "business: (interactive)",
    "business: (forged)",
  ]);
  await page.post(chat, { type: "location", location: create(LocationSchema, place) });
  await until(() => world.shop.heard.length === 1);
  expect(world.shop.heard[0]?.content.body.case).toBe("location");
});
