import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PHONE, violations, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

describe("webhooks", () => {
  it("shows owners who is told and who does not answer, and leads there from the business", async () => {
    const page = await w.visit("#/business");
    await page.getByRole("link", { name: "Open" }).click();
    await page.getByRole("heading", { name: "Webhooks", level: 1 }).waitFor();
    await page.getByText("Not answering").waitFor();
    await page.getByText("2 deliveries wait").waitFor();
    expect(await violations(page)).toEqual([]);
    const operator = await w.visit("#/business", { scene: "operator" });
    await operator.getByRole("heading", { level: 1 }).waitFor();
    expect(await operator.getByRole("link", { name: "Open" }).count()).toBe(0);
  });

  it("adds an endpoint once its address has answered, and says why it is not saved", async () => {
    const page = await w.visit("#/webhooks");
    await page.getByRole("button", { name: "Add an endpoint" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Kitchen");
    await dialog.getByLabel("Address").fill("https://kitchen.panaderia-luna.example/hook");
    await dialog.getByLabel("Verification token").fill("wrong");
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByRole("alert").getByText("answered with status 403").waitFor();
    await dialog.getByLabel("Verification token").fill("verify-me");
    await dialog.getByLabel("What becomes of your messages").uncheck();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByText("Kitchen is saved.").waitFor();
    await page.getByText("https://kitchen.panaderia-luna.example/hook").waitFor();
    await page.getByRole("button", { name: "More for Kitchen" }).click();
    await page.getByRole("menuitem", { name: "Remove" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("Kitchen is removed.").waitFor();
  });

  it("searches the log, shows a delivery and sends it again", async () => {
    const page = await w.visit("#/webhooks");
    await page.getByLabel("Result").selectOption("failing");
    const row = page.getByRole("button", { name: /messages · image/ });
    await row.waitFor();
    await page.getByRole("button", { name: /messages · sent/ }).waitFor({ state: "detached" });
    await row.click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText('"object": "whatsapp_business_account"').waitFor();
    await dialog.getByText("Service Unavailable").waitFor();
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Send again" }).click();
    await page.getByText("1 delivery is on its way again.").waitFor();
  });

  it("sends a test, and fits a phone", async () => {
    const page = await w.visit("#/webhooks", PHONE);
    await page.getByRole("button", { name: "More for Till" }).click();
    await page.getByRole("menuitem", { name: "Send a test" }).click();
    await page.getByRole("dialog").getByLabel("Field").selectOption("account_alerts");
    await page.getByRole("dialog").getByRole("button", { name: "Send a test" }).click();
    await page.getByRole("button", { name: /account_alerts/ }).waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(await violations(page)).toEqual([]);
  });
});
