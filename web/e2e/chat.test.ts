import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bubbles, composer, follow, openBrowser, row, say, sees, thread, ticks, until, World } from "./people.ts";

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

const ORDER = ["queued", "sent", "delivered", "read"];
const forward = (states: string[]) => {
  expect(states).toEqual([...new Set(states)].sort((a, b) => ORDER.indexOf(a) - ORDER.indexOf(b)));
};

describe("a chat", () => {
  it("goes both ways, with ticks and typing on both sides, and the time to answer", async () => {
    const ana = await w.customer();
    const nena = await w.operator();
    const seen = await follow(ana, "Do you have pandesal?");
    await say(ana, "Do you have pandesal?");
    await ticks(ana, "Do you have pandesal?", "delivered");
    await row(nena, "Ana Reyes")
      .getByText(/^2[34]h$/)
      .waitFor();
    await row(nena, "Ana Reyes").click();
    await sees(nena, "Do you have pandesal?");
    await nena.getByText(/Open to answer for 2[34] hours/).waitFor();
    await ticks(ana, "Do you have pandesal?", "read");
    const states = await seen();
    forward(states);
    expect(states).toEqual(expect.arrayContaining(["delivered", "read"]));

    await composer(nena).pressSequentially("Fresh");
    await thread(ana).getByText("Aling Nena’s Bakery is typing").waitFor();
    await say(nena, "Fresh from the oven!");
    await sees(ana, "Fresh from the oven!");
    await thread(ana).getByText("Aling Nena’s Bakery is typing").waitFor({ state: "detached" });
    await ticks(nena, "Fresh from the oven!", "read");

    await composer(ana).pressSequentially("Twenty");
    await thread(nena).getByText("Ana Reyes is typing").waitFor();
    await say(ana, "Twenty please");
    await sees(nena, "Twenty please");
    await thread(nena).getByText("Ana Reyes is typing").waitFor({ state: "detached" });
  });

  it("shows sent while the customer is away, delivered when the phone has it, read when it was opened", async () => {
    const ana = await w.customer();
    await say(ana, "Call me later");
    await ticks(ana, "Call me later", "delivered");
    const nena = await w.operator();
    await row(nena, "Ana Reyes").click();
    const phone = ana.context();
    await ana.close();
    const seen = await follow(nena, "Your cake is ready");
    await say(nena, "Your cake is ready");
    await ticks(nena, "Your cake is ready", "sent");
    const again = await phone.newPage();
    await again.goto(`${w.server.url}/c/`);
    await row(again, "Your cake is ready").waitFor();
    await ticks(nena, "Your cake is ready", "delivered");
    await row(again, "Your cake is ready").click();
    await ticks(nena, "Your cake is ready", "read");
    forward(await seen());
    await sees(again, "Call me later", "Your cake is ready");
  });

  it("keeps its history over a reload on both sides", async () => {
    const ana = await w.customer();
    const nena = await w.operator();
    await say(ana, "One question");
    await row(nena, "One question").click();
    await say(nena, "One answer");
    await ticks(nena, "One answer", "read");
    for (const page of [ana, nena]) {
      await page.reload();
      await sees(page, "One question", "One answer");
    }
    await say(ana, "After the reload");
    await sees(nena, "After the reload");
    await say(nena, "Here as well");
    await sees(ana, "Here as well");
  });

  it("is written and sent by the keyboard alone", async () => {
    const ana = await w.customer("Ana Reyes", { viewport: { width: 1280, height: 800 } });
    const nena = await w.operator();
    await until(() => composer(ana).evaluate((field) => field === document.activeElement), true);
    await ana.keyboard.type("No mouse here");
    await ana.keyboard.press("Enter");
    await row(nena, "No mouse here").waitFor();
    const focused = () => row(nena, "No mouse here").evaluate((link) => link === document.activeElement);
    for (let steps = 0; steps < 30 && !(await focused()); steps++) await nena.keyboard.press("Tab");
    expect(await focused()).toBe(true);
    await nena.keyboard.press("Enter");
    await until(() => composer(nena).evaluate((field) => field === document.activeElement), true);
    await nena.keyboard.type("None here either");
    await nena.keyboard.press("Enter");
    await sees(ana, "None here either");
    expect(await bubbles(nena, "None here either").count()).toBe(1);
  });
});

describe("a lost connection", () => {
  it("keeps what the customer wrote offline, and it arrives once", async () => {
    const ana = await w.customer();
    const nena = await w.operator();
    await say(ana, "I am here");
    await row(nena, "I am here").click();
    await ana.context().setOffline(true);
    await ana.getByText("You are offline.", { exact: false }).waitFor();
    await say(ana, "Written in the tunnel");
    await ticks(ana, "Written in the tunnel", "queued");
    await say(nena, "Written meanwhile");
    await ana.context().setOffline(false);
    await sees(nena, "Written in the tunnel");
    await ticks(ana, "Written in the tunnel", "read");
    await sees(ana, "Written meanwhile");
    await say(ana, "Out again");
    await sees(nena, "I am here", "Written in the tunnel", "Out again");
  });

  it("outlives a killed server: both say so, and then everything arrives once", async () => {
    const ana = await w.customer();
    const nena = await w.operator();
    await say(ana, "First words");
    await row(nena, "First words").click();
    await say(nena, "Answered early");
    await sees(ana, "Answered early");
    await w.server.kill();
    await ana.getByText("Reconnecting…").waitFor();
    await nena.getByText("Reconnecting…").waitFor();
    await say(ana, "Customer during");
    await say(nena, "Operator during");
    await ticks(ana, "Customer during", "queued");
    await ticks(nena, "Operator during", "queued");
    await w.server.run();
    await ticks(ana, "Customer during", "read");
    await ticks(nena, "Operator during", "read");
    await ana.getByText("Reconnecting…").waitFor({ state: "detached" });
    await nena.getByText("Reconnecting…").waitFor({ state: "detached" });
    await say(ana, "Last words");
    for (const page of [ana, nena])
      await sees(page, "First words", "Answered early", "Customer during", "Operator during", "Last words");
  });
});
