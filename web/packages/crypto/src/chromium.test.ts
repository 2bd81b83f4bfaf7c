// @vitest-environment node
import { fileURLToPath } from "node:url";
import { base64, unbase64 } from "@suki/api";
import { type Browser, chromium, type Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPeer, Peer } from "./testing/peer.ts";
import type { Scenario } from "./testing/scenario.ts";

// The same libraries in a real browser: its WebCrypto is not Node's.

let browser: Browser;
let script = "";
let path = "";

beforeAll(async () => {
  path = await buildPeer();
  const entry = fileURLToPath(new URL("./testing/scenario.ts", import.meta.url));
  const lib = { entry, formats: ["iife" as const], name: "scenario", fileName: "scenario" };
  const built = await build({
    configFile: false,
    logLevel: "error",
    build: { write: false, lib, rolldownOptions: { output: { codeSplitting: false } } },
  });
  const output = Array.isArray(built) ? built[0] : "output" in built ? built : undefined;
  script = output?.output[0].code ?? "";
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args });
}, 900_000);
afterAll(() => browser?.close());

async function page(peer: Peer): Promise<Page> {
  const opened = await browser.newPage();
  await opened.route("http://localhost/", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
  );
  await opened.goto("http://localhost/");
  await opened.exposeFunction("ask", async (op: string, values: Record<string, string | string[] | number>) => {
    const decode = (value: string | string[] | number) =>
      typeof value === "number" ? value : Array.isArray(value) ? value.map(unbase64) : unbase64(value);
    return peer.ask(op, Object.fromEntries(Object.entries(values).map(([name, value]) => [name, decode(value)])));
  });
  await opened.addScriptTag({ content: script });
  return opened;
}

test.each([1, 0x4d])(
  "a browser's device and the endpoint understand each other on suite %i",
  async (suite) => {
    const peer = new Peer(path);
    const opened = await page(peer);
    const seen = await opened.evaluate((number) => {
      const run = (globalThis as unknown as { scenario: { run: Scenario } }).scenario.run;
      return run(number);
    }, suite);
    expect(seen).toEqual({
      suites: [0x4d, 1],
      heard: "Kumusta?",
      header: base64(new TextEncoder().encode("for the network")),
      forged: "forged",
      repeated: "spent",
      answered: "Mabuti!",
      restored: "after a reload",
      rejoined: "after losing everything",
      sameNumber: true,
    });
    peer.stop();
  },
  60_000,
);
