import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { DESK, openBrowser, violations, World } from "./people.ts";

let browser: Browser;
let world: World;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(() => browser.close());
beforeEach(async () => {
  world = await World.open(browser);
});
afterEach(() => world.close());

describe("the console", () => {
  it("lets the platform's operator in once, and lets him look after a business", async () => {
    const link = (await world.server.env()).SUKI_CONSOLE_LINK;
    const page = await (await world.person(DESK)).newPage();
    await page.goto(link);
    await page.getByRole("heading", { name: "Reviews" }).waitFor();
    expect(page.url()).not.toContain("sign-in");
    const late = await (await world.person(DESK)).newPage();
    await late.goto(link);
    await late.getByRole("alert").getByText("was used already").waitFor();

    await page.getByRole("link", { name: "Businesses" }).click();
    await page.getByRole("link", { name: /Aling Nena’s Bakery/ }).click();
    await page.getByRole("heading", { name: "Standing" }).waitFor();
    await page.getByRole("button", { name: "Set the level" }).click();
    await page.getByRole("dialog").getByRole("radio").nth(2).check();
    await page.getByRole("dialog").getByLabel("Explanation").fill("Everybody in Quezon City knows it.");
    await page.getByRole("dialog").getByRole("button", { name: "Set the level" }).click();
    await page.getByRole("main").getByText("Official account").first().waitFor();
    await page.getByText("level.set").waitFor();
    expect(await violations(page)).toEqual([]);

    await page.getByRole("link", { name: "Record" }).click();
    await page.getByRole("button", { name: "Check it" }).click();
    await page.getByText(/records are as they were written/).waitFor();
    for (const place of ["Prices", "Announce", "Rules", "Team"]) {
      await page.getByRole("link", { name: place }).click();
      await page.getByRole("heading", { name: place, level: 1 }).waitFor();
      expect(await violations(page)).toEqual([]);
    }
  });
});
