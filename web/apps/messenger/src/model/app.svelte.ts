import type { Change, Connection, Conversation, Messenger, Self } from "@suki/model";
import type { Shelf } from "@suki/ui/logic";
import { SvelteMap } from "svelte/reactivity";
import { coalesce } from "./coalesce.ts";
import type { Auto } from "./files.svelte.ts";
import { ThreadModel } from "./thread.svelte.ts";

const TYPING_MILLIS = 25_000;
const BEAT_MILLIS = 20_000;
const AUTO_KEY = "suki.messenger.auto";

/** What the app needs of the world around it. */
export interface World {
  messenger: Messenger;
  now(): number;
  after(millis: number, run: () => void): () => void;
  /** Small settings of this browser. */
  shelf: Shelf;
  /** The person has told the browser to save data. */
  saver(): boolean;
  /** Another tab erased or updated everything: this page has to be loaded again. */
  closed: Promise<void>;
}

/** The state behind every view. */
export class AppModel {
  readonly messenger: Messenger;
  readonly #world: World;
  chats = $state.raw<Conversation[]>([]);
  self = $state.raw<Self | null>(null);
  ready = $state(false);
  connection = $state<Connection>("connecting");
  /** The bar is for a connection that was lost, not for one that is being made for the first time. */
  wasOnline = $state(false);
  now = $state(0);
  /** The page is in front, and the person can be taken to look at it. */
  attentive = $state(false);
  thread = $state.raw<ThreadModel | null>(null);
  typing = $state.raw<ReadonlySet<string>>(new Set());
  /** How much of the files on their way out has left, by message, from 0 to 1. */
  readonly sending = new SvelteMap<string, number>();
  readonly #typing = new Map<string, () => void>();
  #auto = $state<Auto>("all");
  readonly #reloadChats: () => Promise<void>;
  #stop: (() => void)[] = [];

  constructor(world: World) {
    this.#world = world;
    this.messenger = world.messenger;
    this.now = world.now();
    const auto = world.shelf.get(AUTO_KEY);
    if (auto === "small" || auto === "none") this.#auto = auto;
    this.#reloadChats = coalesce(async () => {
      this.chats = await this.messenger.chats();
    });
  }

  /** Runs something later. The answer ends the waiting. */
  readonly later = (millis: number, run: () => void): (() => void) => this.#world.after(millis, run);

  get unread(): number {
    return this.chats.reduce((sum, one) => sum + one.unread, 0);
  }

  chat(slug: string): Conversation | null {
    return this.chats.find((one) => one.card.slug === slug) ?? null;
  }

  /** The time at this moment; `now` moves every few seconds only. */
  clock(): number {
    return this.#world.now();
  }

  async start(): Promise<void> {
    this.#stop.push(this.messenger.listen((change) => this.#changed(change)));
    this.connection = this.messenger.connection;
    this.#beat();
    this.self = await this.messenger.self();
    await this.#reloadChats();
    this.ready = true;
  }

  stop(): void {
    for (const stop of this.#stop) stop();
    this.#stop = [];
  }

  #beat(): void {
    this.now = this.#world.now();
    const cancel = this.#world.after(BEAT_MILLIS, () => {
      this.#stop = this.#stop.filter((one) => one !== cancel);
      this.#beat();
    });
    this.#stop.push(cancel);
  }

  #changed(change: Change): void {
    switch (change.type) {
      case "chats":
        void this.#reloadChats();
        break;
      case "thread":
        if (this.thread?.conversation === change.conversation) void this.thread.reload();
        break;
      case "progress":
        this.sending.set(change.id, change.part);
        break;
      case "typing":
        this.#types(change.conversation, change.on);
        break;
      case "device":
        void this.#reloadSelf();
        break;
      case "connection":
        this.connection = change.connection;
        if (change.connection === "online") this.wasOnline = true;
    }
  }

  async #reloadSelf(): Promise<void> {
    this.self = await this.messenger.self();
    if (this.thread && !this.self) this.thread = null;
  }

  #types(conversation: string, on: boolean): void {
    this.#typing.get(conversation)?.();
    this.#typing.delete(conversation);
    if (on)
      this.#typing.set(
        conversation,
        this.#world.after(TYPING_MILLIS, () => this.#types(conversation, false)),
      );
    this.typing = new Set(this.#typing.keys());
  }

  /** Opens a thread, or none. */
  async open(chat: Conversation | null): Promise<void> {
    if (this.thread?.conversation === chat?.id) return;
    this.thread?.close();
    this.thread = null;
    if (!chat) return;
    const thread = new ThreadModel(this.messenger, chat.id, () => this.auto);
    await thread.open(chat);
    this.thread = thread;
  }

  /** How much comes without being asked for. */
  get auto(): Auto {
    return this.#world.saver() ? "none" : this.#auto;
  }

  get choseAuto(): Auto {
    return this.#auto;
  }

  set choseAuto(auto: Auto) {
    this.#auto = auto;
    this.#world.shelf.set(AUTO_KEY, auto);
  }

  /** The page is in front and has the keyboard, or not. */
  attend(attentive: boolean): void {
    this.attentive = attentive;
    if (!attentive) return;
    this.now = this.#world.now();
    this.messenger.nudge();
  }
}
