import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, PHONE, violations, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

describe("signing in", () => {
  it("refuses a wrong password with words, and takes the right one", async () => {
    const page = await w.visit("#/", { scene: "signed-out" });
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Enter your e-mail.").waitFor();
    await page.getByLabel("E-mail").fill("maria@panaderia-luna.example");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("E-mail or password is wrong.").waitFor();
    await page.getByLabel("Password", { exact: true }).fill("pandesal");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Panadería Luna" }).waitFor();
  });

  it("signs in by a link, drops the token from the address and offers a password", async () => {
    const page = await w.visit("#sign-in=sgn_1", { scene: "signed-out" });
    await page.getByRole("heading", { name: "Panadería Luna" }).waitFor();
    expect(page.url()).not.toContain("sgn_1");
    await page.getByRole("button", { name: "Set a password" }).click();
    await page.getByLabel("New password").fill("short");
    await page.getByRole("button", { name: "Save the password" }).click();
    await page.getByText("Take at least 10 characters.").waitFor();
    await page.getByLabel("New password").fill("three warm rolls");
    await page.getByRole("button", { name: "Save the password" }).click();
    await page.getByText("Your password is set.").waitFor();
    await page.getByRole("button", { name: "Set a password" }).waitFor({ state: "detached" });
  });

  it("says when a link was used", async () => {
    const page = await w.visit("#sign-in=expired", { scene: "signed-out" });
    await page.getByRole("alert").getByText("This sign-in link was used already").waitFor();
  });

  it("says when the server does not answer, and tries again", async () => {
    const page = await w.visit("#/chats", { scene: "offline" });
    await page.getByText("The server does not answer").waitFor();
    await page.evaluate(() =>
      (globalThis as unknown as { fake: { reachable: (up: boolean) => void } }).fake.reachable(true),
    );
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { name: "Panadería Luna" }).waitFor();
  });

  it("signs out after asking, and forgets drafts", async () => {
    const page = await w.visit("#/chats/cht_01ana");
    await page.getByRole("textbox", { name: /^Message to/ }).fill("a secret");
    await page.getByRole("link", { name: "You", exact: true }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to your inbox" }).waitFor();
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain("a secret");
  });
});

describe("the team", () => {
  it("invites a colleague with a link to hand over, and removes one after asking", async () => {
    const page = await w.visit("#/team");
    await page.getByRole("button", { name: "Invite" }).click();
    await page.getByLabel("Name").fill("Pia Cruz");
    await page.getByLabel("E-mail").fill("jun@panaderia-luna.example");
    await page.getByRole("button", { name: "Make the invitation" }).click();
    await page.getByText("A colleague has this e-mail already.").waitFor();
    await page.getByLabel("E-mail").fill("pia@panaderia-luna.example");
    await page.getByRole("button", { name: "Make the invitation" }).click();
    await page.getByRole("heading", { name: "A sign-in link for Pia Cruz" }).waitFor();
    expect(await page.getByRole("textbox", { name: "Sign-in link" }).inputValue()).toContain("#sign-in=");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "More for Jun Bautista" }).click();
    await page.getByRole("menuitem", { name: "Remove from the team" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
    await page.getByText("jun@panaderia-luna.example").waitFor({ state: "detached" });
  });

  it("lets operators look and nothing else", async () => {
    const page = await w.visit("#/team", { scene: "operator" });
    await page.getByText("jun@panaderia-luna.example").waitFor();
    expect(await page.getByRole("button", { name: "Invite" }).count()).toBe(0);
    expect(await page.getByRole("button", { name: /^More for/ }).count()).toBe(0);
  });
});

describe("accessibility", () => {
  const places = [
    "#/chats",
    "#/chats/cht_01ana",
    "#/chats/cht_03tomasz",
    "#/chats/cht_05jose",
    "#/chats/cht_06guest",
    "#/chats/cht_09new",
    "#/team",
    "#/share",
    "#/account",
  ];
  const people = [
    { name: "a desk in the light", options: { ...DESK, colorScheme: "light" as const } },
    { name: "a desk in the dark, right to left", options: { ...DESK, colorScheme: "dark" as const, lang: "ar-XB" } },
    { name: "a phone in the dark", options: { ...PHONE, colorScheme: "dark" as const } },
    { name: "a phone in the light with long words", options: { ...PHONE, colorScheme: "light" as const, lang: "xx" } },
  ];
  for (const { name, options } of people) {
    it(`has nothing that axe finds wrong, and nothing wider than the page: ${name}`, async () => {
      const page = await w.visit(places[0] ?? "", options);
      const wrong: string[] = [];
      for (const place of places) {
        await page.evaluate((hash) => {
          location.hash = hash;
        }, place);
        await page.locator("h1:visible, [role=heading]:visible").first().waitFor();
        await page.waitForFunction(() => !document.querySelector("main .bubbles"));
        for (const one of await violations(page)) wrong.push(`${place} ${one}`);
        const excess = await page.evaluate(() =>
          Math.max(
            ...[...document.querySelectorAll("html, main, section, aside")].map(
              (one) => one.scrollWidth - one.clientWidth,
            ),
          ),
        );
        if (excess > 0) wrong.push(`${place} is ${excess} px too wide`);
      }
      expect(wrong).toEqual([]);
    });
  }

  it("has nothing wrong where nobody is signed in or has written yet", async () => {
    const front = await w.visit("#/", { scene: "signed-out" });
    await front.getByRole("heading", { name: "Sign in to your inbox" }).waitFor();
    expect(await violations(front)).toEqual([]);
    const empty = await w.visit("#/chats", { scene: "empty" });
    await empty.getByText("Waiting for your first customer").waitFor();
    expect(await violations(empty)).toEqual([]);
  });
});
