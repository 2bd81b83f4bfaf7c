// @vitest-environment node
import { fromBinary } from "@bufbuild/protobuf";
import { hex } from "@suki/api";
import { HeaderSchema, SealedSchema } from "@suki/api/gen";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { Mls, X25519, XWING } from "./index.ts";
import { buildPeer, bytes, view } from "./testing/peer.ts";
import { World } from "./testing/world.ts";

// The endpoint's library and this one, in the scenarios that matter between them.

let path = "";
beforeAll(async () => {
  path = await buildPeer();
}, 900_000);

const platforms = [
  ["X25519 on WebCrypto", X25519, undefined],
  ["X25519 without WebCrypto's curves", X25519, { ed25519: false, x25519: false }],
  ["X-Wing", XWING, undefined],
] as const;

describe.each(platforms)("%s", (_, suite, have) => {
  let world: World;
  const open = async () => {
    world = await World.open(path, suite, new Mls(have));
    return world;
  };
  afterEach(() => world.shop.stop());

  test("both sides talk, the header is readable, lengths are hidden, nothing is read twice", async () => {
    const { shop } = await open();
    const phone = await world.joined();
    expect(phone.group).toMatchObject({ conversation: world.conversation, epoch: 1 });
    const hello = await world.say("Kumusta? 🙂");
    const { type, ...rest } = await phone.receive(hello);
    expect(type).toBe("application");
    expect(rest).toMatchObject({ sender: { device: world.endpoint, kind: "business" } });
    expect(new TextDecoder().decode("header" in rest ? rest.header : undefined)).toBe("for the network");
    await expect(phone.read(hello)).rejects.toMatchObject({ why: "spent" });
    const answer = await phone.say("Mabuti!");
    expect(await world.read(answer)).toBe("Mabuti!");
    await expect(world.read(answer)).rejects.toThrow("read before");
    for (const length of [1, 62, 63, 64, 100, 173, 174, 175, 500, 4000, 16_383, 16_384]) {
      const text = "a".repeat(length);
      expect((await phone.say(text)).length, `${length}`).toBe((await world.say(text)).length);
    }
    expect((await phone.say("a")).length).toBe((await phone.say("a".repeat(100))).length);
    const state = await shop.ask("state");
    expect(await phone.device.safetyNumber(phone.group)).toBe(state.safetyNumber);
    expect(phone.device.members(phone.group).map(({ device }) => device)).toEqual([world.endpoint, hex(phone.id)]);
  });

  test("a forged header is refused on either side, and the genuine message still reads", async () => {
    await open();
    const phone = await world.joined();
    const forge = (message: Uint8Array) => {
      const forged = message.slice();
      const at = Buffer.from(message).indexOf("for the network");
      expect(at).toBeGreaterThan(0);
      forged[at] = "F".charCodeAt(0);
      return forged;
    };
    const hello = await world.say("genuine");
    await expect(phone.read(forge(hello))).rejects.toMatchObject({ why: "forged" });
    expect(await phone.read(hello)).toBe("genuine");
    const answer = await phone.say("genuine too");
    await expect(world.read(forge(answer))).rejects.toThrow("not authentic");
    expect(await world.read(answer)).toBe("genuine too");
  });

  test("order does not matter within limits, and expired messages block nothing", async () => {
    await open();
    const phone = await world.joined();
    const sent = [];
    for (let n = 0; n < 6; n += 1) sent.push([await world.say(`${n}`), await phone.say(`${n}`)] as const);
    for (const n of [5, 2, 4, 0, 3, 1]) {
      const [down, up] = sent[n] ?? [];
      expect(await phone.read(down ?? new Uint8Array())).toBe(`${n}`);
      expect(await world.read(up ?? new Uint8Array())).toBe(`${n}`);
    }
    for (let n = 0; n < 250; n += 1) await world.say("expired");
    expect(await phone.read(await world.say("after a long absence"))).toBe("after a long absence");
  });

  test("a second device joins, everybody reads everybody, late messages cross the change", async () => {
    await open();
    const phone = await world.joined();
    const [early, mine] = [await world.say("early"), await phone.say("early too")];
    const tablet = await world.joined(phone);
    expect(phone.group.epoch).toBe(2);
    const late = await world.say("for both");
    expect(await phone.read(late)).toBe("for both");
    expect(await tablet.read(late)).toBe("for both");
    const sibling = await tablet.say("from the tablet");
    expect(await phone.read(sibling)).toBe("from the tablet");
    expect(await world.read(sibling)).toBe("from the tablet");
    expect(await phone.read(early)).toBe("early");
    expect(await world.read(mine)).toBe("early too");
    await expect(tablet.read(early)).rejects.toMatchObject({ why: "wrong-epoch" });
    const numbers = await Promise.all([phone, tablet].map(({ device, group }) => device.safetyNumber(group)));
    expect(new Set([...numbers, (await world.shop.ask("state")).safetyNumber]).size).toBe(1);
  });

  test("a removed device is told, and locked out", async () => {
    await open();
    const phone = await world.joined();
    const tablet = await world.joined(phone);
    const change = await world.shop.ask("remove", { devices: [tablet.id] });
    await world.shop.ask("confirm");
    const commit = bytes(change, "commit");
    for (let at = 0; at < commit.length; at += 23) {
      const changed = commit.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(tablet.receive(changed), `byte ${at}`).rejects.toHaveProperty("why");
    }
    expect(await phone.receive(commit)).toMatchObject({ ownRemoved: false, removed: [{ device: hex(tablet.id) }] });
    expect(await tablet.receive(commit)).toMatchObject({ type: "commit", ownRemoved: true });
    const secret = await world.say("not for the tablet");
    expect(await phone.read(secret)).toBe("not for the tablet");
    await expect(tablet.read(secret)).rejects.toMatchObject({ why: "removed" });
    await expect(tablet.say("hello?")).rejects.toMatchObject({ why: "removed" });
    expect(phone.device.members(phone.group)).toHaveLength(2);
  });

  test("who lost everything comes back by itself, and so does a race's winner", async () => {
    const { shop } = await open();
    const phone = await world.joined();
    const tablet = await world.joined(phone);
    const info = bytes(await shop.ask("group_info"), "groupInfo");
    const lost = await shop.ask("add", { packages: [(await (await world.phone()).package(suite)).message] });
    phone.held = undefined;
    const commit = await phone.rejoin(info);
    await shop.ask("discard");
    for (let at = 0; at < commit.length; at += 23) {
      const changed = commit.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(tablet.receive(changed), `byte ${at}`).rejects.toHaveProperty("why");
      await expect(shop.ask("receive", { message: changed }), `byte ${at}`).rejects.toThrow();
    }
    const seen = await shop.ask("receive", { message: commit });
    expect(seen).toMatchObject({ kind: "commit", ownRemoved: false, epoch: 3 });
    expect(bytes({ removed: (seen.removed as string[])[0] ?? "" }, "removed")).toEqual(phone.id);
    expect(await tablet.receive(commit)).toMatchObject({ sender: { device: hex(phone.id) }, ownRemoved: false });
    await expect(phone.receive(bytes(lost, "commit"))).rejects.toMatchObject({ why: "wrong-epoch" });
    const hello = await phone.say("back again");
    expect(await world.read(hello)).toBe("back again");
    expect(await tablet.read(hello)).toBe("back again");
    const third = await world.joined(phone, tablet);
    const all = await world.say("all of us");
    for (const member of [phone, tablet, third]) expect(await member.read(all)).toBe("all of us");
  });

  test("both go on from what they stored, and damaged state is refused", async () => {
    const { shop } = await open();
    const phone = await world.joined();
    const tablet = await world.joined(phone);
    const late = await tablet.say("late");
    await shop.ask("remove", { devices: [tablet.id] });
    await shop.ask("save_load");
    await shop.ask("confirm");
    await shop.ask("discard");
    await shop.ask("save_load");
    expect(await world.read(late)).toBe("late");
    const stored = phone.device.exportGroup(phone.group);
    phone.held = phone.device.importGroup(view(stored));
    expect(await phone.read(late)).toBe("late");
    expect(phone.device.exportGroup(phone.device.importGroup(stored))).toEqual(stored);
    expect(stored.length).toBeLessThan(suite === X25519 ? 8_000 : 30_000);
    for (const end of [0, 1, 18, 19, 40, stored.length - 1]) {
      expect(() => phone.device.importGroup(stored.slice(0, end)), `${end}`).toThrow("rejoin");
    }
    const newer = stored.slice();
    newer[0] = 2;
    expect(() => phone.device.importGroup(newer)).toThrow("another version");
  });

  test("the last resort opens more than one welcome", async () => {
    await open();
    const phone = await world.phone();
    const last = await phone.package(suite, true);
    for (const seed of [1, 2]) {
      const other = await World.open(path, suite, world.mls);
      await other.shop.ask("world", { suite, seed: suite });
      const change = await other.shop.ask("add", { packages: [last.message] });
      await other.shop.ask("confirm");
      expect(await phone.join(bytes(change, "welcome"))).toBe(last.reference);
      expect(await phone.read(await other.say(`hello ${seed}`))).toBe(`hello ${seed}`);
      other.shop.stop();
    }
  });

  test("strangers are refused, and so is garbage", async () => {
    await open();
    const phone = await world.joined();
    const stranger = await world.phone(new Uint8Array(16).fill(9));
    const info = bytes(await world.shop.ask("group_info"), "groupInfo");
    await expect(stranger.rejoin(info)).rejects.toMatchObject({ why: "refused" });
    const change = await world.shop.ask("add", { packages: [(await stranger.package(suite)).message] });
    await expect(phone.receive(bytes(change, "commit"))).rejects.toMatchObject({ why: "refused" });
    await expect(stranger.join(bytes(change, "welcome"))).rejects.toMatchObject({ why: "refused" });
    await world.shop.ask("discard");
    const hello = await world.say("in order");
    for (let end = 0; end < hello.length; end += 3) {
      await expect(phone.read(hello.slice(0, end)), `cut at ${end}`).rejects.toHaveProperty("why");
    }
    for (let at = 0; at < hello.length; at += 5) {
      const changed = hello.slice();
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      await expect(phone.read(changed), `byte ${at}`).rejects.toHaveProperty("why");
    }
    for (let end = 0; end < info.length; end += 97) {
      await expect(phone.device.rejoin(info.slice(0, end)), `cut at ${end}`).rejects.toHaveProperty("why");
    }
    expect(await phone.read(hello)).toBe("in order");
    const noSecret = await (await world.phone()).device
      .join(bytes(change, "welcome"), async () => null)
      .catch((error) => error);
    expect(noSecret).toMatchObject({ why: "no-secret" });
  });
});

test("the endpoint's commitment is the HMAC of its content", async () => {
  const world = await World.open(path, X25519);
  const sealed = await world.shop.ask("seal", { text: "Salamat" });
  world.shop.stop();
  const { commitment, messageId } = fromBinary(HeaderSchema, bytes(sealed, "header"));
  const { content, commitmentKey } = fromBinary(SealedSchema, bytes(sealed, "plaintext"));
  const owned = (from: Uint8Array) => new Uint8Array(from);
  const key = await crypto.subtle.importKey("raw", owned(commitmentKey), { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
  expect(await crypto.subtle.verify("HMAC", key, owned(commitment), owned(content))).toBe(true);
  expect(messageId).toEqual(bytes(sealed, "id"));
});
