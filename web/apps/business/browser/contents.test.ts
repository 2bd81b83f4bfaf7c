import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, PHONE, violations, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const log = (page: Page) => page.getByRole("log");
const open = (options: Parameters<World["visit"]>[1] = {}) =>
  w.visit("#/chats/cht_10nina", { scene: "contents", ...options });

describe("everything that can be said in a chat (contract, section 3b)", () => {
  it("is shown: files, places, people, choices, forms, orders, reactions", async () => {
    const page = await open(DESK);
    await log(page).getByText("Is this the cake?").waitFor();
    await log(page)
      .getByText(/^You reacted with .*❤️/)
      .waitFor({ state: "attached" });
    await log(page)
      .getByText(/Nina Kalaw.* reacted with .*🙏/)
      .waitFor({ state: "attached" });
    await log(page)
      .getByRole("button", { name: /^Download: Video, 3\.4/ })
      .waitFor();
    await log(page).getByRole("group", { name: "Voice message" }).waitFor();
    await log(page).getByText("Price list, November 2026.pdf").waitFor();
    await log(page).getByText("Taft Avenue 2127, Manila").waitFor();
    await log(page).getByRole("link", { name: "+63 917 555 0142" }).waitFor();
    await log(page).getByRole("list", { name: "2 cards" }).waitFor();
    await log(page).getByText("₱380.00").waitFor();
    await log(page)
      .getByRole("link", { name: /Follow it/ })
      .waitFor();
    await log(page)
      .getByText(/Nina Kalaw.* sent something that this inbox cannot show yet/)
      .waitFor();
  });

  it("reads a filled-in form as a table, without what only machines need", async () => {
    const page = await open(DESK);
    const form = log(page).getByRole("table", { name: "Form filled in" });
    await form.getByRole("row", { name: "Name Ana Reyes" }).waitFor();
    await form.getByRole("row", { name: "Fillings Ube and Cheese" }).waitFor();
    await form.getByRole("row", { name: "surprise Yes" }).waitFor();
    expect(await form.getByText("f-1").count()).toBe(0);
  });

  it("adds up an order, and shows what a list offers", async () => {
    const page = await open(DESK);
    await log(page).getByText("₱1,690.00").waitFor();
    await log(page).getByRole("button", { name: "Times" }).click();
    await page.getByRole("dialog").getByText("Straight out of the oven").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();
    // What only the customer can press stays for him.
    expect(await log(page).getByRole("button", { name: "Friday" }).isDisabled()).toBe(true);
  });

  it("shows pictures large, one after the other", async () => {
    const page = await open(DESK);
    await log(page).getByText("Is this the cake?").scrollIntoViewIfNeeded();
    const cake = log(page).locator("article").filter({ hasText: "Is this the cake?" });
    await cake.getByRole("button", { name: "Open: Picture" }).click();
    await page
      .getByRole("dialog")
      .getByText(/1.* of .*3/)
      .waitFor();
    await page.getByRole("dialog").getByText("Is this the cake?").waitFor();
    await page.keyboard.press("ArrowRight");
    await page
      .getByRole("dialog")
      .getByText(/2.* of .*3/)
      .waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  });

  it("breaks no rule of axe, on a desk and on a phone", async () => {
    for (const options of [DESK, { ...PHONE, colorScheme: "dark" as const }]) {
      const page = await open(options);
      await log(page).getByText("Form filled in").waitFor();
      expect(await violations(page)).toEqual([]);
    }
  });
});
