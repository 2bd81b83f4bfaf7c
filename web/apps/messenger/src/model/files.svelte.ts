import { FilesError, fileName, type Media, type Messenger } from "@suki/model";
import type { FileView } from "@suki/ui/logic";
import { SvelteMap } from "svelte/reactivity";

/** How much is fetched without being asked for. */
export type Auto = "all" | "small" | "none";

/** The most bytes that are fetched unasked: pictures and voices up to Meta's limit for pictures, or little ones only. */
const MOST: Record<Auto, number> = { all: 5 * 1024 * 1024, small: 300 * 1024, none: 0 };

const IDLE: FileView = { state: "idle", part: null, url: null };

/** The files of one open thread: fetched, opened, and shown at addresses inside the page that end with it. */
export class FilesModel {
  readonly #messenger: Messenger;
  readonly #auto: () => Auto;
  readonly #views = new SvelteMap<string, FileView>();
  readonly #ways = new Map<string, AbortController>();
  #closed = false;

  constructor(messenger: Messenger, auto: () => Auto) {
    this.#messenger = messenger;
    this.#auto = auto;
  }

  view(media: Media, message: string): FileView {
    return this.#views.get(nameOf(media, message)) ?? IDLE;
  }

  /** It has come into view: fetched if the person lets such files come by themselves, or if it is here already. */
  async seen(media: Media, message: string): Promise<void> {
    if (this.view(media, message).state !== "idle") return;
    const comes = ["image", "sticker"].includes(media.kind) || media.voice;
    const wanted = comes && Number(media.bytes) <= MOST[this.#auto()];
    if (wanted || (comes && (media.blob.length === 0 || (await this.#messenger.shelf.has(media))))) {
      await this.load(media, message);
    }
  }

  /** Fetches and opens it. Its address, or null when that failed; why is in the view. */
  async load(media: Media, message: string): Promise<string | null> {
    const name = nameOf(media, message);
    const known = this.view(media, message);
    if (this.#closed || known.state === "ready" || known.state === "loading") return known.url;
    const way = new AbortController();
    this.#ways.set(name, way);
    this.#views.set(name, { state: "loading", part: null, url: null });
    const progress = (part: number) => this.#views.set(name, { state: "loading", part, url: null });
    try {
      const sealed = media.blob.length === 0 ? await this.#messenger.unsent(message) : null;
      const file = await this.#messenger.shelf.open(media, { progress, signal: way.signal }, sealed);
      if (this.#closed) return null;
      const url = URL.createObjectURL(file);
      this.#views.set(name, { state: "ready", part: null, url });
      return url;
    } catch (error) {
      if (!this.#closed) this.#views.set(name, { state: why(error), part: null, url: null });
      return null;
    } finally {
      this.#ways.delete(name);
    }
  }

  /** The thread is left: nothing of it stays in memory. */
  close(): void {
    this.#closed = true;
    for (const way of this.#ways.values()) way.abort();
    for (const { url } of this.#views.values()) if (url) URL.revokeObjectURL(url);
    this.#views.clear();
  }
}

/** A file is known by its name on the network; one that has none yet by its message. */
function nameOf(media: Media, message: string): string {
  return fileName(media) || message;
}

function why(error: unknown): FileView["state"] {
  if (error instanceof DOMException && error.name === "AbortError") return "idle";
  if (!(error instanceof FilesError)) return "broken";
  return error.status === 404 || error.status === 410 ? "gone" : "failed";
}
