import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { DESK, PHONE } from "../testing/chromium.ts";
import { Server } from "./server.ts";

export { DESK, openBrowser, PHONE, violations } from "../testing/chromium.ts";

/** How long anything may take, in milliseconds. */
const PATIENCE = 15_000;

/** A server, and people with browsers around it; made anew for each test. */
export class World {
  readonly #browser: Browser;
  readonly #contexts: BrowserContext[] = [];
  readonly #errors: string[] = [];
  readonly server: Server;

  private constructor(browser: Browser, server: Server) {
    this.#browser = browser;
    this.server = server;
  }

  static async open(browser: Browser): Promise<World> {
    return new World(browser, await Server.start());
  }

  /** A new person with a new browser. */
  async person(options: BrowserContextOptions): Promise<BrowserContext> {
    const context = await this.#browser.newContext({ locale: "en-US", timezoneId: "Asia/Manila", ...options });
    this.#contexts.push(context);
    context.setDefaultTimeout(PATIENCE);
    context.on("page", (page) => {
      page.on("pageerror", (error) => this.#errors.push(error.message));
      page.on("console", (message) => {
        if (/Content Security Policy/i.test(message.text())) this.#errors.push(message.text());
      });
    });
    return context;
  }

  /** A customer who opens the shop's link and has begun to chat. */
  async customer(name = "Ana Reyes", options: BrowserContextOptions = PHONE): Promise<Page> {
    const page = await (await this.person(options)).newPage();
    await page.goto((await this.server.env()).SUKI_CUSTOMER_LINK);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Start chatting" }).click();
    await composer(page).waitFor();
    return page;
  }

  /** The shop's owner, or whoever holds the link, in front of the inbox. */
  async operator(link?: string, options: BrowserContextOptions = DESK): Promise<Page> {
    const page = await (await this.person(options)).newPage();
    await page.goto(link ?? (await this.server.env()).SUKI_INBOX_LINK);
    await page.getByRole("button", { name: "Not now" }).click();
    await page.getByRole("heading", { name: "Aling Nena’s Bakery" }).waitFor();
    return page;
  }

  /** Ends everything but the browser; rejects when any page threw an error or broke the content policy. */
  async close(): Promise<void> {
    await Promise.all(this.#contexts.map((context) => context.close()));
    await this.server.close();
    if (this.#errors.length) throw new Error(`A page failed: ${this.#errors.join("; ")}`);
  }
}

export const composer = (page: Page) => page.getByRole("textbox", { name: /^Message to/ });
export const thread = (page: Page) => page.getByRole("log");
export const bubbles = (page: Page, text: string) => thread(page).locator("article").filter({ hasText: text });
export const row = (page: Page, text: string | RegExp) => page.getByRole("link").filter({ hasText: text });

/** Asks again until the answer is the one wanted, at most for PATIENCE. */
export async function until<T>(check: () => Promise<T>, wanted: T, timeout = PATIENCE): Promise<void> {
  await expect.poll(check, { timeout, interval: 50 }).toEqual(wanted);
}

/** Writes and sends with Enter. */
export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press("Enter");
  await until(() => composer(page).inputValue(), "");
}

/** The message is in the thread, once. */
export async function sees(page: Page, ...texts: string[]): Promise<void> {
  for (const text of texts) {
    await bubbles(page, text).first().waitFor();
    expect(await bubbles(page, text).count(), text).toBe(1);
  }
}

/** What the ticks of the person's own message show. */
export async function ticks(page: Page, text: string, wanted: string): Promise<void> {
  await until(() => bubbles(page, text).locator(".ticks[data-state]").getAttribute("data-state"), wanted);
}

/** Follows the ticks of a message from now on; call what it returns for all that they showed. */
export async function follow(page: Page, text: string): Promise<() => Promise<string[]>> {
  await page.evaluate((words) => {
    const seen: string[] = [];
    const look = () => {
      for (const article of document.querySelectorAll("[role=log] article")) {
        if (!article.textContent?.includes(words)) continue;
        const name = article.querySelector(".ticks[data-state]")?.getAttribute("data-state");
        if (name && seen.at(-1) !== name) seen.push(name);
      }
    };
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
    Object.assign(globalThis, { seenTicks: seen });
  }, text);
  return () => page.evaluate(() => (globalThis as unknown as { seenTicks: string[] }).seenTicks);
}
