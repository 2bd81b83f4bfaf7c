import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const BINARY = resolve(import.meta.dirname, "..", process.env.SUKI_BIN ?? "../target/debug/suki");
/** How long a server may take to answer, in milliseconds. */
const PATIENCE = 60_000;

/** A server of its own with a demo shop in a folder of its own. */
export class Server {
  #process: ChildProcess | null = null;
  readonly #data: string;
  #listen = "127.0.0.1:0";
  url = "";

  private constructor(data: string) {
    this.#data = data;
  }

  static async start(): Promise<Server> {
    if (!existsSync(BINARY)) throw new Error(`There is no ${BINARY}; build it with: cargo build -p suki-server`);
    const server = new Server(await mkdtemp(join(tmpdir(), "suki-e2e-")));
    await server.run();
    return server;
  }

  /** Starts the process; after `kill`, on the same address as before. */
  async run(): Promise<void> {
    const args = ["serve", "--demo", "--data", this.#data, "--listen", this.#listen];
    const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, SUKI_LOG: "warn" } });
    this.#process = child;
    const said: string[] = [];
    child.stderr?.on("data", (text: Buffer) => said.push(text.toString()));
    this.url = await new Promise<string>((ready, failed) => {
      const give = (why: string) => failed(new Error(`The server ${why}: ${said.join("")}`));
      const timer = setTimeout(() => give("did not start in time"), PATIENCE);
      child.once("exit", () => give("ended"));
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on("line", (line) => {
        const url = /(http:\S+) speaks the WhatsApp Cloud API/.exec(line)?.[1];
        if (!url) return;
        clearTimeout(timer);
        ready(url);
      });
    });
    this.#listen = new URL(this.url).host;
    await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(PATIENCE) });
  }

  /** Ends the process the hard way, in the middle of whatever it does. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** What `suki env --json` prints; the inbox link in it signs in once. */
  async env(): Promise<Record<"SUKI_CONSOLE_LINK" | "SUKI_CUSTOMER_LINK" | "SUKI_INBOX_LINK", string>> {
    const { stdout } = await promisify(execFile)(BINARY, ["env", "--json", "--data", this.#data], {
      timeout: PATIENCE,
    });
    return JSON.parse(stdout);
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.#data, { recursive: true, force: true });
  }
}
