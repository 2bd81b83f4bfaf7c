import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { composer, DESK, openBrowser, PHONE, row, say, sees, thread, violations, World } from "./people.ts";

let browser: Browser;
let w: World;
beforeAll(async () => {
  browser = await openBrowser();
});
beforeEach(async () => {
  w = await World.open(browser);
});
afterEach(() => w.close());
afterAll(() => browser.close());

describe("more than one", () => {
  it("device: one that is linked sees the history, and both write and read", async () => {
    const ana = await w.customer();
    const nena = await w.operator();
    await say(ana, "From the phone");
    await row(nena, "From the phone").click();
    await say(nena, "Answered before the tablet came");
    await sees(ana, "Answered before the tablet came");
    await ana.goto(`${w.server.url}/c/_me`);
    await ana.getByRole("button", { name: "Link a device" }).click();
    const link = await ana.getByRole("dialog").getByRole("textbox").inputValue();
    const tablet = await (await w.person(DESK)).newPage();
    await tablet.goto(link);
    await tablet.getByRole("button", { name: "Link this device" }).click();
    await row(tablet, "Aling Nena").click();
    await sees(tablet, "From the phone", "Answered before the tablet came");
    await say(tablet, "From the tablet");
    await sees(nena, "From the tablet");
    await say(nena, "To both of you");
    await sees(tablet, "To both of you");
    await ana.goto(`${w.server.url}/c/aling-nena`);
    await sees(ana, "From the phone", "From the tablet", "To both of you");
  });

  it("operator: a colleague is invited, and each sees what the other answers and types", async () => {
    const ana = await w.customer();
    const nena = await w.operator();
    await say(ana, "Who is there?");
    await nena.getByRole("link", { name: "Team", exact: true }).click();
    await nena.getByRole("button", { name: "Invite" }).click();
    await nena.getByLabel("Name").fill("Pia Cruz");
    await nena.getByLabel("E-mail").fill("pia@example.com");
    await nena.getByRole("button", { name: "Make the invitation" }).click();
    const link = await nena.getByRole("textbox", { name: "Sign-in link" }).inputValue();
    await nena.getByRole("button", { name: "Done" }).click();
    const pia = await w.operator(link);
    await nena.getByRole("navigation").getByRole("link", { name: /Chats/ }).click();
    for (const page of [nena, pia]) await row(page, "Who is there?").click();
    await composer(pia).pressSequentially("Pia he");
    await thread(nena).getByText("Pia Cruz is answering").waitFor();
    await say(pia, "Pia here");
    await sees(nena, "Pia here");
    await say(nena, "And Nena");
    await sees(pia, "And Nena");
    await sees(ana, "Pia here", "And Nena");
    await thread(nena).getByText("Pia Cruz is answering").waitFor({ state: "detached" });
  });
});

describe("a guest without a name", () => {
  it("is shown by the number, and answered", async () => {
    const guest = await w.customer("");
    const nena = await w.operator();
    await say(guest, "No name given");
    await row(nena, "No name given").getByText("+999000000001").waitFor();
    await row(nena, "No name given").click();
    await nena.getByRole("heading", { name: "+999000000001", level: 1 }).waitFor();
    await say(nena, "Welcome anyway");
    await sees(guest, "Welcome anyway");
  });
});

describe("a wrong link", () => {
  it("says that it leads nowhere", async () => {
    const page = await (await w.person(PHONE)).newPage();
    await page.goto(`${w.server.url}/c/nobody-here`);
    await page.getByRole("heading", { name: "This link leads nowhere" }).waitFor();
    await page.goto(`${w.server.url}/c/#link=WRONG`);
    await page.getByRole("button", { name: "Link this device" }).click();
    await page.getByRole("alert").getByText("This code does not work").waitFor();
  });

  it("says that a sign-in link was used", async () => {
    const link = (await w.server.env()).SUKI_INBOX_LINK;
    await w.operator(link);
    const late = await (await w.person(DESK)).newPage();
    await late.goto(link);
    await late.getByRole("alert").getByText("This sign-in link was used already").waitFor();
    expect(await violations(late)).toEqual([]);
  });
});

describe("every page", () => {
  for (const colorScheme of ["light", "dark"] as const) {
    it(`has no violation that axe finds, in the ${colorScheme}`, { timeout: 180_000 }, async () => {
      const start = await (await w.person({ ...PHONE, colorScheme })).newPage();
      await start.goto((await w.server.env()).SUKI_CUSTOMER_LINK);
      await start.getByRole("button", { name: "Start chatting" }).waitFor();
      expect(await violations(start), "the first page").toEqual([]);
      const ana = await w.customer("Ana Reyes", { ...PHONE, colorScheme });
      const nena = await w.operator(undefined, { ...DESK, colorScheme });
      await say(ana, "Hello");
      await row(nena, "Hello").click();
      await say(nena, "Good morning");
      await sees(ana, "Good morning");
      for (const path of ["aling-nena", "aling-nena/about", "_me", ""]) {
        await ana.goto(`${w.server.url}/c/${path}`);
        await ana
          .getByText("Aling Nena’s Bakery")
          .or(ana.getByText("This device", { exact: true }))
          .locator("visible=true")
          .first()
          .waitFor();
        await ana.locator("[aria-busy=true]").waitFor({ state: "detached" });
        expect(await violations(ana), `/c/${path}`).toEqual([]);
      }
      expect(await violations(nena), "the chat in the inbox").toEqual([]);
      for (const place of ["Team", "Share", "You"]) {
        await nena.getByRole("link", { name: place, exact: true }).click();
        await nena.getByRole("heading", { level: 1 }).locator("visible=true").first().waitFor();
        expect(await violations(nena), place).toEqual([]);
      }
    });
  }
});
