import type { Me, Message, MessageError, Status } from "@suki/inbox";
import { forward, fromOutbox, fromServer, merge, type ThreadMessage } from "./messages.ts";
import type { Outbox } from "./outbox.svelte.ts";
import type { World } from "./world.ts";

const EARLY = 500;

/** `ready` only once it was entered: what is shown starts with the right divider. */
export type ThreadState = "loading" | "ready" | "failed";

/** The messages of one chat, as far back as they were loaded. */
export class Thread {
  readonly chat: string;
  readonly #world: World;
  readonly #outbox: Outbox;
  readonly #me: Me["operator"];
  #known = $state.raw<ReadonlyMap<string, Message>>(new Map());
  #retried = $state.raw<ReadonlySet<string>>(new Set());
  readonly #early = new Map<string, { status: Status; error: MessageError | null }>();
  state = $state<ThreadState>("loading");
  /** There are older messages on the server. */
  more = $state(false);
  /** Where the unread messages began when the chat was opened. */
  unread = $state.raw<{ from: string; count: number } | null>(null);
  /** The message that the next one answers. */
  replyTo = $state.raw<ThreadMessage | null>(null);
  /** What was missed must be asked for before the thread is shown again. */
  stale = true;

  readonly #sorted = $derived([...this.#known.values()].sort((a, b) => a.order - b.order));
  readonly messages: ThreadMessage[] = $derived.by(() => {
    const taken = this.#sorted.map((message) => fromServer(message, this.#me, this.#retried.has(message.id)));
    const waiting = this.#outbox.of(this.chat).filter((unsent) => !this.#known.has(unsent.id));
    return [...taken, ...waiting.map((unsent) => fromOutbox(unsent, this.#me))];
  });

  constructor(world: World, outbox: Outbox, chat: string, me: Me["operator"]) {
    this.#world = world;
    this.#outbox = outbox;
    this.chat = chat;
    this.#me = me;
  }

  /** Loads the newest page; the first time it also marks where `unread` messages begin. Never rejects: `state` tells. */
  async load(unread?: () => number): Promise<void> {
    this.stale = false;
    try {
      const page = await this.#world.client.messages(this.chat);
      // When the page does not touch what is known, messages in between are missing: what is older is loaded again on demand.
      const gap = page.more && !page.data.some((message) => this.#known.has(message.id));
      this.#take(page.data, gap);
      if (gap || this.state !== "ready") this.more = page.more;
      if (this.state !== "ready") this.enter(unread?.() ?? 0);
      this.state = "ready";
    } catch {
      this.stale = true;
      if (this.state !== "ready") this.state = "failed";
    }
  }

  /** Loads the page before the oldest known message. Rejects as the client does. */
  async loadOlder(): Promise<void> {
    const oldest = this.#sorted[0];
    if (!oldest || !this.more) return;
    const page = await this.#world.client.messages(this.chat, { before: oldest.id });
    this.#take(page.data, false);
    this.more = page.more;
  }

  /** A message that is new, or known and changed. */
  apply(message: Message): void {
    this.#take([message], false);
  }

  applyStatus(ids: readonly string[], status: Status, error: MessageError | null): void {
    const next = new Map(this.#known);
    for (const id of ids) {
      const known = next.get(id);
      if (known) next.set(id, merge(known, { ...known, status, error }));
      else this.#remember(id, status, error);
    }
    this.#known = next;
  }

  /** Marks where the unread messages begin; called when the chat is opened. */
  enter(count: number): void {
    const incoming = this.#sorted.filter((message) => message.from === "customer");
    const first = count > 0 ? incoming[Math.max(0, incoming.length - count)] : undefined;
    this.unread = first ? { from: first.id, count } : null;
  }

  /** The newest message of the customer's. */
  get lastIncoming(): string | null {
    return this.#sorted.findLast((message) => message.from === "customer")?.id ?? null;
  }

  find(id: string): Message | undefined {
    return this.#known.get(id);
  }

  markRetried(id: string): void {
    this.#retried = new Set(this.#retried).add(id);
  }

  #take(messages: readonly Message[], anew: boolean): void {
    const next = anew ? new Map<string, Message>() : new Map(this.#known);
    for (const message of messages) {
      const early = this.#early.get(message.id);
      this.#early.delete(message.id);
      const told = early ? merge(message, { ...message, ...early }) : message;
      next.set(message.id, merge(this.#known.get(message.id), told));
      this.#outbox.remove(message.id);
    }
    this.#known = next;
  }

  // News of a message may overtake the message itself.
  #remember(id: string, status: Status, error: MessageError | null): void {
    const known = this.#early.get(id)?.status ?? null;
    this.#early.set(id, { status: forward(known, status) ?? status, error });
    const oldest = this.#early.keys().next().value;
    if (this.#early.size > EARLY && oldest !== undefined) this.#early.delete(oldest);
  }
}
