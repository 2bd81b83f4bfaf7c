import {
  type Body,
  type Conversation,
  fileName,
  type Media,
  type Message,
  type Messenger,
  UNSENT_ORDER,
} from "@suki/model";
import { coalesce } from "./coalesce.ts";
import { type Auto, FilesModel } from "./files.svelte.ts";

const PAGE = 60;

/** A line of a thread as the view lays it out. */
export interface Line {
  id: string;
  at: number;
  side: "in" | "out";
  /** Notices stand apart from messages. */
  author: string | null;
  message: Message;
}

/** A picture or film, and the message it is in. */
export interface Shown {
  media: Media;
  message: string;
  caption: string;
}

/** One open thread: the lines that are loaded, what was unread when it was opened, and what is being answered. */
export class ThreadModel {
  readonly conversation: string;
  readonly #messenger: Messenger;
  lines = $state.raw<Line[]>([]);
  more = $state(false);
  loaded = $state(false);
  secured = $state(true);
  unread = $state.raw<{ from: string; count: number } | null>(null);
  replyTo = $state.raw<Message | null>(null);
  /** Messages that others quote, by id; null for those that are not on this device. */
  quoted = $state.raw<ReadonlyMap<string, Message | null>>(new Map());
  /** The file that is shown large. */
  large = $state.raw<Shown | null>(null);
  readonly files: FilesModel;
  readonly reload: () => Promise<void>;

  constructor(messenger: Messenger, conversation: string, auto: () => Auto) {
    this.files = new FilesModel(messenger, auto);
    this.#messenger = messenger;
    this.conversation = conversation;
    this.reload = coalesce(() => this.#reload());
  }

  /** Reads the newest page, and from the start of what is unread. */
  async open(chat: Conversation): Promise<void> {
    const { lines, more } = await this.#messenger.page(this.conversation, Math.max(PAGE, chat.unread + 20));
    const first = lines.find((line) => line.counts === 1 && line.order > chat.readOrder);
    this.unread = first && chat.unread > 0 ? { from: first.id, count: chat.unread } : null;
    await this.#show(lines, more);
    this.loaded = true;
  }

  async #reload(): Promise<void> {
    if (!this.loaded) return;
    const first = this.lines[0]?.message;
    if (first && first.order < UNSENT_ORDER) await this.#show(await this.#messenger.linesFrom(first), this.more);
    else {
      const { lines, more } = await this.#messenger.page(this.conversation, PAGE);
      await this.#show(lines, more);
    }
  }

  /** Loads what came before. */
  async older(): Promise<void> {
    const first = this.lines[0]?.message;
    if (!first) return;
    const { lines, more } = await this.#messenger.page(this.conversation, PAGE, first);
    await this.#show([...lines, ...this.lines.map((line) => line.message)], more);
  }

  async #show(messages: Message[], more: boolean): Promise<void> {
    await this.#quote(messages);
    this.secured = await this.#messenger.secured(this.conversation);
    this.lines = messages.map(lineOf);
    this.more = more;
  }

  async #quote(messages: Message[]): Promise<void> {
    const missing = messages.flatMap(({ replyTo }) => (replyTo && !this.quoted.get(replyTo) ? [replyTo] : []));
    if (missing.length === 0) return;
    const known = new Map(messages.map((one) => [one.id, one]));
    const found = await Promise.all(
      missing.map(async (id) => [id, known.get(id) ?? (await this.#messenger.message(this.conversation, id))] as const),
    );
    this.quoted = new Map([...this.quoted, ...found]);
  }

  /** The person has seen everything that is here. */
  async seen(): Promise<void> {
    const newest = this.lines.findLast((line) => line.message.counts === 1);
    if (newest) await this.#messenger.markRead(newest.message);
  }

  /** A voice was listened to. */
  async played(id: string): Promise<void> {
    const line = this.lines.find((one) => one.message.id === id);
    if (line) await this.#messenger.markPlayed(line.message);
  }

  async send(text: string): Promise<void> {
    const replyTo = this.replyTo?.id ?? null;
    this.replyTo = null;
    // What was new has been answered: the divider has done its work.
    this.unread = null;
    await this.#messenger.send(this.conversation, text, replyTo);
  }

  /** A template's quick reply was pressed: its label is what the person says. */
  async answer(message: Message, { label, value }: { label: string; value: string }): Promise<void> {
    await this.#messenger.send(this.conversation, label, message.id, value);
  }

  /** Sends anything a person can send; a reply answers what is being answered. */
  async post(body: Body, sealed?: Blob, replyTo: string | null = this.replyTo?.id ?? null): Promise<void> {
    this.replyTo = null;
    this.unread = null;
    await this.#messenger.post(this.conversation, body, replyTo, sealed);
  }

  /** Everything that can be looked at large, oldest first. */
  get gallery(): Shown[] {
    return this.lines.flatMap(({ message: { id, body } }) => {
      const large = body.type === "media" && ["image", "video"].includes(body.media.kind);
      return large ? [{ media: body.media, message: id, caption: body.media.caption }] : [];
    });
  }

  /** Shows a file large. */
  show(media: Media, message: string): void {
    const found = this.gallery.find((one) => one.message === message && fileName(one.media) === fileName(media));
    this.large = found ?? { media, message, caption: media.caption };
  }

  /** The thread is left. */
  close(): void {
    this.files.close();
  }

  retry(id: string): Promise<void> {
    return this.#messenger.retry(this.conversation, id);
  }
}

function lineOf(message: Message): Line {
  const notice = message.body.type === "notice";
  return {
    id: message.id,
    at: message.at,
    side: message.from === "me" && !notice ? "out" : "in",
    author: notice ? message.id : null,
    message,
  };
}
