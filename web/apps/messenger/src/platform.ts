import { type Carried, fileServer, registration, socketUrl, webSocketDial } from "@suki/api";
import { current, t } from "@suki/i18n";
import {
  browserTabs,
  type Files,
  FilesError,
  Messenger,
  type MessengerOptions,
  StorageRefused,
  systemEnv,
} from "@suki/model";
import { localShelf } from "@suki/ui/logic";
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
    const world = {
      messenger,
      closed,
      now: () => clock.now(),
      after: clock.after.bind(clock),
      shelf: localShelf,
      saver,
    };
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
    files: files(),
    registration: registration(""),
    dial: webSocketDial(socketUrl(location.origin)),
    tabs: browserTabs("suki"),
    languages: reads,
    deviceName: t("messenger.device.name", { browser: agent.browser, system: agent.system }),
    failed: (error) => console.error(error),
  };
}

/** Sealing and opening come with the cryptography, when the first file needs them. */
function files(): Files {
  const server = fileServer("");
  const crypto = () => import("@suki/crypto");
  const taken = ({ status, body }: Carried) => {
    if (status < 200 || status > 299 || !body) throw new FilesError(status);
    return body;
  };
  return {
    seal: async (file) => (await crypto()).sealFile(file),
    open: async (file, sealed, type) => (await crypto()).openFile(file, sealed, type),
    put: async (blob, token, sealed, way) => void taken(await server.put(blob, token, sealed, way)),
    get: async (blob, way) => taken(await server.get(blob, way)),
  };
}

/** Whether voices can be recorded here. */
export function canRecord(): boolean {
  return typeof MediaRecorder !== "undefined" && navigator.mediaDevices !== undefined;
}

/** Whether the browser was told to save data. */
function saver(): boolean {
  return (navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData === true;
}

/** The app's language first, then the browser's. */
function reads(): string[] {
  return [current().tag, ...navigator.languages];
}

async function fakeOptions(): Promise<MessengerOptions> {
  return (await import("./fake.ts")).options();
}
