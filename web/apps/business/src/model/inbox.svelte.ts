import { type Chat, type LinkState, type Live, LiveLink, type Me, type Message, Refusal } from "@suki/inbox";
import { Chats } from "./chats.svelte.ts";
import { Clock } from "./clock.svelte.ts";
import { Drafts } from "./drafts.svelte.ts";
import { Outbox } from "./outbox.svelte.ts";
import { Sender } from "./sender.ts";
import { Thread } from "./thread.svelte.ts";
import { Typing } from "./typing.svelte.ts";
import type { World } from "./world.ts";

const THREADS_KEPT = 20;

export type InboxHooks = {
  /** A customer wrote something that was not known before. */
  onincoming: (chat: Chat, message: Message) => void;
  /** The session ended, here or elsewhere. */
  onended: () => void;
};

/** Everything one signed-in operator sees, kept up to date by the live link. */
export class Inbox {
  readonly me: Me;
  readonly chats: Chats;
  readonly clock: Clock;
  readonly drafts: Drafts;
  readonly outbox: Outbox;
  readonly typing: Typing;
  readonly sender: Sender;
  readonly #world: World;
  readonly #hooks: InboxHooks;
  readonly #link: LiveLink;
  readonly #threads = new Map<string, Thread>();
  #attending = { visible: true, atEnd: false };
  /** Up to which message each chat was told to be read. */
  readonly #read = new Map<string, string>();
  link = $state<LinkState>("connecting");
  /** True from the first hello on: before that, a missing link is no news. */
  wasOnline = $state(false);
  current = $state.raw<Thread | null>(null);

  constructor(world: World, me: Me, hooks: InboxHooks) {
    this.#world = world;
    this.me = me;
    this.#hooks = hooks;
    this.chats = new Chats(world);
    this.clock = new Clock(world);
    this.drafts = new Drafts(world.shelf);
    this.outbox = new Outbox(world.shelf);
    this.typing = new Typing(world);
    this.sender = new Sender(world, this.outbox, {
      taken: (message) => this.took(message),
      ended: () => hooks.onended(),
      refused: (chat) => void this.chats.load(chat).catch(() => {}),
    });
    this.#link = new LiveLink(
      world,
      (event) => this.#heard(event),
      (state) => this.#linked(state),
    );
  }

  start(): void {
    this.clock.start();
    this.#link.start();
    void this.refresh();
  }

  stop(): void {
    this.clock.stop();
    this.typing.clear();
    this.sender.stop();
    this.#link.stop();
  }

  /** Forgets what this device kept of the operator's words. */
  forget(): void {
    this.drafts.clear();
    this.outbox.clear();
  }

  /** The device has no network. */
  offline(): void {
    this.#link.rest();
  }

  /** The network is back, or the page is looked at again. */
  wake(): void {
    this.clock.refresh();
    this.#link.wake();
  }

  /** Asks for the chats and the open chat again; what else is known is asked for when it is opened. */
  async refresh(): Promise<void> {
    for (const thread of this.#threads.values()) thread.stale = true;
    await Promise.all([this.chats.refresh().catch((error: unknown) => this.#failed(error)), this.#reload()]);
    this.#readIfSeen();
  }

  /** Opens a chat: its thread, with a divider where the unread messages begin. */
  async open(id: string | null): Promise<void> {
    if (this.current?.chat === id) return;
    this.typing.stop();
    this.#attending.atEnd = false;
    if (id === null) {
      this.current = null;
      return;
    }
    const thread = this.#thread(id);
    this.current = thread;
    if (!this.chats.get(id)) await this.chats.load(id).catch((error: unknown) => this.#failed(error));
    const unread = () => this.chats.get(id)?.unread ?? 0;
    if (thread.state === "ready") thread.enter(unread());
    if (thread.stale) await thread.load(unread);
    this.#readIfSeen();
  }

  /** What the person sees: the page itself, and the end of the open thread. */
  attend(seen: { visible?: boolean; atEnd?: boolean }): void {
    this.#attending = { ...this.#attending, ...seen };
    this.#readIfSeen();
  }

  /** Sends a text to the open chat; false when too many messages wait already. */
  send(text: string): boolean {
    const thread = this.current;
    if (!thread) return false;
    const replied = thread.replyTo && thread.find(thread.replyTo.id);
    const reply = replied ? { id: replied.id, text: replied.text, from: replied.from } : null;
    if (!this.sender.send(thread.chat, text, reply, this.clock.exact())) return false;
    thread.replyTo = null;
    thread.unread = null;
    this.drafts.set(thread.chat, "");
    this.typing.stop();
    return true;
  }

  /** The server has taken a message that was sent beside the outbox: a file, a place. */
  took(message: Message): void {
    const thread = this.#threads.get(message.chat);
    thread?.apply(message);
    if (thread && message.reply_to && thread.replyTo?.id === message.reply_to.id) thread.replyTo = null;
  }

  /** Puts the business's emoji on a message; "" takes it back. Rejects as the client does, and then nothing has changed. */
  async react(message: string, emoji: string): Promise<void> {
    const thread = this.current;
    const known = thread?.find(message);
    if (!thread || !known) return;
    const theirs = known.reactions.filter((one) => one.from === "customer");
    const mine = emoji ? [{ from: "business" as const, emoji, at: this.clock.exact() }] : [];
    thread.apply({ ...known, reactions: [...theirs, ...mine] });
    try {
      await this.#world.client.react(thread.chat, { id: this.#world.newMessageId(), message, emoji });
    } catch (error) {
      const now = thread.find(message);
      if (now) thread.apply({ ...now, reactions: known.reactions });
      throw error;
    }
  }

  /** Sends a failed message again: the same one when the server never took it, else a new one with its text. */
  retry(id: string): void {
    const thread = this.current;
    const message = thread?.find(id);
    if (!thread || !message) this.sender.again(id);
    else if (this.sender.send(thread.chat, message.text, message.reply_to, this.clock.exact())) thread.markRetried(id);
  }

  // A thread that is being opened loads itself, after its chat is known.
  async #reload(): Promise<void> {
    const thread = this.current;
    if (thread && thread.state !== "loading") await thread.load(() => this.chats.get(thread.chat)?.unread ?? 0);
  }

  #thread(id: string): Thread {
    const thread = this.#threads.get(id) ?? new Thread(this.#world, this.outbox, id, this.me.operator);
    this.#threads.delete(id);
    this.#threads.set(id, thread);
    for (const oldest of this.#threads.keys()) {
      if (this.#threads.size <= THREADS_KEPT) break;
      this.#threads.delete(oldest);
    }
    return thread;
  }

  #linked(state: LinkState): void {
    const lost = this.link === "online" && state === "connecting";
    this.link = state;
    if (state === "online") this.wasOnline = true;
    else this.typing.clear();
    // A link that breaks may be the end of the session; the link itself cannot tell.
    if (lost) void this.#world.client.me().catch((error: unknown) => this.#failed(error));
  }

  #heard(event: Live): void {
    if (event.type === "hello") {
      this.clock.set(event.now);
      void this.refresh();
      this.sender.flush();
    } else if (event.type === "message") this.#message(event.chat, event.message);
    else if (event.type === "status") {
      this.chats.setStatus(event.chat, event.ids, event.status);
      this.#threads.get(event.chat)?.applyStatus(event.ids, event.status, event.error);
    } else if (event.type === "chat" || event.type === "window_warning") this.chats.put(event.chat);
    else if (event.type === "read") this.chats.setUnread(event.chat, event.unread);
    else if (event.type === "typing" && event.operator?.id !== this.me.operator.id) {
      const id = event.operator?.id ?? "customer";
      this.typing.heard(event.chat, { who: event.who, id, name: event.operator?.name ?? null }, event.on);
    }
  }

  #message(chat: Chat, message: Message): void {
    const before = this.chats.put(chat);
    this.outbox.remove(message.id);
    this.#threads.get(chat.id)?.apply(message);
    this.typing.wrote(chat.id, message.from === "customer" ? "customer" : (message.operator?.id ?? ""));
    if (message.from === "customer" && chat.unread > (before?.unread ?? 0)) this.#hooks.onincoming(chat, message);
    this.#readIfSeen();
  }

  #readIfSeen(): void {
    const thread = this.current;
    if (thread?.state !== "ready" || !this.#attending.visible || !this.#attending.atEnd) return;
    const chat = this.chats.get(thread.chat);
    const last = thread.lastIncoming;
    if (!chat || !last) return;
    // The count alone does not tell: a list that was asked for before the message came may say 0 after it.
    const known = this.#read.get(chat.id);
    this.#read.set(chat.id, last);
    if (!chat.unread && (known === undefined || known === last)) return;
    this.chats.setUnread(chat.id, 0);
    this.#world.client.read(chat.id, last).catch((error: unknown) => {
      // It is told again when the server is back.
      if (this.#read.get(chat.id) === last) this.#read.set(chat.id, "");
      this.#failed(error);
    });
  }

  #failed(error: unknown): void {
    if (error instanceof Refusal && error.status === 401) this.#hooks.onended();
  }
}
