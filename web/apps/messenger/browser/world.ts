import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { preview } from "vite";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Saturday, 21 November 2026, 15:20 in Manila: what the fake tells is the same on every run. */
const AT = Date.UTC(2026, 10, 21, 7, 20);

export const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

type Options = BrowserContextOptions & { scene?: string; lang?: string };

export type World = {
  /** A new person with a new browser, at a place of the app. */
  visit: (path: string, options?: Options) => Promise<Page>;
  /** Ends everything; rejects when any page threw an error. */
  close: () => Promise<void>;
};

export async function world(): Promise<World> {
  const server = await preview({
    root: fileURLToPath(new URL("..", import.meta.url)),
    mode: "fake",
    build: { outDir: "dist/fake" },
    preview: { port: 0, host: "127.0.0.1" },
    logLevel: "error",
  });
  const address = server.httpServer.address();
  if (!address || typeof address === "string") throw new Error("the preview server has no port");
  const base = `http://127.0.0.1:${address.port}`;
  const browser: Browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
  const contexts: BrowserContext[] = [];
  const errors: string[] = [];
  return {
    async visit(path, { scene, lang, ...options } = {}) {
      const context = await browser.newContext({ locale: "en-US", timezoneId: "Asia/Manila", ...PHONE, ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      page.on("pageerror", (error) => errors.push(error.message));
      const url = new URL(path, base);
      url.searchParams.set("at", String(AT));
      if (scene) url.searchParams.set("scene", scene);
      if (lang) url.searchParams.set("lang", lang);
      await page.goto(url.href);
      return page;
    },
    async close() {
      await Promise.all(contexts.map((context) => context.close()));
      await browser.close();
      await server.close();
      if (errors.length) throw new Error(`The page threw: ${errors.join("; ")}`);
    },
  };
}

/** What axe finds wrong on the page, a line each; nothing is wrong when it is empty. */
export async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axePath });
  return page.evaluate(async () => {
    type Found = { violations: { id: string; help: string; nodes: { target: string[] }[] }[] };
    const axe = (globalThis as unknown as { axe: { run: (root: Document) => Promise<Found> } }).axe;
    const found = await axe.run(document);
    return found.violations.map(
      (one) => `${one.id}: ${one.help} (${one.nodes.map((node) => node.target.join(" ")).join(", ")})`,
    );
  });
}

/** Cuts the fake network off, or lets it back. */
export async function reachable(page: Page, yes: boolean): Promise<void> {
  await page.evaluate((up) => {
    (globalThis as unknown as { fake: { network: { online: boolean } } }).fake.network.online = up;
  }, yes);
}
