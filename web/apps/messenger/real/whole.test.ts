import type { BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Suki } from "./suki.ts";

let suki: Suki;
let phone: BrowserContext;
let customer: Page;
let second: Page;
let shop: Page;

beforeAll(async () => {
  suki = await Suki.start();
  phone = await suki.context();
});
afterAll(() => suki?.close());

const composer = (page: Page) => page.getByRole("textbox", { name: /^Message to/ });
const log = (page: Page) => page.getByRole("log");

async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
}

async function hears(page: Page, text: string): Promise<void> {
  await log(page).getByText(text, { exact: true }).waitFor();
}

/** The words of a thread's messages, in order. */
function thread(page: Page, which: RegExp): Promise<string[]> {
  return page.evaluate((pattern) => {
    const words = [...document.querySelectorAll("[role=log] [data-item] .words")].map(
      (one) => one.textContent?.trim() ?? "",
    );
    return words.filter((one) => new RegExp(pattern).test(one));
  }, which.source);
}

it("a guest opens the link and writes; the message arrives", async () => {
  customer = await suki.page(phone, new URL(suki.env().SUKI_CUSTOMER_LINK ?? "").pathname);
  await customer.getByLabel("Your name").fill("Ana Cruz");
  await customer.getByRole("button", { name: "Start chatting" }).click();
  await composer(customer).waitFor();
  await say(customer, "Do you have ensaymada?");
  await log(customer).getByText("Delivered", { exact: true }).waitFor();
});

it("the shop signs in, reads, types and answers", async () => {
  const inbox = new URL(suki.env().SUKI_INBOX_LINK ?? "");
  shop = await suki.page(await suki.context({ viewport: { width: 1280, height: 800 } }), inbox.pathname + inbox.hash);
  const row = shop.getByRole("link", { name: /Ana Cruz/ }).first();
  const later = shop.getByRole("button", { name: "Not now" });
  await row.or(later).first().waitFor();
  if (await later.isVisible()) await later.click();
  await row.click();
  await log(customer).getByText("Read", { exact: true }).waitFor();
  await composer(shop).pressSequentially("Yes, ");
  await customer.locator("header").getByText("typing…").waitFor();
  await say(shop, "Yes, still warm");
  await hears(customer, "Yes, still warm");
});

it("a reload keeps the history", async () => {
  await customer.reload();
  await hears(customer, "Yes, still warm");
});

it("what is written offline arrives afterwards", async () => {
  await phone.setOffline(true);
  await say(customer, "written offline");
  await log(customer).getByText("Waiting to be sent").waitFor();
  await phone.setOffline(false);
  await hears(shop, "written offline");
  await log(customer).getByText("Waiting to be sent").waitFor({ state: "detached" });
});

it("a second device joins with the history, and both devices see everything", async () => {
  await customer.goto(`${suki.base}/c/_me`);
  await customer.getByRole("button", { name: "Link a device" }).click();
  const link = await customer.getByRole("dialog").getByRole("textbox").inputValue();
  second = await suki.page(await suki.context(), link);
  await second.getByRole("button", { name: "Link this device" }).click();
  await second.locator("nav li a").first().click();
  await hears(second, "Yes, still warm");
  await say(second, "from my laptop");
  await hears(shop, "from my laptop");
  await customer.goBack();
  await hears(customer, "from my laptop");
});

it("every device shows the same safety number", async () => {
  const numbers: (string | null)[] = [];
  for (const page of [customer, second]) {
    await page
      .getByRole("link", { name: /^About/ })
      .first()
      .click();
    numbers.push(await page.locator("aside .number").textContent());
    await page.goBack();
  }
  expect(numbers[0]).toMatch(/^\d{60}$/);
  expect(numbers[1]).toBe(numbers[0]);
});

it("two tabs, the server killed twice, a tab closed: everything arrives once, everywhere in the same order", async () => {
  const tab = await suki.page(phone, new URL(customer.url()).pathname);
  await composer(tab).waitFor();
  const expected: string[] = [];
  const writers = [customer, shop, tab];
  for (let i = 0; i < 24; i += 1) {
    const text = `line ${String(i).padStart(2, "0")}`;
    expected.push(text);
    await say(writers[i % 3] as Page, text);
    if (i === 7 || i === 15) {
      await suki.kill();
      await suki.up();
    }
    if (i === 11) {
      await customer.close();
      customer = await suki.page(phone, new URL(tab.url()).pathname);
      writers[0] = customer;
      await composer(customer).waitFor();
    }
  }
  for (const page of [customer, tab, shop, second]) {
    await expect.poll(async () => (await thread(page, /^line/)).toSorted(), { timeout: 60_000 }).toEqual(expected);
  }
  expect(await thread(tab, /^line/)).toEqual(await thread(customer, /^line/));
  expect(await thread(second, /^line/)).toEqual(await thread(customer, /^line/));
});

it("a device that lost its keys joins again and reads on", async () => {
  await customer.evaluate(async () => {
    const opened = indexedDB.open("suki");
    const db = await new Promise<IDBDatabase>((resolve) => {
      opened.onsuccess = () => resolve(opened.result);
    });
    const tx = db.transaction("groups", "readwrite");
    tx.objectStore("groups").clear();
    await new Promise<void>((resolve) => {
      tx.oncomplete = () => resolve();
    });
    db.close();
  });
  for (const page of phone.pages()) if (page !== customer) await page.close();
  await customer.reload();
  await log(customer).getByText("This device joined the encrypted chat again.").waitFor();
  await say(shop, "after the loss");
  await hears(customer, "after the loss");
  await hears(second, "after the loss");
});

it("a removed device is told so, and the app opens without a connection", async () => {
  await customer.goto(`${suki.base}/c/_me`);
  await customer.getByRole("button", { name: /^Remove / }).click();
  await customer.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await second.getByRole("heading", { name: "This device is no longer known" }).waitFor();
  await customer.evaluate(async () => void (await navigator.serviceWorker.ready));
  await customer.reload();
  await phone.setOffline(true);
  await customer.goto(`${suki.base}/c/`);
  await customer.locator("nav li a").first().waitFor();
});
