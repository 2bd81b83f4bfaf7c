import type { BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { preview } from "vite";
import { openBrowser } from "./chromium.ts";

/** Which scene the fake tells, and in which language. */
type Scene = { scene?: string; lang?: string };

export type World = {
  /** A new person in front of a new browser, at a place of the app. */
  visit: (place: string, options?: BrowserContextOptions & Scene) => Promise<Page>;
  /** The address of a place. */
  url: (place: string, options?: Scene) => string;
  /** Ends everything; rejects when any page threw an error. */
  close: () => Promise<void>;
};

export type FakeApp = {
  /** The app's folder; its fake build lies in `dist/fake`. */
  root: string;
  /** Where the app lives, such as `/inbox/`. */
  path: string;
  /** Where the fake's clock begins, in milliseconds: what it tells is the same on every run. */
  at: number;
  /** The browser of a person of whom nothing else is said. */
  usual: BrowserContextOptions;
};

/** A built app with its fake server, in a real Chromium. */
export async function fakeApp({ root, path, at, usual }: FakeApp): Promise<World> {
  const server = await preview({
    root,
    mode: "fake",
    build: { outDir: "dist/fake" },
    preview: { port: 0, host: "127.0.0.1" },
    logLevel: "error",
  });
  const address = server.httpServer.address();
  if (!address || typeof address === "string") throw new Error("the preview server has no port");
  const base = `http://127.0.0.1:${address.port}${path}`;
  const browser = await openBrowser();
  const contexts: BrowserContext[] = [];
  const errors: string[] = [];
  const url: World["url"] = (place, { scene, lang } = {}) => {
    const found = new URL(place, base);
    found.searchParams.set("at", String(at));
    if (scene) found.searchParams.set("scene", scene);
    if (lang) found.searchParams.set("lang", lang);
    return found.href;
  };
  return {
    url,
    async visit(place, { scene, lang, ...options } = {}) {
      const context = await browser.newContext({ locale: "en-US", timezoneId: "Asia/Manila", ...usual, ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.setDefaultTimeout(15_000);
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(url(place, { ...(scene ? { scene } : {}), ...(lang ? { lang } : {}) }));
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

/** Cuts the inbox's or the console's fake server off, or lets it back. */
export async function reachable(page: Page, yes: boolean): Promise<void> {
  await page.evaluate(
    (up) => (globalThis as unknown as { fake: { reachable: (up: boolean) => void } }).fake.reachable(up),
    yes,
  );
}
