import { call, Disconnected, hex, Link, type LinkEvents, type LinkState, RefusedError, unhex } from "@suki/api";
import type { Entry, LoggedIn, Typing, Conversation as WireConversation } from "@suki/api/gen";
import { markRemoved, meta, NotOwner, setMeta } from "../db.ts";
import { fraction } from "../env.ts";
import type { FileRule, FileShelf, Files } from "../files.ts";
import { learnConversation, refresh } from "../thread.ts";
import type { Connection, OwnDevice } from "../types.ts";
import { told } from "./card.ts";
import { Core, type CoreParts, type LinkPort } from "./core.ts";
import { Exchanges } from "./exchanges.ts";
import { Incoming } from "./incoming.ts";
import { KeyPackages } from "./keys.ts";
import { Outbox } from "./outbox.ts";
import { Packs } from "./packs.ts";
import { Rejoin } from "./rejoin.ts";
import { Relations } from "./relations.ts";
import { Uploads } from "./uploads.ts";

/** The log may still bring a welcome or a commit; only after this long is a group joined again. */
const REJOIN_WAIT_MILLIS = 3_000;
/** A device that was just linked is added by the business's endpoint; it helps itself when that is away. */
const LINKED_WAIT_MILLIS = 15_000;
const RETRY_MILLIS = 5_000;
/** The most conversations a page of the network's list holds. */
const CONVERSATIONS = 200;

export interface EngineParts extends Omit<CoreParts, "link"> {
  dial: ConstructorParameters<typeof Link>[0]["dial"];
  /** What the person reads, best first. */
  languages(): readonly string[];
  files: Files;
  shelf: FileShelf;
  /** Another tab has become the owner. */
  deposed(): void;
}

/** The device at work: reads the log, sends what was written, keeps the keys. One tab at a time runs it. */
export class Engine {
  readonly #core: Core;
  readonly #keys: KeyPackages;
  readonly #incoming: Incoming;
  readonly #outbox: Outbox;
  readonly #rejoin: Rejoin;
  readonly #packs: Packs;
  readonly #uploads: Uploads;
  readonly #exchanges: Exchanges;
  /** What this person lets businesses do. */
  readonly relations: Relations;
  readonly #deposed: () => void;
  /** Resolves when the device is logged in and the network holds key packages of it. */
  readonly ready: Promise<void>;
  #isReady: () => void = () => {};

  constructor(parts: EngineParts) {
    const link: LinkPort = new Link({
      dial: parts.dial,
      device: unhex(parts.identity.device),
      sign: (bytes) => parts.device.sign(bytes),
      clock: parts.env.clock,
      random: () => fraction(parts.env),
      events: this.#events(),
    });
    this.#deposed = parts.deposed;
    const failed = (error: unknown) => (error instanceof NotOwner ? this.#lostOwnership() : parts.failed(error));
    this.#core = new Core({ ...parts, failed, link });
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    this.#keys = new KeyPackages(this.#core);
    this.relations = new Relations(this.#core);
    this.#packs = new Packs(this.#core, parts.languages);
    this.#uploads = new Uploads(this.#core, parts.files, parts.shelf);
    this.#exchanges = new Exchanges((millis, run) => this.#core.later(millis, run));
    const { relations } = this;
    this.#incoming = new Incoming(this.#core, this.#keys, this.#packs, relations, this.#exchanges, () =>
      this.#removed(),
    );
    this.#rejoin = new Rejoin(this.#core, (conversation) => void this.#outbox.pump(conversation));
    this.#outbox = new Outbox(this.#core, this.#uploads, {
      behind: (conversation, epoch) => this.#rejoin.need(conversation, epoch, REJOIN_WAIT_MILLIS),
      said: (...what) => void this.relations.said(...what).catch((error) => this.#trouble(error)),
    });
  }

  start(): void {
    this.#core.link.start();
  }

  stop(): void {
    this.#core.stop();
  }

  /** The page came back or the machine is online again. */
  nudge(): void {
    this.#core.link.nudge();
  }

  get connection(): Connection {
    return connection(this.#core.link.state);
  }

  /** Something was written to the database that the network should hear of. */
  poke(): void {
    this.#outbox.pumpAll().catch((error) => this.#trouble(error));
    this.#sendReads().catch((error) => this.#trouble(error));
  }

  /** Calls the upload of a message's file off. */
  cancel(id: string): void {
    this.#uploads.cancel(id);
  }

  /** The answer of the business's endpoint to a question, which is in the outbox. */
  answer(id: string): Promise<string> {
    return this.#exchanges.wait(id);
  }

  /** Which files the network's rules allow. */
  async fileRules(): Promise<FileRule[]> {
    const { media } = await call<{ media: FileRule[] }>(this.#core.link, "media.rules", {});
    await this.#core.write((tx) => setMeta(tx, "files", media));
    return media;
  }

  /** The conversation with a business; made when there is none. */
  async open(business: string): Promise<string> {
    const { link, env } = this.#core;
    const answer = await link.request(
      { case: "openConversation", value: { business: unhex(business) } },
      "conversation",
    );
    const known = told(answer, env.clock.now());
    if (!known) throw new Error("the network told of a conversation that is not whole");
    await this.#core.write((tx) => learnConversation(tx, known));
    this.#core.tell({ type: "chats" });
    this.#packs.connected([known.card.business]).catch((error) => this.#trouble(error));
    return known.id;
  }

  /** Tells the business that this person types, or has stopped. Lost with the connection, which harms nothing. */
  typing(conversation: string, on: boolean): void {
    const value = { conversation: unhex(conversation), on };
    this.#core.link.request({ case: "typing", value }, "done", "accepted").catch(() => {});
  }

  async linkCode(): Promise<{ code: string; expiresAt: number }> {
    const { code, expiresAt } = await this.#core.link.request({ case: "makeLinkCode", value: {} }, "linkCode");
    return { code, expiresAt: Number(expiresAt) };
  }

  async devices(): Promise<OwnDevice[]> {
    const { devices } = await this.#core.link.request({ case: "listDevices", value: {} }, "devices");
    return devices.map(({ id, name, addedAt }) => {
      return { id: hex(id), name, addedAt: Number(addedAt), current: hex(id) === this.#core.identity.device };
    });
  }

  async removeDevice(id: string): Promise<void> {
    await this.#core.link.request({ case: "removeDevice", value: { device: unhex(id) } }, "done");
    this.#core.tell({ type: "device" });
  }

  /** What the person and the business compare, or null while the conversation has no keys. */
  async safetyNumber(conversation: string): Promise<string | null> {
    const group = await this.#core.groups.get(conversation);
    return group ? this.#core.device.safetyNumber(group) : null;
  }

  #events(): LinkEvents {
    return {
      state: (state) => this.#state(state),
      connected: (loggedIn) => this.#queue(() => this.#connected(loggedIn)),
      entries: (entries) => this.#queue(() => this.#take(entries)),
      typing: (typing) => this.#typing(typing),
    };
  }

  #queue(run: () => Promise<void>): void {
    this.#core.serial(run).catch((error) => {
      if (!this.#trouble(error)) return;
      // The log is read on from the last entry that is in the database.
      if (!this.#core.stopped) this.#core.later(RETRY_MILLIS, () => this.#restart());
    });
  }

  /** Whether something went wrong that a new connection does not mend by itself. */
  #trouble(error: unknown): boolean {
    if (this.#core.stopped || error instanceof Disconnected) return false;
    this.#core.failed(error);
    return true;
  }

  #restart(): void {
    this.#core.link.stop();
    this.#core.link.start();
  }

  #state(state: LinkState): void {
    if (state === "waiting") this.#rejoin.clear();
    if (state === "refused") void this.#disowned();
    this.#core.tell({ type: "connection", connection: connection(state) });
  }

  async #connected(loggedIn: LoggedIn): Promise<void> {
    const { link, env, db } = this.#core;
    const known = (await this.#conversations()).flatMap((one) => told(one, env.clock.now()) ?? []);
    await this.#core.write(async (tx) => {
      for (const one of known) await learnConversation(tx, one);
    });
    this.#core.tell({ type: "chats" });
    await this.#keys.first();
    this.#isReady();
    this.#keys.topUp(loggedIn.keyPackagesLeft).catch((error) => this.#trouble(error));
    const cursor = (await meta(db, "cursor")) ?? 0n;
    // What the network has forgotten cannot be read any more; the cursor follows, and the groups show what they lack.
    if (loggedIn.acked > cursor) await this.#core.write((tx) => setMeta(tx, "cursor", loggedIn.acked));
    else if (cursor > loggedIn.acked) link.ack(cursor);
    for (const { id, epoch } of known) await this.#check(id, epoch);
    this.poke();
    this.relations.connected().catch((error) => this.#trouble(error));
    this.#packs.connected(known.map((one) => one.card.business)).catch((error) => this.#trouble(error));
  }

  async #conversations(): Promise<WireConversation[]> {
    const all: WireConversation[] = [];
    let after: Uint8Array<ArrayBuffer> = new Uint8Array();
    do {
      const value = { after, limit: CONVERSATIONS };
      const page = await this.#core.link.request({ case: "listConversations", value }, "conversations");
      all.push(...page.conversations);
      after = page.next as Uint8Array<ArrayBuffer>;
    } while (after.length > 0);
    return all;
  }

  async #check(conversation: string, epoch: number): Promise<void> {
    const { groups, identity, env } = this.#core;
    const group = await groups.get(conversation);
    if (epoch === 0 || (group && group.epoch >= epoch)) return;
    const fresh = !group && identity.linked && env.clock.now() - identity.registeredAt < 2 * LINKED_WAIT_MILLIS;
    this.#rejoin.need(conversation, epoch, fresh ? LINKED_WAIT_MILLIS : REJOIN_WAIT_MILLIS);
  }

  async #take(entries: Entry[]): Promise<void> {
    for (const entry of entries) await this.#one(entry);
  }

  /** One entry, one transaction: its effect, the group's state and the cursor move together; only then is it acknowledged. */
  async #one(entry: Entry): Promise<void> {
    const { db, groups, link } = this.#core;
    if (entry.seq <= ((await meta(db, "cursor")) ?? 0n)) return;
    const effect = await this.#incoming.effect(entry);
    const stored = effect.group && (await groups.stored(effect.group));
    try {
      await this.#core.write(async (tx) => {
        if (stored) await tx.objectStore("groups").put(stored);
        await effect.apply?.(tx);
        if (effect.thread) await refresh(tx, effect.thread);
        await setMeta(tx, "cursor", entry.seq);
      });
    } catch (error) {
      if (effect.group) groups.forget(effect.group.conversation);
      throw error;
    }
    if (effect.group) groups.keep(effect.group);
    link.ack(entry.seq);
    effect.after?.();
    if (effect.thread) {
      this.#core.tell({ type: "thread", conversation: effect.thread });
      this.#core.tell({ type: "chats" });
    }
    const conversation = hex(entry.conversation);
    if (effect.rejoin) this.#rejoin.need(conversation, effect.rejoin, REJOIN_WAIT_MILLIS);
    if (effect.group) void this.#outbox.pump(conversation);
    if (effect.packs) void this.#packs.pump();
  }

  #typing(typing: Typing): void {
    if (hex(typing.fromAccount) === this.#core.identity.account) return;
    this.#core.tell({ type: "typing", conversation: hex(typing.conversation), on: typing.on });
  }

  async #sendReads(): Promise<void> {
    for (const { id, readPending, playsPending = [] } of await this.#core.db.getAll("conversations")) {
      if (readPending && !(await this.#sendRead(id, readPending, false))) return;
      for (const played of playsPending) if (!(await this.#sendRead(id, played, true))) return;
    }
  }

  /** Tells what was shown or listened to; false when it has to be told again. What is refused is never told again. */
  async #sendRead(conversation: string, message: string, played: boolean): Promise<boolean> {
    const { link } = this.#core;
    if (link.state !== "online") return false;
    try {
      const value = { conversation: unhex(conversation), messageId: unhex(message), played };
      await link.request({ case: "read", value }, "done", "accepted");
    } catch (error) {
      if (!(error instanceof RefusedError)) return false;
    }
    await this.#core.write(async (tx) => {
      const now = await tx.objectStore("conversations").get(conversation);
      if (!now) return;
      const told = played
        ? { playsPending: (now.playsPending ?? []).filter((one) => one !== message) }
        : { readPending: now.readPending === message ? null : now.readPending };
      await tx.objectStore("conversations").put({ ...now, ...told });
    });
    return true;
  }

  async #disowned(): Promise<void> {
    try {
      await this.#core.write(markRemoved);
      this.#removed();
    } catch (error) {
      this.#trouble(error);
    }
  }

  #removed(): void {
    this.#core.tell({ type: "device" });
    this.#core.stop();
  }

  #lostOwnership(): void {
    if (this.#core.stopped) return;
    this.#core.stop();
    this.#deposed();
  }
}

function connection(state: LinkState): Connection {
  if (state === "online" || state === "connecting") return state;
  return "offline";
}
