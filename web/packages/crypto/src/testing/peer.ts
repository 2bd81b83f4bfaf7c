import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { base64, unbase64 } from "@suki/api";

const ROOT = fileURLToPath(new URL("../../../../..", import.meta.url));

type Bytes = Uint8Array<ArrayBuffer>;
type Sent = string | number | Uint8Array | Uint8Array[];
interface Answer {
  [name: string]: string | number | boolean | null | string[];
}

/** Builds the endpoint for tests and says where it is. Cargo does nothing when it is there already. */
export function buildPeer(): Promise<string> {
  const order = ["build", "--quiet", "--package", "suki-e2ee", "--example", "peer", "--message-format", "json"];
  return new Promise((resolve, reject) => {
    execFile("cargo", order, { cwd: ROOT, maxBuffer: 1 << 26 }, (error, out, problems) => {
      const built = out.split("\n").flatMap((line) => (line.includes('"executable":"') ? [JSON.parse(line)] : []));
      const path = built.find(({ target }) => target.name === "peer")?.executable;
      if (path) resolve(path);
      else reject(new Error(`cargo did not build the example "peer": ${problems}`, { cause: error }));
    });
  });
}

/** A business's endpoint in Rust: `crates/e2ee/examples/peer.rs`. */
export class Peer {
  readonly #process;
  readonly #waiting: ((line: string) => void)[] = [];

  constructor(path: string) {
    this.#process = spawn(path, { stdio: ["pipe", "pipe", "inherit"] });
    createInterface(this.#process.stdout).on("line", (line) => this.#waiting.shift()?.(line));
  }

  stop(): void {
    this.#process.kill();
  }

  /** Asks for one operation. Fails with the peer's own words when it refuses. */
  async ask(op: string, values: Record<string, Sent> = {}): Promise<Answer> {
    const encode = (value: Sent) =>
      value instanceof Uint8Array ? base64(value) : Array.isArray(value) ? value.map(base64) : value;
    const request = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, encode(value)]));
    const line = await new Promise<string>((resolve) => {
      this.#waiting.push(resolve);
      this.#process.stdin.write(`${JSON.stringify({ op, ...request })}\n`);
    });
    const answer: Answer = JSON.parse(line);
    if (typeof answer.error === "string") throw new Error(answer.error);
    return answer;
  }
}

/** A view into a longer buffer, as bytes that were read from a frame are. */
export function view(bytes: Uint8Array): Bytes {
  const longer = new Uint8Array(bytes.length + 10).fill(0xee);
  longer.set(bytes, 7);
  return longer.subarray(7, 7 + bytes.length);
}

/** Bytes of an answer. */
export function bytes(answer: Answer, name: string): Bytes {
  const value = answer[name];
  if (typeof value !== "string") throw new Error(`the peer's answer has no ${name}`);
  return view(unbase64(value));
}
