import {
  type Dial,
  type FoundBusiness,
  type LinkCard,
  type PersonSettings,
  type Registered,
  type Registration,
  RegistrationError,
  type Relation,
  type RelationChange,
  type ReportReason,
} from "@suki/api";
import { type Database, meta, openDatabase, setMeta, type Tx, write } from "./db.ts";
import { Engine } from "./engine/engine.ts";
import { type Env, newId } from "./env.ts";
import { type Change, type Listener, Listeners } from "./events.ts";
import { type FileRule, FileShelf, type Files, type SealedFile } from "./files.ts";
import type { Mls } from "./mls/port.ts";
import { takeBack, writeAgain, writeDown, writeQuestion, writeReaction } from "./outgoing.ts";
import type { TabsPort } from "./tabs/port.ts";
import { type Leader, Tabs } from "./tabs/tabs.ts";
import { change, orders, refresh, UNSENT_ORDER } from "./thread.ts";
import type { Body, Connection, Conversation, Identity, Message, OwnDevice } from "./types.ts";
import { Typist } from "./typist.ts";
import { Vault } from "./vault.ts";

export interface MessengerOptions {
  /** The database's name. */
  name: string;
  env: Env;
  mls: Mls;
  registration: Registration;
  /** Seals, opens and carries files. */
  files: Files;
  dial: Dial;
  tabs: TabsPort;
  /** What this device is called in the list of the account's devices. */
  deviceName: string;
  /** What the person reads, best first, as language tags. */
  languages(): readonly string[];
  /** What went wrong where no caller waits for it. */
  failed(error: unknown): void;
  /** The database was taken away: erased by the browser, or opened by a newer program in another tab. */
  closed?(): void;
}

/** Who the device is, as views see it: no key in it. */
export type Self = Pick<Identity, "account" | "device" | "name" | "phone" | "removed" | "linked">;

const HIGHEST = "\uffff";
const READY_MILLIS = 30_000;

/**
 * The messenger of one browser: what every tab shows comes from its database, what is done goes through the one tab that owns
 * the device.
 */
export class Messenger {
  readonly #options: MessengerOptions;
  readonly #db: Database;
  readonly #listeners = new Listeners();
  /** Files of messages. */
  readonly shelf: FileShelf;
  readonly #tabs: Tabs;
  readonly #typist: Typist;
  #engine: Engine | null = null;
  #owner = "";
  #connection: Connection = "connecting";

  /** Opens the database and waits in line for the device. Fails with `StorageRefused`. */
  static async open(options: MessengerOptions): Promise<Messenger> {
    const messenger: { current?: Messenger } = {};
    const db = await openDatabase(options.name, () => {
      messenger.current?.close();
      options.closed?.();
    });
    messenger.current = new Messenger(options, db);
    messenger.current.#tabs.join();
    return messenger.current;
  }

  private constructor(options: MessengerOptions, db: Database) {
    this.#options = options;
    this.#db = db;
    this.shelf = new FileShelf(db, options.files, options.env);
    this.#tabs = new Tabs({
      port: options.tabs,
      clock: options.env.clock,
      newId: () => newId(options.env),
      lead: () => this.#lead(),
      changed: (one) => this.#changed(one),
    });
    this.#typist = new Typist(options.env.clock, (conversation, on) => {
      void this.#tabs.call("typing", [conversation, on]).catch(() => {});
    });
    void this.#tabs.call("status", []).then(
      (connection) => this.#changed({ type: "connection", connection: connection as Connection }),
      () => {},
    );
  }

  /** Tells of every change, once it is in the database. The answer ends it. */
  listen(listener: Listener): () => void {
    return this.#listeners.add(listener);
  }

  close(): void {
    this.#tabs.close();
    this.#engine?.stop();
    this.#db.close();
    this.#options.tabs.close();
  }

  get connection(): Connection {
    return this.#connection;
  }

  // -------------------------------------------------------------- what there is

  async self(): Promise<Self | null> {
    const identity = await meta(this.#db, "identity");
    if (!identity) return null;
    const { account, device, name, phone, removed, linked } = identity;
    return { account, device, name, phone, removed, linked };
  }

  /** Every chat, the latest first. */
  async chats(): Promise<Conversation[]> {
    const all = await this.#db.getAll("conversations");
    return all.sort((a, b) => b.activity - a.activity || (a.id < b.id ? 1 : -1));
  }

  async chat(slug: string): Promise<Conversation | null> {
    return (await this.#db.getAll("conversations")).find((one) => one.card.slug === slug) ?? null;
  }

  /** Whether the conversation has keys here: until then nothing can be sent or read. */
  async secured(conversation: string): Promise<boolean> {
    return (await this.#db.count("groups", conversation)) > 0;
  }

  /** A page of a thread, oldest first: the `limit` newest lines before a place, or at the end. `more`: there are older ones. */
  async page(conversation: string, limit: number, before?: Message): Promise<{ lines: Message[]; more: boolean }> {
    const range = before
      ? IDBKeyRange.bound([conversation, 0, ""], [conversation, before.order, before.id], false, true)
      : orders(conversation, 0, Number.MAX_SAFE_INTEGER);
    const lines: Message[] = [];
    const index = this.#db.transaction("messages").store.index("order");
    for (let at = await index.openCursor(range, "prev"); at && lines.length <= limit; at = await at.continue()) {
      lines.push(at.value);
    }
    const more = lines.length > limit;
    return { lines: lines.slice(0, limit).reverse(), more };
  }

  /** Every line from this one on, oldest first. */
  async linesFrom(first: Message): Promise<Message[]> {
    const { conversation, order, id } = first;
    const range = IDBKeyRange.bound([conversation, order, id], [conversation, Number.MAX_SAFE_INTEGER, HIGHEST]);
    return this.#db.getAllFromIndex("messages", "order", range);
  }

  async message(conversation: string, id: string): Promise<Message | null> {
    return (await this.#db.get("messages", [conversation, id])) ?? null;
  }

  // -------------------------------------------------------------- what a person does

  /** Who a link leads to. Fails with `RegistrationError`. */
  card(slug: string): Promise<LinkCard> {
    return this.#options.registration.linkCard(slug);
  }

  /** Begins to talk with the business behind a link: registers the device as a guest when it is new. The conversation's id. */
  async start(slug: string, name: string): Promise<string> {
    return (await this.#tabs.call("start", [slug, name])) as string;
  }

  /** Joins the account of the device that showed this code. */
  async join(code: string, name: string): Promise<void> {
    await this.#tabs.call("join", [code, name]);
  }

  /**
   * Writes a message down and sends it as soon as that is possible. Its id. With a `payload` it is the press of a template's
   * button, whose label is the text.
   */
  send(conversation: string, text: string, replyTo: string | null = null, payload?: string): Promise<string> {
    const body = { type: "text", text, ...(payload !== undefined && { payload }) } as const;
    return this.post(conversation, body, replyTo);
  }

  /** Writes down anything a person can send. `sealed` is the file that a `media` body describes, all but its name. */
  async post(conversation: string, body: Body, replyTo: string | null = null, sealed?: Blob): Promise<string> {
    const { env } = this.#options;
    const id = newId(env);
    await this.#intend(conversation, (tx) => {
      return writeDown(tx, { id, conversation, body, replyTo, sealed }, env.clock.now());
    });
    this.#typist.sent(conversation);
    return id;
  }

  /** Seals a file for a message: what the `media` body says of it, and what to hand over with it. */
  seal(file: Blob): Promise<SealedFile> {
    return this.#options.files.seal(file);
  }

  /** Which files may be sent, as last heard; nothing while the network has not said. */
  async fileRules(): Promise<FileRule[]> {
    const known = await meta(this.#db, "files");
    const fresh = this.#tabs.call("fileRules", []).catch(() => []) as Promise<FileRule[]>;
    return known ?? fresh;
  }

  /** Says something to a message with an emoji; "" takes it back. */
  async react(conversation: string, target: string, emoji: string): Promise<void> {
    const { env } = this.#options;
    const id = newId(env);
    await this.#intend(conversation, (tx) => writeReaction(tx, { id, conversation, target, emoji }, env.clock.now()));
  }

  /** Asks the business's endpoint something that is no message; the answer, as JSON. Fails with `CallError`. */
  async ask(conversation: string, kind: string, json: string): Promise<string> {
    const { env } = this.#options;
    const id = newId(env);
    const answer = this.#tabs.call("answer", [id]) as Promise<string>;
    await this.#intend(conversation, (tx) => writeQuestion(tx, { id, conversation, kind, json }, env.clock.now()));
    return answer;
  }

  /** Tries again to send what has failed. */
  async retry(conversation: string, id: string): Promise<void> {
    const failed = await this.#db.get("messages", [conversation, id]);
    if (failed?.status !== "failed") return;
    await this.#intend(conversation, (tx) => writeAgain(tx, failed, this.#options.env));
  }

  /** Takes back what has not left this device yet, or has failed. */
  async cancel(conversation: string, id: string): Promise<void> {
    await this.#intend(conversation, async (tx) => void (await takeBack(tx, conversation, id)));
    void this.#tabs.call("cancel", [id]).catch(() => {});
  }

  /** The file of a message of this person that is not on the network yet; null when it is, or has gone. */
  async unsent(id: string): Promise<Blob | null> {
    return (await this.#db.get("uploads", id))?.sealed ?? null;
  }

  /** Everything up to this message was shown to the person. */
  async markRead(message: Message): Promise<void> {
    const { conversation, order, id } = message;
    const known = await this.#db.get("conversations", conversation);
    if (!known || order <= known.readOrder || order >= UNSENT_ORDER) return;
    await this.#intend(conversation, (tx) => {
      return change(tx, conversation, (one) => {
        return order <= one.readOrder ? {} : { readOrder: order, readPending: id };
      });
    });
  }

  /** A voice of the business was listened to; told once. */
  async markPlayed(message: Message): Promise<void> {
    const { conversation, id, from, body } = message;
    if (from !== "business" || body.type !== "media" || !body.media.voice) return;
    const known = await this.#db.get("messages", [conversation, id]);
    if (!known || known.played) return;
    await this.#intend(conversation, async (tx) => {
      await tx.objectStore("messages").put({ ...known, played: true });
      await change(tx, conversation, (one) => ({ playsPending: [...(one.playsPending ?? []), id] }));
    });
  }

  /** The person's text in the composer changed: kept as a draft, and shown to the business as typing. */
  async write(conversation: string, text: string): Promise<void> {
    this.#typist.wrote(conversation, text !== "");
    await write(this.#db, (tx) => change(tx, conversation, () => ({ draft: text })));
    this.#tabs.tell({ type: "chats" });
  }

  /** How the person wishes to be called: told with the next message. */
  async rename(name: string): Promise<void> {
    await write(this.#db, async (tx) => {
      const identity = await meta(tx, "identity");
      if (identity) await setMeta(tx, "identity", { ...identity, name });
    });
    this.#tabs.tell({ type: "device" });
  }

  /** The page came back, or the machine is online again. */
  nudge(): void {
    void this.#tabs.call("nudge", []).catch(() => {});
  }

  async linkCode(): Promise<{ code: string; expiresAt: number }> {
    return (await this.#tabs.call("linkCode", [])) as { code: string; expiresAt: number };
  }

  async devices(): Promise<OwnDevice[]> {
    return (await this.#tabs.call("devices", [])) as OwnDevice[];
  }

  async removeDevice(id: string): Promise<void> {
    await this.#tabs.call("removeDevice", [id]);
  }

  /** What the person and the business compare, or null while the conversation has no keys. */
  async safetyNumber(conversation: string): Promise<string | null> {
    return (await this.#tabs.call("safetyNumber", [conversation])) as string | null;
  }

  // -------------------------------------------------------------- what businesses may do

  /** What holds between this person and a business, and why it may write. Ids of businesses are hexadecimal. */
  async relation(business: string): Promise<Relation> {
    return (await this.#tabs.call("relations", ["get", business])) as Relation;
  }

  /** Changes what a business may do: which of its messages come, marketing, block. */
  async allow(business: string, wanted: RelationChange): Promise<Relation> {
    return (await this.#tabs.call("relations", ["set", business, wanted])) as Relation;
  }

  /** Agrees to be written to, in the words that were shown. */
  async consent(business: string, wording: string, form: string): Promise<Relation> {
    return (await this.#tabs.call("relations", ["grant", business, wording, form])) as Relation;
  }

  async withdraw(business: string): Promise<Relation> {
    return (await this.#tabs.call("relations", ["withdraw", business])) as Relation;
  }

  /** Reports messages of a business; only these are shown to anybody. */
  async report(business: string, reason: ReportReason, ids: readonly string[], block: boolean): Promise<void> {
    await this.#tabs.call("relations", ["report", business, reason, ids, block]);
  }

  /** What this person wants of all businesses; with something, it is changed first. */
  async settings(wanted: Partial<PersonSettings> | null = null): Promise<PersonSettings> {
    return (await this.#tabs.call("relations", ["settings", wanted])) as PersonSettings;
  }

  /** Businesses whose name begins with this, in any word of it (R22). */
  async search(text: string): Promise<FoundBusiness[]> {
    return (await this.#tabs.call("relations", ["search", text])) as FoundBusiness[];
  }

  /** Forgets everything on this device: keys, messages, who it was. */
  async erase(): Promise<void> {
    await this.#tabs.call("erase", []);
  }

  // -------------------------------------------------------------- how it is done

  #changed(one: Change): void {
    if (one.type === "connection") this.#connection = one.connection;
    this.#listeners.tell(one);
  }

  /** Writes down what a person wants; whoever owns the device sees to it. */
  async #intend(conversation: string, run: (tx: Tx) => Promise<void>): Promise<void> {
    await write(
      this.#db,
      async (tx) => {
        await run(tx);
        await refresh(tx, conversation);
      },
      { durable: true },
    );
    this.#tabs.tell({ type: "thread", conversation });
    this.#tabs.tell({ type: "chats" });
    void this.#tabs.call("poke", []).catch(() => {});
  }

  /** This tab owns the device now. */
  async #lead(): Promise<Leader> {
    this.#owner = newId(this.#options.env);
    await write(this.#db, (tx) => setMeta(tx, "owner", this.#owner));
    await this.#run();
    return {
      call: (method, args) => this.#serve(method, args),
      stop: () => this.#stop(),
    };
  }

  #stop(): void {
    this.#engine?.stop();
    this.#engine = null;
  }

  /** Starts the engine if the device is registered and one of its account. */
  async #run(): Promise<Engine | null> {
    const identity = await meta(this.#db, "identity");
    if (!identity || identity.removed || this.#engine) return this.#engine;
    const { env, mls, files, dial, failed, languages } = this.#options;
    const vault = await Vault.open(this.#db, env);
    const seed = await vault.open("seed", identity.seed);
    const device = await mls.device(seed, identity.certificate, identity.networkKey);
    const tell = (one: Change) => this.#tabs.tell(one);
    const parts = {
      db: this.#db,
      env,
      vault,
      identity,
      device,
      suites: mls.suites,
      files,
      shelf: this.shelf,
      owner: this.#owner,
      dial,
      languages,
      tell,
      failed,
    };
    this.#engine = new Engine({ ...parts, deposed: () => this.#stop() });
    this.#engine.start();
    return this.#engine;
  }

  async #serve(method: string, args: unknown[]): Promise<unknown> {
    const [first, second] = args as [string, string | boolean];
    switch (method) {
      case "start":
        return this.#start(first, String(second));
      case "join":
        return this.#join(first, String(second));
      case "erase":
        return this.#erase();
      case "status":
        return this.#engine?.connection ?? "connecting";
      case "poke":
        return this.#engine?.poke();
      case "nudge":
        return this.#engine?.nudge();
      case "typing":
        return this.#engine?.typing(first, second === true);
      case "cancel":
        return this.#engine?.cancel(first);
    }
    const engine = await this.#online();
    switch (method) {
      case "linkCode":
        return engine.linkCode();
      case "devices":
        return engine.devices();
      case "removeDevice":
        return engine.removeDevice(first);
      case "safetyNumber":
        return engine.safetyNumber(first);
      case "fileRules":
        return engine.fileRules();
      case "answer":
        return engine.answer(first);
      case "relations":
        return this.#relate(engine, args);
      default:
        throw new Error(`no such call: ${method}`);
    }
  }

  #relate({ relations }: Engine, [what, ...args]: unknown[]): Promise<unknown> {
    switch (what) {
      case "get":
      case "set":
      case "grant":
      case "withdraw":
      case "report":
      case "settings":
      case "search": {
        const run = relations[what] as (...args: unknown[]) => Promise<unknown>;
        return run.apply(relations, args);
      }
      default:
        throw new Error(`no such call: ${what}`);
    }
  }

  async #online(): Promise<Engine> {
    const engine = await this.#run();
    if (!engine) throw new RegistrationError("not_registered", 0, "This device is not registered.", "");
    let cancel = () => {};
    const late = new Promise<never>((_, reject) => {
      const offline = new RegistrationError("offline", 0, "The server cannot be reached.", "");
      cancel = this.#options.env.clock.after(READY_MILLIS, () => reject(offline));
    });
    await Promise.race([engine.ready, late]).finally(cancel);
    return engine;
  }

  async #start(slug: string, name: string): Promise<string> {
    const { registration, deviceName } = this.#options;
    const card = await registration.linkCard(slug);
    if (!(await this.self())) await this.#register((key) => registration.guest(slug, key, deviceName), name, false);
    else if (name) await this.rename(name);
    return (await this.#online()).open(card.business);
  }

  async #join(code: string, name: string): Promise<void> {
    const { registration, deviceName } = this.#options;
    if (await this.self()) throw new RegistrationError("registered", 0, "This device is registered already.", "");
    await this.#register((key) => registration.device(code, key, deviceName), name, true);
    await this.#online();
  }

  async #register(call: (key: Uint8Array) => Promise<Registered>, name: string, linked: boolean): Promise<void> {
    const { env, mls } = this.#options;
    const vault = await Vault.open(this.#db, env);
    const { seed, publicKey } = await mls.generate();
    const sealed = await vault.seal("seed", seed);
    const registered = await call(publicKey);
    const identity: Identity = {
      ...registered,
      seed: sealed,
      removed: false,
      name,
      registeredAt: env.clock.now(),
      linked,
    };
    await write(this.#db, (tx) => setMeta(tx, "identity", identity), { owner: this.#owner, durable: true });
    this.#tabs.tell({ type: "device" });
  }

  async #erase(): Promise<void> {
    this.#stop();
    await write(this.#db, async (tx) => {
      for (const store of tx.objectStoreNames) await tx.objectStore(store).clear();
      await setMeta(tx, "owner", this.#owner);
    });
    await this.shelf.clear();
    for (const type of ["device", "chats"] as const) this.#tabs.tell({ type });
  }
}
