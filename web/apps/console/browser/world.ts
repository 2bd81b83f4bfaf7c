import { fileURLToPath } from "node:url";
import { DESK } from "../../../testing/chromium.ts";
import { fakeApp } from "../../../testing/fake-app.ts";

export { DESK, PHONE, violations } from "../../../testing/chromium.ts";
export { reachable, type World } from "../../../testing/fake-app.ts";

/** Friday, 20 November 2026, 15:20 in Manila. */
const AT = Date.UTC(2026, 10, 20, 7, 20);

export const world = () =>
  fakeApp({ root: fileURLToPath(new URL("..", import.meta.url)), path: "/console/", at: AT, usual: DESK });
