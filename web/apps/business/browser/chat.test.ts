import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, PHONE, reachable, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const composer = (page: Page) => page.getByRole("textbox", { name: /^Message to/ });
const thread = (page: Page) => page.getByRole("log");
const bubbles = (page: Page, text: string) => thread(page).locator("article").filter({ hasText: text });
const ticks = (page: Page, text: string) =>
  bubbles(page, text).locator(".ticks[data-state]").getAttribute("data-state");
const until = async (check: () => Promise<unknown>, wanted: unknown) => {
  await expect.poll(check, { timeout: 15_000, interval: 50 }).toEqual(wanted);
};

describe("a chat", () => {
  it("sends once with Enter, shows how the message travels, and the answer as it is typed", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await composer(page).fill("Yes, GCash is fine.");
    await composer(page).press("Enter");
    await until(() => composer(page).inputValue(), "");
    await until(() => bubbles(page, "Yes, GCash is fine.").count(), 1);
    const states = new Set<string | null>();
    await until(async () => {
      states.add(await ticks(page, "Yes, GCash is fine."));
      return states.has("read");
    }, true);
    await page.getByText("Ana Reyes is typing").first().waitFor({ state: "attached" });
    await bubbles(page, "Perfect, see you then.").waitFor();
    expect([...states].filter((state) => state === "failed")).toEqual([]);
    expect(await bubbles(page, "Yes, GCash is fine.").count()).toBe(1);
  });

  it("makes a new line with Shift+Enter and sends nothing while an input method composes", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await composer(page).fill("one");
    await composer(page).press("Shift+Enter");
    await composer(page).pressSequentially("two");
    expect(await composer(page).inputValue()).toBe("one\ntwo");
    await composer(page).evaluate((field) => {
      field.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }),
      );
      field.dispatchEvent(
        new KeyboardEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true, cancelable: true }),
      );
    });
    expect(await composer(page).inputValue()).toBe("one\ntwo");
    await composer(page).press("Enter");
    await until(() => composer(page).inputValue(), "");
  });

  it("keeps what is written while the server is away, says so, and sends it once when it is back", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await thread(page).waitFor();
    await reachable(page, false);
    await page.getByText("Reconnecting…").waitFor();
    await composer(page).fill("Written while away");
    await composer(page).press("Enter");
    await until(() => ticks(page, "Written while away"), "queued");
    await reachable(page, true);
    await until(() => ticks(page, "Written while away"), "read");
    expect(await bubbles(page, "Written while away").count()).toBe(1);
    expect(await page.getByText("Reconnecting…").count()).toBe(0);
  });

  it("keeps drafts and unsent messages over a reload, and marks the draft in the list", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await thread(page).waitFor();
    await composer(page).fill("half a thought");
    await page.locator("[data-chat=con_02layla]").click();
    await page.locator("[data-chat=con_01ana]").getByText("half a thought").waitFor();
    await reachable(page, false);
    await composer(page).fill("not sent yet");
    await composer(page).press("Enter");
    await page.goto(w.url("#/chats/cht_02layla"));
    await page.reload();
    await until(() => bubbles(page, "not sent yet").count(), 1);
    await until(() => ticks(page, "not sent yet"), "read");
    await page.locator("[data-chat=con_01ana]").click();
    await until(() => composer(page).inputValue(), "half a thought");
  });

  it("tells why a message failed and sends it anew with Retry", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await composer(page).fill("please fail");
    await composer(page).press("Enter");
    await until(() => ticks(page, "please fail"), "failed");
    await bubbles(page, "please fail").getByText("device could not be reached").waitFor();
    await bubbles(page, "please fail").getByRole("button", { name: "Retry" }).click();
    await until(() => bubbles(page, "please fail").count(), 2);
    await until(() => bubbles(page, "please fail").first().getByRole("button", { name: "Retry" }).count(), 0);
  });

  it("quotes a message and leads back to it", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await bubbles(page, "And can I pay with GCash").hover();
    await bubbles(page, "And can I pay with GCash").getByRole("button", { name: "Reply" }).click();
    await page.getByText("Replying to Ana Reyes").waitFor();
    await composer(page).fill("Sure");
    await composer(page).press("Enter");
    await bubbles(page, "Sure").getByText("And can I pay with GCash").waitFor();
    expect(await page.getByText("Replying to").count()).toBe(0);
  });

  it("replaces the composer by the reason when the window closes, and brings it back with the draft", async () => {
    const page = await w.visit("#/chats/cht_03tomasz");
    await composer(page).fill("almost too late");
    await page.evaluate(() => {
      const { store } = (
        globalThis as unknown as {
          fake: { store: { chats: Map<string, object>; now: () => number; emit: (event: object) => void } };
        }
      ).fake;
      const chat = store.chats.get("cht_03tomasz");
      store.emit({ type: "chat", chat: { ...chat, window_until: store.now() + 2_000 } });
    });
    await page.getByText("The time to answer freely is over").waitFor();
    await page.getByText("Your draft is kept.").waitFor();
    expect(await composer(page).count()).toBe(0);
    await page.evaluate(() => {
      const { store } = (
        globalThis as unknown as { fake: { store: { chats: Map<string, object>; emit: (event: object) => void } } }
      ).fake;
      store.emit({ type: "chat", chat: store.chats.get("cht_03tomasz") });
    });
    await until(() => composer(page).inputValue(), "almost too late");
  });
});

describe("the thread", () => {
  it("opens at the unread divider, is read when seen, and the title counts what is left", async () => {
    const page = await w.visit("#/chats");
    await until(() => page.title(), "(7) Suki inbox");
    await page.locator("[data-chat=con_01ana]").click();
    await thread(page).getByText("2 unread messages").waitFor();
    await until(() => page.title(), "(5) Suki inbox");
    await thread(page).getByText("2 unread messages").waitFor();
  });

  it("loads older messages at the top and keeps the place", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await thread(page).waitFor();
    const before = await thread(page).locator("article").count();
    const drift = await thread(page).evaluate(async (scroller) => {
      scroller.scrollTop = 0;
      const first = scroller.querySelector<HTMLElement>("article");
      const place = () => Math.round((first?.getBoundingClientRect().top ?? 0) - scroller.getBoundingClientRect().top);
      const stood = place();
      const count = scroller.querySelectorAll("article").length;
      while (scroller.querySelectorAll("article").length === count)
        await new Promise((resolve) => requestAnimationFrame(resolve));
      await new Promise((resolve) => requestAnimationFrame(resolve));
      return Math.abs(place() - stood);
    });
    expect(await thread(page).locator("article").count()).toBeGreaterThan(before);
    expect(drift).toBeLessThanOrEqual(2);
  });

  it("stays where the reader is when something arrives, and counts it on the way to the end", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await thread(page).waitFor();
    const top = await thread(page).evaluate((scroller) => {
      scroller.scrollTop = scroller.scrollHeight / 2;
      return scroller.scrollTop;
    });
    await page.evaluate(() => {
      const { store, life } = (
        globalThis as unknown as {
          fake: {
            store: { chats: Map<string, object> };
            life: { answer: (chat: object | undefined, text: string, wait: number) => void };
          };
        }
      ).fake;
      life.answer(store.chats.get("cht_01ana"), "One more thing!", 0);
    });
    const jump = page.getByRole("button", { name: "1 new message, jump to the latest" });
    await jump.waitFor();
    expect(Math.abs((await thread(page).evaluate((scroller) => scroller.scrollTop)) - top)).toBeLessThanOrEqual(2);
    await jump.click();
    await jump.waitFor({ state: "detached" });
    await until(() => page.title(), "(5) Suki inbox");
  });
});

describe("finding the way", () => {
  it("works with the keyboard alone", async () => {
    const page = await w.visit("#/chats");
    await page.locator("[data-chat=con_01ana]").waitFor();
    await page.locator("[data-chat=con_01ana]").focus();
    await page.keyboard.press("j");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("k");
    await page.keyboard.press("Enter");
    await until(async () => page.url().split("#")[1], "/chats/cht_02layla");
    await until(
      () => page.evaluate(() => document.activeElement?.getAttribute("aria-label")),
      "Message to \u2068ليلى حداد\u2069",
    );
    await page.keyboard.type("typed at once");
    expect(await composer(page).inputValue()).toBe("typed at once");
    await page.keyboard.press("Alt+j");
    await until(async () => page.url().split("#")[1], "/chats/cht_06guest");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("grace");
    await page.locator("[data-chat=con_08grace]").waitFor();
    await page.keyboard.press("Enter");
    await until(async () => page.url().split("#")[1], "/chats/cht_08grace");
  });

  it("replies to a message with the keyboard", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await thread(page).waitFor();
    await thread(page).focus();
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("ArrowUp");
    await page.keyboard.press("Enter");
    await page.getByText("Replying to Ana Reyes").waitFor();
    await page.keyboard.press("Escape");
    expect(await page.getByText("Replying to").count()).toBe(0);
  });

  it("shows one pane on the phone, and Back finds the list where it was", async () => {
    const page = await w.visit("#/chats", PHONE);
    const list = page.locator("section ul");
    await list.waitFor();
    await list.evaluate((element) => {
      element.scrollTop = 1_200;
    });
    const top = await list.evaluate((element) => element.scrollTop);
    await page.locator("[data-chat=con_r010]").click();
    await composer(page).or(page.getByText("The time to answer freely is over")).first().waitFor();
    expect(await page.getByRole("navigation").isVisible()).toBe(false);
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByRole("navigation").waitFor();
    expect(await list.evaluate((element) => element.scrollTop)).toBe(top);
  });

  it("covers the chat with the contact on the phone, and gives the focus back", async () => {
    const page = await w.visit("#/chats/cht_01ana", PHONE);
    await page.getByRole("button", { name: "Ana Reyes" }).click();
    const panel = page.getByRole("complementary", { name: "About Ana Reyes" });
    await panel.getByText("@ana.reyes").waitFor();
    await until(() => panel.evaluate((element) => element.contains(document.activeElement)), true);
    await page.keyboard.press("Escape");
    await panel.waitFor({ state: "detached" });
    await until(() => page.evaluate(() => document.activeElement?.textContent?.includes("Ana Reyes")), true);
  });

  it("folds the contact away and remembers it", async () => {
    const page = await w.visit("#/chats/cht_01ana", DESK);
    await page.getByRole("complementary").waitFor();
    await page.getByRole("button", { name: "Hide the contact" }).click();
    await page.getByRole("complementary").waitFor({ state: "detached" });
    await page.reload();
    await thread(page).waitFor();
    expect(await page.getByRole("complementary").count()).toBe(0);
  });
});
