import { InboxClient, type Socket } from "@suki/inbox";
import { localShelf } from "@suki/ui";
import type { World } from "./model/world.ts";

/** The models' world in a browser; in the mode `fake` its server is inside the page. */
export async function browserWorld(): Promise<World> {
  const fake = import.meta.env.MODE === "fake" ? await fakeServer() : null;
  return {
    client: new InboxClient(fake?.fetch ?? ((input, init) => fetch(input, init))),
    open: fake?.open ?? openSocket,
    shelf: localShelf,
    now: fake?.now ?? Date.now,
    random: Math.random,
    newMessageId: () =>
      `msg_${[...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`,
    after(milliseconds, run) {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
  };
}

function openSocket(): Socket {
  const url = new URL("/inbox/api/live", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return new WebSocket(url) as Socket;
}

// `?scene=` chooses what the fake shows, `?at=` stops its clock for screenshots that stay the same.
async function fakeServer() {
  const { fakeInbox } = await import("@suki/fake/inbox");
  const query = new URLSearchParams(location.search);
  const at = Number(query.get("at"));
  const begun = Date.now();
  const now = at ? () => at + (Date.now() - begun) : Date.now;
  const scene = query.get("scene") as Parameters<typeof fakeInbox>[0]["scene"];
  const fake = fakeInbox({
    now,
    after: (milliseconds, run) => void setTimeout(run, milliseconds),
    ...(scene ? { scene } : {}),
  });
  Object.assign(globalThis, { fake });
  return { ...fake, now };
}
