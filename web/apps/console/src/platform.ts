import { ConsoleClient } from "@suki/console-api";
import { localShelf } from "@suki/ui";
import type { World } from "./model/world.ts";

/** The models' world in a browser; in the mode `fake` its server is inside the page. */
export async function browserWorld(): Promise<World> {
  const fake = import.meta.env.MODE === "fake" ? await fakeServer() : null;
  return {
    client: new ConsoleClient(fake?.fetch ?? ((input, init) => fetch(input, init))),
    shelf: localShelf,
    now: fake?.now ?? Date.now,
    after(milliseconds, run) {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
  };
}

// `?scene=` chooses what the fake shows, `?at=` stops its clock for screenshots that stay the same.
async function fakeServer() {
  const { fakeConsole } = await import("@suki/fake/console");
  const query = new URLSearchParams(location.search);
  const at = Number(query.get("at"));
  const begun = Date.now();
  const now = at ? () => at + (Date.now() - begun) : Date.now;
  const scene = query.get("scene") as Parameters<typeof fakeConsole>[0]["scene"];
  const fake = fakeConsole({
    now,
    after: (milliseconds, run) => void setTimeout(run, milliseconds),
    ...(scene ? { scene } : {}),
  });
  Object.assign(globalThis, { fake });
  return { ...fake, now };
}
