import type { Asked } from "@suki/fake/api";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, PHONE, reachable, violations, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

const token = (page: Page) => page.getByLabel("Your token");
const field = (page: Page, name: string) => page.getByRole("textbox", { name, exact: true });
const send = (page: Page) => page.getByRole("button", { name: "Send" });
const answer = (page: Page) => page.getByRole("region", { name: "Answer" }).first();
const code = (page: Page) => page.locator("pre").first();
const asked = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as { fake: { asked: Asked[] } }).fake.asked.at(-1));

describe("finding a call", () => {
  it("lists calls by what they are about, and finds them by words, paths and codes", async () => {
    const page = await w.visit("#/");
    const contents = page.getByRole("navigation", { name: "Calls" });
    await contents.getByText("Templates", { exact: true }).click();
    await contents.getByRole("link", { name: /Delete a template/ }).waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("131047");
    await expect.poll(() => contents.getByRole("link", { name: /POST|GET|DEL/ }).count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Send a message" }).waitFor();
    expect(page.url()).toContain("#/messages.send");
  });

  it("says so when there is no such call, and keeps the list", async () => {
    const page = await w.visit("#/old.name");
    await page.getByText("There is no call of that name.").waitFor();
    await page
      .getByRole("main")
      .getByRole("link", { name: /Media 3/ })
      .click();
    await page.getByRole("heading", { name: "Upload a file" }).waitFor();
  });

  it("goes from the list to a call and back on the phone", async () => {
    const page = await w.visit("#/", PHONE);
    await page.getByText("Messages", { exact: true }).click();
    await page.getByRole("link", { name: /Read a number/ }).click();
    await page.getByRole("heading", { name: "Read a number" }).waitFor();
    await page.getByRole("button", { name: "Back to all calls" }).click();
    await page.getByRole("searchbox").waitFor();
  });

  it("says when the description does not come, and tries again", async () => {
    const page = await w.visit("#/messages.send", { scene: "offline" });
    await page.getByText("The description of the API did not come").waitFor();
    await reachable(page, true);
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Send a message" }).waitFor();
  });
});

describe("making a call", () => {
  it("says what is missing, then sends with the visitor's token and shows the whole answer", async () => {
    const page = await w.visit("#/messages.send");
    await send(page).click();
    const missing = page.getByRole("alert");
    expect(await missing.getByRole("listitem").allInnerTexts()).toEqual([
      "Enter your token.",
      "Fill in phone_number_id.",
    ]);
    await token(page).fill("good");
    await field(page, "phone_number_id").fill("1010");
    await send(page).click();
    await answer(page).getByText("200 OK").waitFor();
    await answer(page)
      .getByText(/milliseconds?/)
      .waitFor();
    await answer(page).getByText("wamid.HBgMNjM5MTcxMjM0NTY3").waitFor();
    await answer(page).getByText("2 headers").click();
    await answer(page).getByText("x-app-usage").waitFor();
    expect((await asked(page))?.headers.authorization).toBe("Bearer good");
  });

  it("shows refusals as they came", async () => {
    const page = await w.visit("#/phone_number.get");
    await token(page).fill("spent");
    await field(page, "phone_number_id").fill("1010");
    await page.keyboard.press("Control+Enter");
    await answer(page).getByText("401 Unauthorized").waitFor();
    await answer(page).getByText("Invalid OAuth access token").waitFor();
  });

  it("says when nothing came back", async () => {
    const page = await w.visit("#/phone_number.get");
    await token(page).fill("good");
    await field(page, "phone_number_id").fill("1010");
    await reachable(page, false);
    await send(page).click();
    await page.getByText("Nothing came back").waitFor();
  });

  it("uploads a file as a form, and a piece as it is", async () => {
    const page = await w.visit("#/media.upload");
    await token(page).fill("good");
    await field(page, "phone_number_id").fill("1010");
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "bread.jpg", mimeType: "image/jpeg", buffer: Buffer.from("bread") });
    await send(page).click();
    await answer(page).getByText("bread.jpg image/jpeg 5").waitFor();
    await page.evaluate(() => {
      location.hash = "#/uploads.append";
    });
    await field(page, "upload_session_id").fill("upload:abc");
    await field(page, "file_offset").fill("0");
    await page
      .locator("input[type=file]")
      .setInputFiles({ name: "piece", mimeType: "", buffer: Buffer.from("1234567") });
    await send(page).click();
    await answer(page).getByText("4::7").waitFor();
    const sent = await asked(page);
    expect([sent?.path, sent?.headers.file_offset, sent?.body]).toEqual(["/v23.0/upload:abc", "0", "1234567"]);
  });

  it("offers bytes as a file", async () => {
    const page = await w.visit("#/media.get");
    await token(page).fill("good");
    await field(page, "media_id").fill("77");
    await send(page).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Keep as a file" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("answer.png");
  });

  it("uses this browser's sign-in where the inbox asks for it, and never the token", async () => {
    const page = await w.visit("#/phone_number.get");
    await token(page).fill("good");
    await page.evaluate(() => {
      location.hash = "#/inbox.me";
    });
    await page.getByText("as whoever is signed in on this browser").waitFor();
    await send(page).click();
    await answer(page).getByText("401").first().waitFor();
    const sent = await asked(page);
    expect([sent?.headers.authorization, sent?.credentials]).toEqual([undefined, "same-origin"]);
  });
});

describe("code", () => {
  it("follows what one types, in three languages, and keeps the token out", async () => {
    const page = await w.visit("#/messages.send");
    await token(page).fill("good-secret");
    await field(page, "phone_number_id").fill("1010");
    await page.getByLabel("Example").selectOption("A picture");
    await page.getByLabel("Body as JSON").fill('{"to": "63917", "done": true}');
    await expect.poll(() => code(page).innerText()).toContain(`-d '{"to": "63917", "done": true}'`);
    await page.getByText("Python", { exact: true }).click();
    await expect.poll(() => code(page).innerText()).toContain('json={"to": "63917", "done": True}');
    await page.getByText("JavaScript", { exact: true }).click();
    await expect.poll(() => code(page).innerText()).toContain('JSON.stringify({ to: "63917", done: true })');
    expect(await page.locator("body").innerText()).not.toContain("good-secret");
  });

  it("says when the body is no JSON, and keeps it from leaving", async () => {
    const page = await w.visit("#/messages.send");
    await token(page).fill("good");
    await field(page, "phone_number_id").fill("1010");
    await page.getByLabel("Body as JSON").fill("{oops");
    await page.locator(".problem", { hasText: "The body is not JSON yet." }).waitFor();
    await send(page).click();
    await page.getByRole("alert").getByText("The body is not JSON yet.").waitFor();
    expect(await asked(page)).toBeUndefined();
  });
});

describe("what the visitor gives", () => {
  it("is kept while the page lives, and nowhere else", async () => {
    const page = await w.visit("#/messages.send");
    await token(page).fill("good");
    await field(page, "phone_number_id").fill("1010");
    await page.getByLabel("Body as JSON").fill('{"mine": 1}');
    await page.getByRole("link", { name: /Read a number/ }).click();
    expect(await field(page, "phone_number_id").inputValue()).toBe("1010");
    await page.getByRole("link", { name: /Send a message/ }).click();
    expect(await page.getByLabel("Body as JSON").inputValue()).toBe('{"mine": 1}');
    expect(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([
      0,
      0,
      "",
    ]);
    expect(page.url()).not.toContain("good");
    await page.reload();
    expect(await token(page).inputValue()).toBe("");
  });
});

describe("accessibility", () => {
  const places = ["#/", "#/messages.send", "#/media.upload", "#/uploads.append"];
  const people = [
    { name: "a desk in the light", options: { ...DESK, colorScheme: "light" as const } },
    { name: "a desk in the dark, in Arabic", options: { ...DESK, colorScheme: "dark" as const, lang: "ar" } },
    { name: "a phone in the dark, in Arabic", options: { ...PHONE, colorScheme: "dark" as const, lang: "ar" } },
    { name: "a phone in the light with long words", options: { ...PHONE, colorScheme: "light" as const, lang: "xx" } },
  ];
  for (const { name, options } of people) {
    it(`has nothing that axe finds wrong, and nothing wider than the page: ${name}`, { timeout: 120_000 }, async () => {
      const wrong: string[] = [];
      for (const place of places) {
        const page = await w.visit(place, options);
        await page.locator("h1:visible, nav input").first().waitFor();
        for (const closed of await page.locator("main summary").all()) await closed.click();
        if (place === "#/messages.send") {
          await page.locator("input[type=password]").fill("good");
          await page.locator(".field input:not([type])").first().fill("1010");
          await page.keyboard.press("Control+Enter");
          await page.locator("section[aria-live] .status").waitFor();
        }
        for (const one of await violations(page)) wrong.push(`${place} ${one}`);
        const excess = await page.evaluate(() =>
          Math.max(
            ...[...document.querySelectorAll("html, main, nav, section")].map(
              (one) => one.scrollWidth - one.clientWidth,
            ),
          ),
        );
        if (excess > 0) wrong.push(`${place} is ${excess} px too wide`);
      }
      expect(wrong).toEqual([]);
    });
  }
});
