import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { preview } from "vite";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Friday, 20 November 2026, 15:20 in Manila: what the fake tells is the same on every run. */
export const AT = Date.UTC(2026, 10, 20, 7, 20);

export const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

export type World = {
  browser: Browser;
  /** A new person in front of a new browser, at a place of the app. */
  visit: (hash: string, options?: BrowserContextOptions & { scene?: string; lang?: string }) => Promise<Page>;
  url: (hash: string, options?: { scene?: string; lang?: string }) => string;
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
  const base = `http://127.0.0.1:${address.port}/console/`;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  });
  const contexts: BrowserContext[] = [];
  const errors: string[] = [];
  const url: World["url"] = (hash, { scene, lang } = {}) => {
    const query = new URLSearchParams({ at: String(AT) });
    if (scene) query.set("scene", scene);
    if (lang) query.set("lang", lang);
    return `${base}?${query}${hash}`;
  };
  return {
    browser,
    url,
    async visit(hash, { scene, lang, ...options } = {}) {
      const context = await browser.newContext({ locale: "en-US", timezoneId: "Asia/Manila", ...DESK, ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(url(hash, { ...(scene ? { scene } : {}), ...(lang ? { lang } : {}) }));
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
    type Axe = {
      run: (root: Document) => Promise<{ violations: { id: string; help: string; nodes: { target: string[] }[] }[] }>;
    };
    const found = await (globalThis as unknown as { axe: Axe }).axe.run(document);
    return found.violations.map(
      (one) => `${one.id}: ${one.help} (${one.nodes.map((node) => node.target.join(" ")).join(", ")})`,
    );
  });
}

/** Cuts the fake server off, or lets it back. */
export async function reachable(page: Page, yes: boolean): Promise<void> {
  await page.evaluate(
    (up) => (globalThis as unknown as { fake: { reachable: (up: boolean) => void } }).fake.reachable(up),
    yes,
  );
}
