import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, PHONE, violations, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const log = (page: Page) => page.getByRole("log");
const dialog = (page: Page) => page.getByRole("dialog");
const open = (options: Parameters<World["visit"]>[1] = {}) => w.visit("#/chats/cht_01ana", { ...DESK, ...options });
const paper = { name: "Prices.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") };

/** A picture of the page itself: one that a browser can read. */
const photo = async (page: Page, name = "cake.png") => ({
  name,
  mimeType: "image/png",
  buffer: await page.screenshot({ clip: { x: 0, y: 0, width: 60, height: 40 } }),
});

describe("files", () => {
  it("are looked at first, then sent with words below the first", async () => {
    const page = await open();
    await log(page).waitFor();
    await page
      .locator("input[type=file][multiple]")
      .nth(1)
      .setInputFiles([await photo(page), paper]);
    await dialog(page).getByText("Prices.pdf").waitFor();
    await dialog(page).locator("img").waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog(page).getByLabel("Words below it (optional)").fill("For Sunday");
    await dialog(page).getByRole("button", { name: "Send", exact: true }).click();
    await dialog(page).waitFor({ state: "detached" });
    await log(page).getByText("For Sunday", { exact: true }).waitFor();
    await log(page).getByText("Prices.pdf").waitFor();
    await log(page).locator("img[src^='blob:']").first().waitFor();
  });

  it("say why they are refused, and the others go", async () => {
    const page = await open();
    await log(page).waitFor();
    const tool = { name: "tool.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") };
    await page.locator("input[type=file][multiple]").nth(1).setInputFiles([paper, tool]);
    await dialog(page).getByRole("button", { name: "Send", exact: true }).click();
    await dialog(page)
      .getByText(/Files of the type application\/x-msdownload cannot be sent/)
      .waitFor();
    await dialog(page).getByText("Sent", { exact: true }).waitFor();
    await dialog(page)
      .getByRole("button", { name: /Do not send .*tool\.exe/ })
      .click();
    await dialog(page).waitFor({ state: "detached" });
    await log(page).getByText("Prices.pdf").waitFor();
  });

  it("may be dropped and pasted, and what is no picture is said to be broken", async () => {
    const page = await open();
    await log(page).waitFor();
    const files = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["no picture"], "broken.png", { type: "image/png" }));
      return transfer;
    });
    await page.locator("main").dispatchEvent("drop", { dataTransfer: files });
    await dialog(page).getByText("This file cannot be read.").waitFor();
    expect(await dialog(page).getByRole("button", { name: "Send", exact: true }).isDisabled()).toBe(true);
    await dialog(page).getByRole("button", { name: "Cancel" }).click();
    await page.getByRole("textbox", { name: /Message to/ }).evaluate((field) => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(["%PDF"], "pasted.pdf", { type: "application/pdf" }));
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    });
    await dialog(page).getByText("pasted.pdf").waitFor();
  });

  it("cannot be offered when the window is closed", async () => {
    const page = await w.visit("#/chats/cht_r039", DESK);
    await log(page).waitFor();
    expect(await page.getByRole("button", { name: "Send something else" }).count()).toBe(0);
  });
});

describe("a place", () => {
  it("is shown first and sent then", async () => {
    const page = await open({ geolocation: { latitude: 14.6507, longitude: 121.1029 }, permissions: ["geolocation"] });
    await page.getByRole("button", { name: "Send something else" }).click();
    await page.getByRole("menuitem", { name: "Where you are" }).click();
    await dialog(page).getByRole("button", { name: "Send location" }).click();
    await dialog(page).waitFor({ state: "detached" });
    await log(page).getByText("Shared location").last().waitFor();
    await page.locator("[data-row=cht_01ana]").getByText("Shared location").waitFor();
  });
});

describe("reactions", () => {
  it("stand on a message until they are taken back", async () => {
    const page = await open();
    const react = log(page).getByRole("button", { name: "React", exact: true });
    await react.last().click({ force: true });
    await page.getByRole("button", { name: /🙏/ }).click();
    await log(page)
      .getByText(/^You reacted with .*🙏/)
      .waitFor({ state: "attached" });
    await react.last().click({ force: true });
    await page.getByRole("button", { name: /🙏/ }).click();
    await log(page)
      .getByText(/^You reacted with .*🙏/)
      .waitFor({ state: "detached" });
  });
});

describe("where a customer came from", () => {
  it("stands above what he wrote", async () => {
    const page = await w.visit("#/chats/cht_10nina", { scene: "contents", ...PHONE });
    await log(page).getByText("Came from an advertisement").waitFor({ state: "attached" });
    expect(await log(page).getByRole("link", { name: "ads.example.com" }).getAttribute("href")).toBe(
      "https://ads.example.com/ensaymada",
    );
  });
});
