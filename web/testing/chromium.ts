import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export const DESK: BrowserContextOptions = { viewport: { width: 1280, height: 800 } };
export const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Debian's Chromium, or the one that CHROMIUM names. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A microphone that hums, for those who are let use it.
      "--use-fake-device-for-media-stream",
    ],
  });
}

/** What axe finds wrong on the page, a line each; nothing is wrong when it is empty. */
export async function violations(page: Page): Promise<string[]> {
  // The content policy keeps script tags out, as it should; evaluating does not ask it.
  await page.evaluate(await readFile(axePath, "utf8"));
  return page.evaluate(async () => {
    type Found = { violations: { id: string; help: string; nodes: { target: string[] }[] }[] };
    const axe = (globalThis as unknown as { axe: { run: (root: Document) => Promise<Found> } }).axe;
    const found = await axe.run(document);
    return found.violations.map(
      (one) => `${one.id}: ${one.help} (${one.nodes.map((node) => node.target.join(" ")).join(", ")})`,
    );
  });
}
