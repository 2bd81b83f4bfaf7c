import { type InboxClient, type MediaContent, Refusal } from "@suki/inbox";
import type { FileView } from "@suki/ui/logic";
import { SvelteMap } from "svelte/reactivity";

/** The most bytes that are fetched before anybody asks: Meta's limit for pictures. */
const MOST = 5 * 1024 * 1024;
const IDLE: FileView = { state: "idle", part: null, url: null };

/** The files of one open chat: fetched, and shown at addresses inside the page that end with it. */
export class Files {
  readonly #client: InboxClient;
  readonly #views = new SvelteMap<string, FileView>();
  readonly #end = new AbortController();

  constructor(client: InboxClient) {
    this.#client = client;
  }

  view(message: string, place: number): FileView {
    return this.#views.get(`${message} ${place}`) ?? IDLE;
  }

  /** It has come into view: pictures and voices come by themselves, what is large waits until somebody asks. */
  async seen(message: string, place: number, media: MediaContent): Promise<void> {
    const comes = media.kind === "image" || media.kind === "sticker" || media.voice;
    if (comes && media.bytes <= MOST && this.view(message, place).state === "idle") await this.load(message, place);
  }

  /** Fetches it. Its address, or null when that failed; why is in the view. */
  async load(message: string, place: number): Promise<string | null> {
    const known = this.view(message, place);
    if (known.state === "ready" || known.state === "loading") return known.url;
    const set = (state: FileView["state"], url: string | null = null) =>
      this.#views.set(`${message} ${place}`, { state, part: null, url });
    set("loading");
    try {
      const file = await this.#client.fileOf(message, place, this.#end.signal);
      if (this.#end.signal.aborted) return null;
      const url = URL.createObjectURL(file);
      set("ready", url);
      return url;
    } catch (error) {
      if (!this.#end.signal.aborted) set(error instanceof Refusal && error.status === 404 ? "gone" : "failed");
      return null;
    }
  }

  /** The chat is left: nothing of it stays in memory. */
  close(): void {
    this.#end.abort();
    for (const { url } of this.#views.values()) if (url) URL.revokeObjectURL(url);
    this.#views.clear();
  }
}
