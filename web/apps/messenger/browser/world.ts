import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { PHONE } from "../../../testing/chromium.ts";
import { fakeApp } from "../../../testing/fake-app.ts";

export { DESK, PHONE, violations } from "../../../testing/chromium.ts";
export type { World } from "../../../testing/fake-app.ts";

/** Saturday, 21 November 2026, 15:20 in Manila. */
const AT = Date.UTC(2026, 10, 21, 7, 20);

/** Customers come with phones, and to addresses below `/c/`. */
export const world = () =>
  fakeApp({ root: fileURLToPath(new URL("..", import.meta.url)), path: "/", at: AT, usual: PHONE });

/** Cuts the fake network off, or lets it back. */
export async function reachable(page: Page, yes: boolean): Promise<void> {
  await page.evaluate((up) => {
    (globalThis as unknown as { fake: { network: { online: boolean } } }).fake.network.online = up;
  }, yes);
}
