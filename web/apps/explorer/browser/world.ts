import { fileURLToPath } from "node:url";
import { DESK } from "../../../testing/chromium.ts";
import { fakeApp } from "../../../testing/fake-app.ts";

export { DESK, PHONE, violations } from "../../../testing/chromium.ts";
export { reachable, type World } from "../../../testing/fake-app.ts";

export const world = () =>
  fakeApp({ root: fileURLToPath(new URL("..", import.meta.url)), path: "/explorer/", at: 0, usual: DESK });
