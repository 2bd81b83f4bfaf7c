import type { World } from "./model/world.ts";

/** The models' world in a browser; in the mode `fake` its server is inside the page. */
export async function browserWorld(): Promise<World> {
  const fake = import.meta.env.MODE === "fake" ? await fakeServer() : null;
  return {
    fetch: fake?.fetch ?? ((input, init) => fetch(input, init)),
    origin: fake ? "https://chat.example.com" : location.origin,
    now: () => performance.now(),
  };
}

async function fakeServer() {
  const { fakeApi } = await import("@suki/fake/api");
  const scene = new URLSearchParams(location.search).get("scene") === "offline" ? "offline" : "usual";
  const fake = fakeApi({ scene, after: (milliseconds, run) => void setTimeout(run, milliseconds) });
  Object.assign(globalThis, { fake });
  return fake;
}
