import { registration, socketUrl, webSocketDial } from "@suki/api";
import { current, t } from "@suki/i18n";
import { browserTabs, Messenger, type MessengerOptions, StorageRefused, systemEnv } from "@suki/model";
import type { World } from "./model/app.svelte.ts";
import { browserName } from "./model/describe.ts";

/** Why the app cannot run here. */
export type Trouble = "insecure" | "old" | "storage" | "other";

/** The app's world in a browser; in the mode `fake` its network is inside the page. */
export async function browserWorld(): Promise<World | { trouble: Trouble; detail: string }> {
  if (!globalThis.crypto?.subtle) return { trouble: globalThis.isSecureContext ? "old" : "insecure", detail: "" };
  if (!globalThis.indexedDB) return { trouble: "storage", detail: "" };
  let close = () => {};
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  try {
    const options = await (import.meta.env.MODE === "fake" ? fakeOptions() : realOptions());
    const messenger = await Messenger.open({ ...options, closed: () => close() });
    const { clock } = options.env;
    const world = { messenger, closed, now: () => clock.now(), after: clock.after.bind(clock) };
    if (import.meta.env.MODE === "fake") await (await import("./fake.ts")).play(messenger);
    return world;
  } catch (error) {
    if (error instanceof StorageRefused) return { trouble: "storage", detail: "" };
    return { trouble: "other", detail: error instanceof Error ? error.message : String(error) };
  }
}

async function realOptions(): Promise<MessengerOptions> {
  const { Mls } = await import("@suki/crypto");
  const agent = browserName(navigator.userAgent);
  return {
    name: "suki",
    env: systemEnv,
    mls: new Mls(),
    registration: registration(""),
    dial: webSocketDial(socketUrl(location.origin)),
    tabs: browserTabs("suki"),
    languages: reads,
    deviceName: t("messenger.device.name", { browser: agent.browser, system: agent.system }),
    failed: (error) => console.error(error),
  };
}

/** The app's language first, then the browser's. */
function reads(): string[] {
  return [current().tag, ...navigator.languages];
}

async function fakeOptions(): Promise<MessengerOptions> {
  return (await import("./fake.ts")).options();
}
