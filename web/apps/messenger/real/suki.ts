import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { openBrowser } from "../../../testing/chromium.ts";

/** A demo shop on a free port, with its data in a folder of its own, and browsers in front of it. */
export class Suki {
  readonly #binary: string;
  readonly #data: string;
  readonly #browser: Browser;
  readonly base: string;
  readonly errors: string[] = [];
  #server: ChildProcess | null = null;

  private constructor(binary: string, browser: Browser, port: number) {
    this.#binary = binary;
    this.#browser = browser;
    this.#data = mkdtempSync(join(tmpdir(), "suki-real-"));
    this.base = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Suki> {
    const binary = process.env.SUKI;
    if (!binary) throw new Error("say which binary to test: SUKI=path/to/suki");
    const browser = await openBrowser();
    const suki = new Suki(binary, browser, await freePort());
    await suki.up();
    return suki;
  }

  /** Starts the server, and waits until it answers. */
  async up(): Promise<void> {
    const listen = this.base.replace("http://", "");
    const args = ["serve", "--demo", "--data", this.#data, "--listen", listen];
    this.#server = spawn(this.#binary, args, { stdio: "ignore" });
    for (let turn = 0; turn < 600; turn += 1) {
      const healthy = await fetch(`${this.base}/healthz`).then(
        (answer) => answer.ok,
        () => false,
      );
      if (healthy) return;
      await new Promise<void>((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("the server does not answer");
  }

  /** Ends the server as a power cut does. */
  async kill(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (!server) return;
    const over = new Promise<void>((resolve) => server.once("exit", () => resolve()));
    server.kill("SIGKILL");
    await over;
  }

  /** What `suki env` says. */
  env(): Record<string, string> {
    const text = execFileSync(this.#binary, ["env", "--json", "--data", this.#data], { encoding: "utf8" });
    return JSON.parse(text) as Record<string, string>;
  }

  /** A new browser. */
  context(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    return this.#browser.newContext({ locale: "en-US", viewport: { width: 390, height: 844 }, ...options });
  }

  /** A page of a browser; what it throws fails the tests in the end. */
  async page(context: BrowserContext, path: string): Promise<Page> {
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => this.errors.push(error.message));
    await page.goto(new URL(path, this.base).href);
    return page;
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
    if (this.errors.length > 0) throw new Error(`A page threw: ${this.errors.join("; ")}`);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}
