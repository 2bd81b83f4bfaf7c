import type { Chat, Status } from "@suki/inbox";
import { forward } from "./messages.ts";
import type { World } from "./world.ts";

const SEARCH_PAUSE = 200;

export type ListState = "loading" | "ready" | "failed";

/** The chats this device knows, newest first, and the search among all that the server knows. */
export class Chats {
  readonly #world: World;
  #known = $state.raw<ReadonlyMap<string, Chat>>(new Map());
  #next = $state<string | null>(null);
  #loadingMore = false;
  #found = $state.raw<readonly string[]>([]);
  #cancelSearch: (() => void) | null = null;
  // Counts events, so that an answer asked for before an event never undoes it.
  #events = 0;
  readonly #touched = new Map<string, number>();
  state = $state<ListState>("loading");
  query = $state("");
  searching = $state(false);

  readonly all: readonly Chat[] = $derived(
    [...this.#known.values()].sort((a, b) => b.updated_at - a.updated_at || (a.id < b.id ? 1 : -1)),
  );
  readonly found: readonly Chat[] = $derived(this.#found.flatMap((id) => this.#known.get(id) ?? []));
  readonly unread: number = $derived(this.all.reduce((sum, chat) => sum + chat.unread, 0));

  constructor(world: World) {
    this.#world = world;
  }

  get(id: string): Chat | undefined {
    return this.#known.get(id);
  }

  get hasMore(): boolean {
    return this.#next !== null;
  }

  /** Loads the newest page again. Rejects as the client does. */
  async refresh(): Promise<void> {
    const since = this.#events;
    try {
      const page = await this.#world.client.chats();
      this.#answered(page.data, since);
      if (this.state !== "ready") this.#next = page.next;
      this.state = "ready";
    } catch (error) {
      if (this.state !== "ready") this.state = "failed";
      throw error;
    }
  }

  async loadMore(): Promise<void> {
    if (!this.#next || this.#loadingMore) return;
    this.#loadingMore = true;
    const since = this.#events;
    try {
      const page = await this.#world.client.chats({ before: this.#next });
      this.#answered(page.data, since);
      this.#next = page.next;
    } finally {
      this.#loadingMore = false;
    }
  }

  /** Loads one chat, for a link to one that is not on the first page. Rejects as the client does. */
  async load(id: string): Promise<void> {
    const since = this.#events;
    this.#answered([await this.#world.client.chat(id)], since);
  }

  /** Looks for a text; the answer to an older question never replaces that to a newer one. */
  search(query: string): void {
    this.query = query;
    this.#cancelSearch?.();
    this.#cancelSearch = null;
    const wanted = query.trim();
    this.searching = wanted !== "";
    if (!wanted) {
      this.#found = [];
      return;
    }
    const near = wanted.toLocaleLowerCase();
    this.#found = this.all
      .filter((chat) => chat.contact.name.toLocaleLowerCase().includes(near))
      .map((chat) => chat.id);
    this.#cancelSearch = this.#world.after(SEARCH_PAUSE, () => void this.#ask(wanted));
  }

  async #ask(wanted: string): Promise<void> {
    const since = this.#events;
    try {
      const page = await this.#world.client.chats({ q: wanted });
      if (this.query.trim() !== wanted) return;
      this.#answered(page.data, since);
      this.#found = page.data.map((chat) => chat.id);
    } catch {
      // What was found among the known chats stays.
    }
    if (this.query.trim() === wanted) this.searching = false;
  }

  /** An event brought a chat; tells what was known before. */
  put(chat: Chat): Chat | undefined {
    const before = this.#known.get(chat.id);
    this.#touch(chat.id);
    this.#set(chat);
    return before;
  }

  setUnread(id: string, unread: number): void {
    const chat = this.#known.get(id);
    if (!chat || chat.unread === unread) return;
    this.#touch(id);
    this.#set({ ...chat, unread });
  }

  setStatus(id: string, messages: readonly string[], status: Status): void {
    const chat = this.#known.get(id);
    if (!chat?.last || !messages.includes(chat.last.id)) return;
    this.#touch(id);
    this.#set({ ...chat, last: { ...chat.last, status } });
  }

  #touch(id: string): void {
    this.#events += 1;
    this.#touched.set(id, this.#events);
  }

  #answered(chats: readonly Chat[], since: number): void {
    for (const chat of chats) if ((this.#touched.get(chat.id) ?? 0) <= since) this.#set(chat);
  }

  #set(chat: Chat): void {
    const last = this.#known.get(chat.id)?.last;
    const same = last && chat.last && last.id === chat.last.id;
    const merged =
      same && chat.last ? { ...chat, last: { ...chat.last, status: forward(last.status, chat.last.status) } } : chat;
    this.#known = new Map(this.#known).set(chat.id, merged);
  }
}
