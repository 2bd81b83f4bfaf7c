import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, PHONE, reachable, violations, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const composer = (page: Page) => page.getByRole("textbox", { name: /^Message to/ });
const heading = (page: Page, name: string) => page.getByRole("heading", { name, exact: true, level: 1 });

describe("a link", () => {
  it("shows who the business is before anything happens, and starts with one button", async () => {
    const page = await w.visit("/c/aling-nena?text=Pandesal%3F", { scene: "new" });
    await heading(page, "Aling Nena’s Panaderya").waitFor();
    await page.getByText("Verified number").waitFor();
    await page.getByText(/^Encrypted between this device and .* hosted by suki\.panaderya\.ph/).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel("Your name").fill("Ana");
    await page.getByRole("button", { name: "Start chatting" }).click();
    await composer(page).waitFor();
    expect(await composer(page).inputValue()).toBe("Pandesal?");
    expect(page.url()).not.toContain("text=");
    await composer(page).press("Enter");
    await page.getByRole("log").getByText("Pandesal?").waitFor();
    await page.getByRole("log").getByText("Read", { exact: true }).waitFor();
    await page.getByRole("log").getByText("Thank you! We’ll get back to you in a moment.").waitFor();
  });

  it("says when it leads nowhere, and when the server is away", async () => {
    const page = await w.visit("/c/nobody-here", { scene: "new" });
    await heading(page, "This link leads nowhere").waitFor();
    expect(await violations(page)).toEqual([]);
    const lost = await w.visit("/c/a/b/c", { scene: "new" });
    await heading(lost, "There is nothing here").waitFor();
  });
});

describe("the thread", () => {
  it("keeps what was written without a connection, and sends it afterwards", async () => {
    const page = await w.visit("/c/aling-nena");
    await composer(page).waitFor();
    await reachable(page, false);
    await page.getByText("Reconnecting…").waitFor();
    await composer(page).fill("Are you there?");
    await composer(page).press("Enter");
    const waiting = page.getByRole("log").getByText("Waiting to be sent");
    await waiting.waitFor();
    await reachable(page, true);
    await page.getByRole("log").getByText("Thank you! We’ll get back", { exact: false }).waitFor();
    expect(await waiting.count()).toBe(0);
  });

  it("marks what is unread, and takes the mark off the list", async () => {
    const page = await w.visit("/c/");
    const row = page.getByRole("link", { name: /Aling Nena/ });
    await row.getByText("3 unread").waitFor();
    await row.click();
    await page.getByRole("log").getByText("3 unread messages").waitFor();
    await page.getByRole("link", { name: "Back" }).click();
    await row.waitFor();
    await row.getByText("3 unread").waitFor({ state: "detached" });
  });

  it("keeps a draft for each chat", async () => {
    const page = await w.visit("/c/noor");
    await composer(page).fill("غداً");
    await page.getByRole("link", { name: "Back" }).click();
    await page.getByRole("link", { name: /نور/ }).getByText("Draft:").waitFor();
    await page.getByRole("link", { name: /দেশি/ }).click();
    await composer(page).waitFor();
    expect(await composer(page).inputValue()).toBe("তাহলে কাল দুই কেজি");
  });

  it("is read, answered and left by the keyboard alone", async () => {
    const page = await w.visit("/c/aling-nena", DESK);
    await composer(page).waitFor();
    await page.getByRole("log").focus();
    await page.keyboard.press("End");
    await page.keyboard.press("r");
    await page.getByText("Replying to Aling Nena’s Panaderya").waitFor();
    await page.keyboard.type("Yes please");
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText("In reply to Aling Nena’s Panaderya").last().waitFor();
  });

  it("shows why a message was refused, and tries again", async () => {
    const page = await w.visit("/c/fixit");
    await composer(page).waitFor();
    await page.evaluate(() => {
      type Fault = (frame: { body: { case: string } }) => unknown;
      const { network } = (globalThis as unknown as { fake: { network: { fault: Fault } } }).fake;
      let refusals = 1;
      network.fault = ({ body }) =>
        body.case === "submit" && refusals-- > 0
          ? { case: "refused", value: { code: 7, message: "This shop takes no messages right now." } }
          : null;
    });
    await composer(page).fill("Hello?");
    await composer(page).press("Enter");
    await page.getByText("Not sent: This shop takes no messages right now.").waitFor();
    await page.getByRole("button", { name: "Retry" }).click();
    await page.getByRole("log").getByText("Thank you! We’ll get back", { exact: false }).waitFor();
  });
});

describe("devices", () => {
  it("shows a code for another device, and removes nothing without asking", async () => {
    const page = await w.visit("/c/_me");
    await page.getByText("This device", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Link a device" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("Good for 5 more minutes").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Erase…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Erase", exact: true }).click();
    await heading(page, "Chat with the shops you know").waitFor();
  });

  it("refuses a wrong code with words", async () => {
    const page = await w.visit("/c/#link=WRONG", { scene: "new" });
    await page.getByRole("button", { name: "Link this device" }).click();
    await page.getByRole("alert").getByText("This code does not work").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("says when it is no longer known", async () => {
    const page = await w.visit("/c/", { scene: "removed" });
    await heading(page, "This device is no longer known").waitFor();
  });
});

describe("what a business may do", () => {
  it("shows an order in the approved words, and a quick reply answers it", async () => {
    const page = await w.visit("/c/aling-nena", { scene: "structured", ...DESK });
    await page.getByRole("log").getByText("Please pay ₱1,240.00 when you come, before November 21, 2026").waitFor();
    const order = page.getByRole("link", { name: "Show the order" });
    expect(await order.getAttribute("href")).toBe("https://suki.panaderya.ph/orders/2127");
    expect(await order.getAttribute("rel")).toContain("noopener");
    await page.getByRole("button", { name: "I’m on my way" }).click();
    await page.getByRole("log").getByText("I’m on my way").last().waitFor();
    await page.getByText("Ends in 71 hours").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("stops offers with one press from an offer (R7)", async () => {
    const page = await w.visit("/c/aling-nena", { scene: "structured" });
    await page.getByRole("button", { name: "Stop offers" }).click();
    await page.getByText("can send you no more offers").first().waitFor();
    await page.getByRole("button", { name: "Stop offers" }).waitFor({ state: "detached" });
  });

  it("chooses, agrees, blocks and unblocks (R5, R9, R11)", async () => {
    const page = await w.visit("/c/aling-nena/about", DESK);
    await page.getByText("Important", { exact: true }).click();
    await page.getByText("No offers.").waitFor();
    await page.getByRole("button", { name: "I agree" }).click();
    await page.getByText("You agreed here, on your own device.").waitFor();
    await page.getByRole("button", { name: "Block", exact: true }).click();
    await page.getByRole("status").getByText("You have blocked Aling Nena’s Panaderya").waitFor();
    await page.getByRole("textbox", { name: /Write to/ }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: "Unblock" }).last().click();
    await page.getByRole("status").getByText("You have blocked").waitFor({ state: "detached" });
    expect(await violations(page)).toEqual([]);
  });

  it("reports the messages that are chosen, and no others (R8)", async () => {
    const page = await w.visit("/c/aling-nena/about");
    await page.getByRole("button", { name: "Report", exact: true }).click();
    await page.getByRole("radio", { name: "Insults, threats or fraud" }).check();
    const boxes = page.getByRole("dialog").locator(".messages input");
    const most = await boxes.count();
    await boxes.first().uncheck();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Send the report" }).click();
    await page.getByText("Reported. Thank you").waitFor();
    const sent = await page.evaluate(() => (globalThis as unknown as Fake).fake.relations.reports);
    expect(sent).toMatchObject([{ reason: "abuse", block: true }]);
    expect(sent[0]?.messages).toHaveLength(most - 1);
  });

  it("finds a business by name (R22), and chooses for all (R6)", async () => {
    const page = await w.visit("/c/", DESK);
    await page.getByLabel("Find a business").fill("fix");
    await page.getByRole("link", { name: /Fix-It/ }).click();
    await heading(page, "Fix-It Phone & Laptop Repair, Quezon Avenue Branch").waitFor();
    await page.getByRole("link", { name: "You and your devices" }).click();
    await page.getByText("None", { exact: true }).click();
    await page.getByText("only your private chats").waitFor();
  });
});

/** What the fake world keeps for tests. */
interface Fake {
  fake: { relations: { reports: { reason: string; block: boolean; messages: unknown[] }[] } };
}

describe("every page, light and dark, left to right and right to left", () => {
  const looks = [
    { ...PHONE },
    { ...PHONE, colorScheme: "dark", lang: "ar-XB" },
    { ...DESK, colorScheme: "dark", lang: "xx" },
    { ...DESK, reducedMotion: "reduce" },
  ] as const;
  for (const [index, look] of looks.entries()) {
    it(`has no violation that axe finds (${index + 1})`, async () => {
      for (const path of ["/c/", "/c/aling-nena", "/c/aling-nena/about", "/c/_me"]) {
        const page = await w.visit(path, look);
        await page
          .locator(path === "/c/" ? "nav a" : "main")
          .first()
          .waitFor();
        await page.locator("[aria-busy=true]").waitFor({ state: "detached" });
        expect(await violations(page), path).toEqual([]);
        const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
        expect(sideways, `${path} scrolls sideways`).toBe(false);
        await page.context().close();
      }
    });
  }
});
