import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, PHONE, violations, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const rows = (page: Page) => page.locator(".rows li");

describe("signing in", () => {
  it("takes a link once, drops it from the address, and says when it was used", async () => {
    const page = await w.visit("#sign-in=fresh", { scene: "signed-out" });
    await page.getByRole("heading", { name: "Reviews" }).waitFor();
    expect(page.url()).not.toContain("fresh");
    const late = await w.visit("#sign-in=expired1", { scene: "signed-out" });
    await late.getByRole("alert").getByText("was used already").waitFor();
  });

  it("says when the server does not answer, and tries again", async () => {
    const page = await w.visit("#/", { scene: "offline" });
    await page.getByText("The server does not answer").waitFor();
    await page.evaluate(() =>
      (globalThis as unknown as { fake: { reachable: (up: boolean) => void } }).fake.reachable(true),
    );
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Reviews" }).waitFor();
  });

  it("shows each role its own work", async () => {
    const page = await w.visit("#/", { scene: "finance" });
    await page.getByRole("heading", { name: "Businesses" }).waitFor();
    const places = await page.getByRole("navigation", { name: "Main" }).getByRole("link").allInnerTexts();
    expect(places).toEqual(["Businesses", "Prices", "Record", "Rules", "Team"]);
    await page.getByRole("link", { name: /Healthy Life Shop/ }).click();
    await page.getByRole("heading", { name: "Healthy Life Shop" }).waitFor();
    expect(await page.getByRole("button", { name: "Take a measure" }).count()).toBe(0);
  });
});

describe("reviews", () => {
  it("lists what waits, the oldest first, and says who has what", async () => {
    const page = await w.visit("#/reviews/all");
    await rows(page).first().waitFor();
    expect(await rows(page).count()).toBe(8);
    expect(await rows(page).first().innerText()).toContain("Waits 2 days");
    expect(await rows(page).nth(1).innerText()).toContain("Bo Cruz has it");
    await page.getByRole("link", { name: "Template 2" }).click();
    await expect.poll(() => rows(page).count()).toBe(2);
  });

  it("is done with the keyboard alone, from one case to the next", async () => {
    const page = await w.visit("#/reviews/template");
    await rows(page).first().waitFor();
    await page.keyboard.press("j");
    await page.getByText("It advertises; its category is utility.").waitFor();
    await page.keyboard.press("r");
    await page.getByLabel("Reason", { exact: true }).selectOption("INCORRECT_CATEGORY");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Write why: the business is shown it.").waitFor();
    await page.getByLabel("Explanation").fill("It sells pills; that is not allowed here.");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Decided. The business is told why.").waitFor();
    // The next one has come in its place.
    await page.getByText("Ang order mo na").waitFor();
    expect(await rows(page).count()).toBe(1);
    await page.keyboard.press("a");
    await expect.poll(() => page.getByLabel("Explanation").inputValue()).toBe("The template follows the rules.");
    await page.keyboard.press("Control+Enter");
    await page.getByText("Nothing waits").first().waitFor();
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("Next case").waitFor();
  });

  it("opens what another operator has, and lets nobody decide it", async () => {
    const page = await w.visit("#/reviews/name/cas_2");
    await page.getByText(/^Bo Cruz has this case until/).waitFor();
    expect(await page.getByRole("button", { name: "Approve" }).count()).toBe(0);
    await page.keyboard.press("a");
    expect(await page.getByLabel("Explanation").count()).toBe(0);
    await page.getByText("is a person's name").waitFor();
  });

  it("shows everything that a decision needs on one screen", async () => {
    const page = await w.visit("#/reviews/all/cas_3");
    await page.getByText("CS201912345").waitFor();
    await page.getByText("Both are the same number.").waitFor();
    const file = page.getByRole("link", { name: "Certificate of incorporation.pdf" });
    expect(await file.getAttribute("href")).toBe("/console/api/businesses/acc_luna/documents/1");
    await page.evaluate(() => {
      location.hash = "#/reviews/all/cas_4";
    });
    await page.getByText("The two numbers differ.").waitFor();
    await page.evaluate(() => {
      location.hash = "#/reviews/all/cas_7";
    });
    await page.getByText("Lose 10 kg in a week!").waitFor();
    expect(await page.getByText("Proven: the business sent it").count()).toBe(2);
    await page.evaluate(() => {
      location.hash = "#/reviews/all/cas_8";
    });
    await page.getByText("We removed the pills").waitFor();
    await page.getByText("Decided by Bo Cruz. Another operator looks at the appeal.").waitFor();
  });

  it("previews a template with its examples or its variables", async () => {
    const page = await w.visit("#/reviews/template/cas_5");
    await page.getByText("Handa na, Ana!").waitFor();
    await page.getByRole("button", { name: "Show the variables" }).click();
    await page.getByText("Handa na, {{name}}!").waitFor();
  });

  it("says when nothing waits", async () => {
    const page = await w.visit("#/reviews/all", { scene: "empty" });
    await page.getByText("Nothing waits").waitFor();
  });

  it("goes to the case and back on the phone", async () => {
    const page = await w.visit("#/reviews/all", PHONE);
    await rows(page).first().click();
    await page.getByRole("button", { name: "Back" }).click();
    await rows(page).first().waitFor();
  });
});

describe("businesses", () => {
  it("finds one, restricts it with a reason and takes that back", async () => {
    const page = await w.visit("#/businesses");
    await page.getByLabel("Name, link or id").fill("taxi");
    await page.getByRole("link", { name: /Taxi Manila/ }).click();
    await page.getByRole("button", { name: "Take a measure" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Restriction").check();
    await dialog.getByLabel("For how long").selectOption("3d");
    await dialog.getByRole("button", { name: "Take it" }).click();
    await dialog.getByText("Write why").waitFor();
    await dialog.getByLabel("Explanation").fill("Too many messages nobody asked for.");
    await dialog.getByRole("button", { name: "Take it" }).click();
    await page.getByText(/May not write first: until/).waitFor();
    await page.getByRole("button", { name: "Take back" }).click();
    await dialog.getByLabel("Explanation").fill("They have changed it.");
    await dialog.getByRole("button", { name: "Take back" }).click();
    await page.getByText(/^Taken back on/).waitFor();
    await page.getByText("standing.lifted").waitFor();
  });

  it("puts a template into its category and disables one, each with a reason", async () => {
    const page = await w.visit("#/businesses/acc_luna");
    const dialog = page.getByRole("dialog");
    await page.getByRole("button", { name: "More for order_ready" }).click();
    await page.getByRole("menuitem", { name: "Put into its category" }).click();
    await dialog.getByText(/It is .*Utility.* now and becomes .*Marketing/).waitFor();
    await dialog.getByRole("button", { name: "Put into its category" }).click();
    await dialog.getByText("Write why").waitFor();
    await dialog.getByLabel("Explanation").fill("It offers a discount.");
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Put into its category" }).click();
    await page.getByText(/the category changes on .*November 21/).waitFor();
    await page.getByText(/^Becomes .*Marketing/).waitFor();
    await page.getByRole("button", { name: "More for order_ready" }).click();
    expect(await page.getByRole("menuitem").allInnerTexts()).toEqual(["Disable"]);
    await page.getByRole("menuitem", { name: "Disable" }).click();
    await dialog.getByLabel("Explanation").fill("It sells medicine.");
    await dialog.getByRole("button", { name: "Disable" }).click();
    await page.getByText("It is disabled. The business is told.").waitFor();
    await page.getByText("template.disabled").waitFor();
    await expect.poll(() => page.getByRole("button", { name: "More for order_ready" }).count()).toBe(0);
  });

  it("sets a level with a reason", async () => {
    const page = await w.visit("#/businesses/acc_taxi");
    await page.getByRole("button", { name: "Set the level" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("radio").nth(1).check();
    await dialog.getByLabel("Explanation").fill("The number is on their web site.");
    await dialog.getByRole("button", { name: "Set the level" }).click();
    await page.getByText("The level is set. The business is told.").waitFor();
    await page.getByRole("main").getByText("Verified number").first().waitFor();
  });
});

describe("prices", () => {
  it("imports nothing when a row is wrong, and lists every wrong row", async () => {
    const page = await w.visit("#/prices");
    const give = (text: string) =>
      page
        .locator("input[type=file]")
        .first()
        .setInputFiles({ name: "rates.csv", mimeType: "text/csv", buffer: Buffer.from(text) });
    await page.getByText("Scheduled").waitFor();
    await give("market,category,rate\nPH,marketing,0.07\n,utility,0.01\nID,utility,cheap\n");
    await page.getByRole("button", { name: "Import", exact: true }).click();
    const table = page.getByRole("table", { name: "2 places are wrong" });
    await table.waitFor();
    expect(await table.locator("tbody tr").allInnerTexts()).toEqual([
      expect.stringContaining("3"),
      expect.stringContaining("“cheap” is no amount"),
    ]);
    expect(await violations(page)).toEqual([]);
    await give("market,category,rate\nPH,marketing,0.07\n");
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await page.getByText("The rate card is imported.").waitFor();
    expect(await table.count()).toBe(0);
  });

  it("takes a file that is dropped", async () => {
    const page = await w.visit("#/prices");
    await page.getByText("Rates (CSV)").waitFor();
    const files = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["market,category,rate\nPH,marketing,1\n"], "dropped.csv", { type: "text/csv" }));
      return transfer;
    });
    await page.getByRole("group", { name: "Rates (CSV)" }).dispatchEvent("drop", { dataTransfer: files });
    await page.getByText("dropped.csv").waitFor();
  });
});

describe("the rest", () => {
  it("keeps a draft, asks before it sends, and lists what was sent", async () => {
    const page = await w.visit("#/announcements");
    await page.getByLabel("Title").fill("Maintenance on Sunday");
    await page.getByLabel("Text", { exact: true }).fill("From two to three in the morning.");
    await page.reload();
    expect(await page.getByLabel("Title").inputValue()).toBe("Maintenance on Sunday");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByRole("dialog").getByText("It cannot be taken back.").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "Send" }).click();
    await page.getByRole("heading", { name: "Maintenance on Sunday" }).waitFor();
    expect(await page.getByLabel("Title").inputValue()).toBe("");
  });

  it("verifies the record, also against a seal that was written down", async () => {
    const page = await w.visit("#/record");
    await page.getByRole("button", { name: "Check it" }).click();
    await page.getByText(/records are as they were written/).waitFor();
    const seal = page.getByLabel(/^Seal written down before/);
    await seal.fill("nonsense");
    await page.getByRole("button", { name: "Check it" }).click();
    await page.getByText("A seal is a number").waitFor();
    await seal.fill(`1:${"0".repeat(64)}`);
    await page.getByRole("button", { name: "Check it" }).click();
    await page.getByText(/^Record .*the one that was written down/).waitFor();
  });

  it("adds a colleague with a link to hand over", async () => {
    const page = await w.visit("#/team");
    await page.getByRole("button", { name: "Add a colleague" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Name").fill("Bo Cruz");
    await dialog.getByRole("button", { name: "Add a colleague" }).click();
    await dialog.getByText("works here already").waitFor();
    await dialog.getByLabel("Name").fill("Cy Reyes");
    await dialog.getByRole("button", { name: "Add a colleague" }).click();
    await page.getByRole("heading", { name: "A sign-in link for Cy Reyes" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Sign-in link" }).inputValue()).toContain("/console/#sign-in=");
  });

  it("shows the rules in force and finds one", async () => {
    const page = await w.visit("#/rules");
    await page.getByText("review.claim").waitFor();
    await page.getByLabel("Search the rules").fill("window");
    await page.getByText("review.claim").waitFor({ state: "detached" });
    await page.getByText("Allowed: 1m to 30d.").waitFor();
  });
});

describe("accessibility", () => {
  const places = [
    "#/reviews/all",
    "#/reviews/all/cas_2",
    "#/reviews/all/cas_3",
    "#/reviews/all/cas_6",
    "#/reviews/all/cas_7",
    "#/reviews/all/cas_8",
    "#/reviews/all/cas_old1",
    "#/businesses",
    "#/businesses/acc_pills",
    "#/prices",
    "#/announcements",
    "#/record",
    "#/rules",
    "#/team",
  ];
  const people = [
    { name: "a desk in the light", options: { ...DESK, colorScheme: "light" as const } },
    { name: "a desk in the dark, in Arabic", options: { ...DESK, colorScheme: "dark" as const, lang: "ar" } },
    { name: "a phone in the dark, in Arabic", options: { ...PHONE, colorScheme: "dark" as const, lang: "ar" } },
    { name: "a phone in the light with long words", options: { ...PHONE, colorScheme: "light" as const, lang: "xx" } },
  ];
  for (const { name, options } of people) {
    it(`has nothing that axe finds wrong, and nothing wider than the page: ${name}`, { timeout: 120_000 }, async () => {
      const page = await w.visit(places[0] ?? "", options);
      const wrong: string[] = [];
      for (const place of places) {
        await page.evaluate((hash) => {
          location.hash = hash;
        }, place);
        await page.locator("h1:visible").first().waitFor();
        await page.waitForFunction(() => !document.querySelector("main [role=status].loading"));
        for (const one of await violations(page)) wrong.push(`${place} ${one}`);
        const excess = await page.evaluate(() =>
          Math.max(
            ...[...document.querySelectorAll("html, main, section")].map((one) => one.scrollWidth - one.clientWidth),
          ),
        );
        if (excess > 0) wrong.push(`${place} is ${excess} px too wide`);
      }
      expect(wrong).toEqual([]);
    });
  }

  it("speaks Arabic from right to left, without a word of English of its own", async () => {
    const page = await w.visit("#/team", { lang: "ar" });
    await page.getByRole("heading", { name: "الفريق" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dir)).toBe("rtl");
    const names = new Set(["Ada Lim", "Bo Cruz", "Fe Ramos", "AL", "BC", "FR"]);
    const words = (await page.locator("body").innerText()).split("\n").map((line) => line.trim());
    expect(
      words.filter((line) => /[A-Za-z]{2,}/.test(line) && !names.has(line.replace(/[⁨⁩]|\(أنت\)/g, "").trim())),
    ).toEqual([]);
  });
});
