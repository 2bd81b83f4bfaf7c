import type { Message } from "@suki/inbox";
import type { World } from "./world.ts";

/** A picture larger than this is made smaller: Meta's limit for pictures. */
const PICTURE_BYTES = 5 * 1024 * 1024;

/** Makes a picture anew, of at most so many bytes and without what its camera wrote into it. */
export type Remake = (file: Blob, most: number) => Promise<{ file: Blob }>;

/** A file that was chosen. */
export type Chosen = {
  name: string;
  /** As it will be sent; null while it is made ready, and when it cannot be. */
  ready: Blob | null;
  /** The error, when it cannot be sent or was refused. */
  problem: unknown;
  sent: boolean;
};

/** Files on their way into a chat: looked at first, then brought to the server one after the other. */
export class Attachments {
  readonly #world: World;
  readonly #chat: string;
  readonly #remake: Remake;
  // The same message under the same id, however often it is tried.
  readonly #ids = new Map<Chosen["name"], string>();
  chosen = $state.raw<readonly Chosen[]>([]);
  busy = $state(false);
  readonly waiting = $derived(this.chosen.some((one) => !one.ready && one.problem === null));
  readonly sendable = $derived(this.chosen.filter((one) => one.ready && !one.sent));

  constructor(world: World, chat: string, remake: Remake) {
    this.#world = world;
    this.#chat = chat;
    this.#remake = remake;
  }

  async choose(files: readonly File[]): Promise<void> {
    const names = new Set<string>();
    this.chosen = files.map((file) => ({ name: unlike(file.name, names), ready: null, problem: null, sent: false }));
    for (const [at, file] of files.entries()) {
      const name = this.chosen[at]?.name ?? "";
      try {
        this.#set(name, { ready: await this.#made(file) });
      } catch (problem) {
        this.#set(name, { problem });
      }
    }
  }

  remove(name: string): void {
    this.chosen = this.chosen.filter((one) => one.name !== name);
  }

  /** Sends what was not sent yet; the words stand below the first. True when everything has gone. */
  async send(caption: string, replyTo: string | null, taken: (message: Message) => void): Promise<boolean> {
    this.busy = true;
    for (const one of this.sendable) {
      const first = !this.chosen.some((other) => other.sent);
      try {
        taken(await this.#send(one, first ? caption.trim() : "", first ? replyTo : null));
        this.#set(one.name, { sent: true, problem: null });
      } catch (problem) {
        this.#set(one.name, { problem });
        break;
      }
    }
    this.busy = false;
    return this.chosen.every((one) => one.sent);
  }

  async #send({ name, ready }: Chosen, caption: string, replyTo: string | null): Promise<Message> {
    const id = this.#ids.get(name) ?? this.#world.newMessageId();
    this.#ids.set(name, id);
    const media = await this.#world.client.uploadMedia(ready as Blob, name);
    return this.#world.client.sendMedia(this.#chat, {
      id,
      media: media.id,
      ...(caption ? { caption } : {}),
      ...(replyTo ? { reply_to: replyTo } : {}),
    });
  }

  async #made(file: File): Promise<Blob> {
    const type = file.type.split(";")[0] ?? "";
    if (type.startsWith("image/")) return (await this.#remake(file, PICTURE_BYTES)).file;
    // The browser's own object may be taken away while it waits; this copy is ours.
    return file.slice(0, file.size, type || "application/octet-stream");
  }

  #set(name: string, change: Partial<Chosen>): void {
    this.chosen = this.chosen.map((one) => (one.name === name ? { ...one, ...change } : one));
  }
}

/** A name that none of the others has: two photos may both be called image.png. */
function unlike(name: string, names: Set<string>): string {
  const [, stem = name, end = ""] = /^(.*?)(\.[^.]*)?$/.exec(name) ?? [];
  let found = name;
  for (let count = 2; names.has(found); count++) found = `${stem} ${count}${end}`;
  names.add(found);
  return found;
}
