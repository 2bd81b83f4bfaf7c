import { init, type Prepared } from "./request.ts";
import type { World } from "./world.ts";

/** More than this is not shown but can be kept, in characters. */
const SHOWN = 200_000;

/** What the server answered. */
export type Answer = {
  status: number;
  statusText: string;
  /** From sending to the last byte, in milliseconds. */
  took: number;
  bytes: number;
  headers: { name: string; value: string }[];
  /** The body: JSON set out in lines, or text; none where it is neither. */
  text: string | null;
  json: boolean;
  /** The body as it came. */
  blob: Blob;
};

/** One call on its way, and the last answer. */
export class Exchange {
  readonly #world: World;
  #abort: AbortController | null = null;
  busy = $state(false);
  answer = $state.raw<Answer | null>(null);
  /** Nothing came: the server is not there, or the connection broke. */
  failed = $state(false);

  constructor(world: World) {
    this.#world = world;
  }

  /** Sends; a call that is still on its way is given up. */
  async send(prepared: Prepared, token: string): Promise<void> {
    this.#abort?.abort();
    const abort = new AbortController();
    this.#abort = abort;
    this.busy = true;
    this.failed = false;
    const begun = this.#world.now();
    try {
      const response = await this.#world.fetch(prepared.url, { ...init(prepared, token), signal: abort.signal });
      const blob = await response.blob();
      const took = this.#world.now() - begun;
      const answer = await shown(response, blob, took);
      if (this.#abort === abort) this.answer = answer;
    } catch {
      if (this.#abort === abort) {
        this.failed = !abort.signal.aborted;
        this.answer = null;
      }
    } finally {
      if (this.#abort === abort) this.busy = false;
    }
  }

  cancel(): void {
    this.#abort?.abort();
  }
}

async function shown(response: Response, blob: Blob, took: number): Promise<Answer> {
  const type = response.headers.get("content-type") ?? "";
  const readable = /json|^text\/|xml|javascript/.test(type) || type === "";
  const whole = readable && blob.size <= SHOWN ? await blob.text() : null;
  const parsed = whole !== null && /json|^text\/javascript/.test(type) ? setOut(whole) : null;
  return {
    status: response.status,
    statusText: response.statusText,
    took,
    bytes: blob.size,
    headers: [...response.headers].map(([name, value]) => ({ name, value })),
    text: parsed ?? whole,
    json: parsed !== null,
    blob,
  };
}

/** JSON in lines; numbers too long for this page's arithmetic stay as they were written. */
function setOut(text: string): string | null {
  try {
    const value = JSON.parse(text);
    const lines = JSON.stringify(value, null, 2);
    return /\d{17,}/.test(text) && !lossless(text, lines) ? text : lines;
  } catch {
    return null;
  }
}

function lossless(a: string, b: string): boolean {
  const digits = (text: string) => (text.match(/\d{17,}/g) ?? []).join();
  return digits(a) === digits(b);
}
