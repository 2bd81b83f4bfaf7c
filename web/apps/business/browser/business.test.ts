import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, PHONE, violations, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

describe("the business and the platform", () => {
  it("names the rule that a name breaks while it is typed, and asks for one that keeps them (R28, R29)", async () => {
    const page = await w.visit("#/business", DESK);
    await page.getByLabel("New name").fill("Official Luna");
    await page.getByText("would claim a mark").waitFor();
    expect(await page.getByRole("button", { name: "Ask for this name" }).isDisabled()).toBe(true);
    await page.getByLabel("New name").fill("Luna Bakery");
    await page.getByText("This name keeps the rules.").waitFor();
    await page.getByRole("button", { name: "Ask for this name" }).click();
    await page.getByText("Being looked at").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("shows a refusal with its reason, and appeals (R44)", async () => {
    const page = await w.visit("#/business", PHONE);
    await page.getByText("is another one than on the company’s site").waitFor();
    await page.getByLabel("Why is it wrong?").first().fill("Our site shows both numbers.");
    await page.getByRole("button", { name: "Send the appeal" }).click();
    await page.getByText("Appeal being looked at").waitFor();
  });

  it("shows tier, quality and what moved them, and appeals against a warning (R63, R104 to R107)", async () => {
    const page = await w.visit("#/business", DESK);
    await page.getByText("1 change").click();
    await page.getByText("Three customers reported the same offer").waitFor();
    await page.getByRole("button", { name: "Appeal", exact: true }).click();
    await page.getByRole("dialog").getByLabel("Why is it wrong?").fill("They had agreed.");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Send the appeal" }).click();
    await page.getByText("Your appeal is being looked at.").waitFor();
  });

  it("leaves what an owner signs to owners (R26)", async () => {
    const page = await w.visit("#/business", { ...DESK, scene: "operator" });
    await page.getByText("Only an owner can do this.").first().waitFor();
    expect(await page.getByLabel("New name").count()).toBe(0);
  });
});

describe("figures", () => {
  it("shows counts with the period before, a chart with its table, and the bill (R64 to R67, R103)", async () => {
    const page = await w.visit("#/figures", DESK);
    await page.getByText("before:").first().waitFor();
    await page.getByText("By country").click();
    await page.getByText("Philippines").first().waitFor();
    await page.getByText("7 days", { exact: true }).click();
    await page.getByText("Sent and received by day").last().click();
    await page.getByRole("row").filter({ hasText: "Nov 20" }).first().waitFor();
    await page.getByRole("rowheader", { name: "Total" }).waitFor();
    expect(await page.getByRole("link", { name: "PDF" }).getAttribute("href")).toBe("/inbox/api/bill/2026-11.pdf");
    expect(await violations(page)).toEqual([]);
  });
});

describe("a template when the window is closed", () => {
  it("is found, filled in, previewed with its price, and sent (R79, R85, R95)", async () => {
    const page = await w.visit("#/chats", DESK);
    await page
      .getByRole("link")
      .filter({ hasText: /closed/i })
      .first()
      .click();
    await page.getByRole("button", { name: "Send a template" }).click();
    await page.getByLabel("Find a template").fill("order");
    await page.getByRole("button", { name: /order_ready/ }).click();
    expect(await page.getByRole("button", { name: "Send", exact: true }).isDisabled()).toBe(true);
    await page.getByLabel("Text: 1").fill("Ana");
    await page.getByLabel("Text: 2").fill("2127");
    await page.getByText("Hello Ana, your order 2127 is ready.").waitFor();
    await page.getByText("Costs nothing.").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await page.getByRole("log").getByText("Hello Ana, your order 2127 is ready.").waitFor();
  });
});

describe("templates", () => {
  it("are proposed with a preview, and a refusal says what is allowed (R83, R84, R87)", async () => {
    const page = await w.visit("#/templates", DESK);
    await page.getByRole("heading", { name: "order_ready" }).waitFor();
    await page.getByRole("button", { name: "New template" }).click();
    await page.getByLabel("Name", { exact: true }).fill("Pick Up");
    await page.getByLabel(/^Text/).fill("Hello {{1}}, your cake is ready.");
    await page.getByLabel("Example for 1").fill("Ana");
    await page.getByText("Hello Ana, your cake is ready.").waitFor();
    await page.getByRole("button", { name: "Propose" }).click();
    await page.getByText("out of a to z, 0 to 9 and _").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByLabel("Name", { exact: true }).fill("pick_up");
    await page.getByRole("button", { name: "Propose" }).click();
    await page.getByRole("heading", { name: "pick_up" }).waitFor();
    await page.getByText("Being looked at").waitFor();
    expect(await violations(page)).toEqual([]);
  });
});
