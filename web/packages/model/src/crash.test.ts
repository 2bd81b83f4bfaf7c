import { expect, test } from "vitest";
import { seen, until, World } from "./world.test-kit.ts";

/** How many writes a page makes while it sends one message and gets one. */
async function chat(crashAt: number): Promise<boolean> {
  const world = new World(crashAt);
  const browser = world.browser();
  let { page, chat: conversation } = await browser.chatting();
  const known = world.network.conversations.get(conversation);
  if (!known) throw new Error("no conversation");

  // The power goes out at the n-th commit: the transaction is aborted, and nothing the page does afterwards is kept.
  let commits = 0;
  let crashed = false;
  const transaction = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    const tx = transaction.call(this, stores, mode, options);
    if (mode === "readwrite" && !crashed) {
      commits += 1;
      if (commits === crashAt) crashed = true;
    }
    if (mode === "readwrite" && crashed && !revived) tx.abort();
    return tx;
  };
  let revived = false;
  try {
    const sending = page.send(conversation, "mine").catch(() => null);
    const saying = world.shop.say(known, "theirs");
    const settled = async () => {
      const lines = await seen(page, conversation);
      return crashed || (lines.includes("business: theirs") && lines.includes("me: mine [delivered]"));
    };
    await until(settled);
    await Promise.all([sending, saying]);
    page.close();
    revived = true;
    page = await browser.open();
    const written = (await sending) !== null;
    await until(async () => {
      world.clock.advance(250);
      const lines = await seen(page, conversation);
      return lines.includes("business: theirs") && (!written || lines.includes("me: mine [delivered]"));
    });
    // Once each, on both sides; and what was not written down for the person was not sent either.
    expect((await seen(page, conversation)).filter((one) => one.includes("theirs")).length).toBe(1);
    expect((await seen(page, conversation)).filter((one) => one.includes("mine")).length).toBe(written ? 1 : 0);
    expect(world.shop.heard.map((one) => one.text)).toEqual(written ? ["mine"] : []);
    expect((await seen(page, conversation)).join()).not.toContain("lost");
  } finally {
    IDBDatabase.prototype.transaction = transaction;
    page.close();
  }
  return crashed;
}

test("a crash at any write loses nothing and doubles nothing", async () => {
  let crashAt = 1;
  while (await chat(crashAt)) crashAt += 1;
  // Fewer would mean that the crashes did not hit what they are meant to hit.
  expect(crashAt).toBeGreaterThan(6);
});
