import type { Words } from "@suki/api";
import type { MessageKind } from "@suki/api/gen";
import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import type { FileRule } from "./files.ts";
import type { Pack } from "./templates/shapes.ts";
import type { Conversation, Identity, Message, Reaction, Sealed, Status } from "./types.ts";

/** What is known of a message before the message itself has come. */
export interface EarlyReceipt {
  conversation: string;
  id: string;
  status: Status;
}

/** A message of ours on its way to the network. */
export interface Outgoing {
  /** The message's id. */
  id: string;
  conversation: string;
  /** Its place in the outbox. */
  place: number;
  /** Its words, "" when it has none. */
  text: string;
  replyTo: string | null;
  /** The kind its header names, and its encoded `Content`; without them the text is all of it. */
  kind?: MessageKind;
  content?: Uint8Array<ArrayBuffer>;
  /** A reaction's message: it has no line of its own. */
  target?: string;
  /** Of a template's button that was pressed: what it sends back beside its label. */
  payload?: string;
  /** The bytes for the network, once encrypted: the same ones leave again after every loss. */
  mls: Uint8Array<ArrayBuffer> | null;
  /** The epoch they were encrypted in. */
  epoch: number;
}

/** A file of a message that is still to be put on the network. */
export interface Upload {
  /** The message's id. */
  id: string;
  sealed: Blob;
  /** Where it goes, once the network has said so. */
  ticket: { blob: Uint8Array<ArrayBuffer>; token: string; expiresAt: number } | null;
}

/** A sealed file, kept so that it need not be fetched again. */
export interface KeptFile {
  /** Its name, hexadecimal. */
  blob: string;
  sealed: Blob;
  bytes: number;
  /** When it was last looked at. */
  used: number;
}

/** A reaction that came before its message. */
export interface EarlyReaction {
  conversation: string;
  id: string;
  reactions: Reaction[];
}

/** A conversation's MLS state. */
export interface StoredGroup {
  conversation: string;
  epoch: number;
  state: Sealed;
}

/** The secret half of a key package that the network holds. */
export interface StoredKeyPackage {
  /** Its hash, hexadecimal: a welcome names it. */
  reference: string;
  suite: number;
  lastResort: boolean;
  secret: Sealed;
  madeAt: number;
  /** Whether the network has said that it has it. */
  published: boolean;
}

/** A pack of approved texts, or one that is still to be fetched. */
export interface StoredPack {
  business: string;
  name: string;
  pack: Pack | null;
  /** When it was fetched or, without one, first wanted. */
  at: number;
  /** When it is fetched next. */
  due: number;
}

/** What proves a message of the business when it is reported: exactly what its header committed to. */
export interface Proof {
  conversation: string;
  id: string;
  content: Uint8Array<ArrayBuffer>;
  commitmentKey: Uint8Array<ArrayBuffer>;
}

export interface Meta {
  identity: Identity;
  /** Seals everything secret at rest; cannot be exported from the browser. */
  key: CryptoKey;
  /** All of the log up to here is in this database. */
  cursor: bigint;
  /** What stops and resumes marketing when a person says it. */
  words: Words;
  /** Which files the network's rules allow. */
  files: FileRule[];
  /** The tab that may write what the network sent. */
  owner: string;
}

interface Schema extends DBSchema {
  meta: { key: string; value: unknown };
  conversations: { key: string; value: Conversation };
  messages: {
    key: [string, string];
    value: Message;
    indexes: { order: [string, number, string]; counted: [string, number, number] };
  };
  receipts: { key: [string, string]; value: EarlyReceipt };
  outbox: { key: string; value: Outgoing; indexes: { place: [string, number] } };
  groups: { key: string; value: StoredGroup };
  keyPackages: { key: string; value: StoredKeyPackage };
  packs: { key: [string, string]; value: StoredPack; indexes: { due: number } };
  proofs: { key: [string, string]; value: Proof };
  uploads: { key: string; value: Upload };
  reactions: { key: [string, string]; value: EarlyReaction };
  files: { key: string; value: KeptFile; indexes: { used: number } };
}

const STORES = [
  "meta",
  "conversations",
  "messages",
  "receipts",
  "outbox",
  "groups",
  "keyPackages",
  "packs",
  "proofs",
  "uploads",
  "reactions",
] as const;

export type Database = IDBPDatabase<Schema>;
/** A transaction over everything but the kept files, which are no part of the truth. */
export type Tx = IDBPTransaction<Schema, typeof STORES, "readwrite">;

/** The browser gave no place to keep the keys and messages. */
export class StorageRefused extends Error {
  override readonly name = "StorageRefused";
}

/** Another tab has become the owner: what this one was about to write is not written. */
export class NotOwner extends Error {
  override readonly name = "NotOwner";
}

/** Version 1. */
function first(fresh: Database): void {
  fresh.createObjectStore("meta");
  fresh.createObjectStore("conversations", { keyPath: "id" });
  const messages = fresh.createObjectStore("messages", { keyPath: ["conversation", "id"] });
  messages.createIndex("order", ["conversation", "order", "id"]);
  messages.createIndex("counted", ["conversation", "counts", "order"]);
  fresh.createObjectStore("receipts", { keyPath: ["conversation", "id"] });
  fresh.createObjectStore("outbox", { keyPath: "id" }).createIndex("place", ["conversation", "place"]);
  fresh.createObjectStore("groups", { keyPath: "conversation" });
  fresh.createObjectStore("keyPackages", { keyPath: "reference" });
}

/** Version 2. */
function second(fresh: Database): void {
  fresh.createObjectStore("packs", { keyPath: ["business", "name"] }).createIndex("due", "due");
  fresh.createObjectStore("proofs", { keyPath: ["conversation", "id"] });
}

/** Opens the device's database, made when there is none. Fails with `StorageRefused`. */
export async function openDatabase(name: string, closed: () => void = () => {}): Promise<Database> {
  try {
    const db: Database = await openDB<Schema>(name, 3, {
      upgrade(fresh, before) {
        // What is there stays; it only gets room for more.
        if (before < 1) first(fresh);
        if (before < 2) second(fresh);
        fresh.createObjectStore("uploads", { keyPath: "id" });
        fresh.createObjectStore("reactions", { keyPath: ["conversation", "id"] });
        fresh.createObjectStore("files", { keyPath: "blob" }).createIndex("used", "used");
      },
      // A newer program or "erase" in another tab wants the database: give it up rather than block it.
      blocking() {
        db.close();
        closed();
      },
      terminated: closed,
    });
    return db;
  } catch (error) {
    throw new StorageRefused("the browser refused to keep data for this page", { cause: error });
  }
}

/**
 * Writes in one transaction: all of it or nothing. `durable` means that it is on the disk when this resolves, as it has to be
 * before the network is told so. `owner` is the token of the tab that must still own the device.
 */
export async function write<T>(
  db: Database,
  run: (tx: Tx) => Promise<T>,
  options: { owner?: string; durable?: boolean } = {},
): Promise<T> {
  const tx = db.transaction(STORES, "readwrite", { durability: options.durable ? "strict" : "relaxed" });
  // A failure is told by what is awaited below; this keeps the browser from reporting it a second time.
  tx.done.catch(() => {});
  try {
    if (options.owner !== undefined && (await tx.objectStore("meta").get("owner")) !== options.owner)
      throw new NotOwner();
    const result = await run(tx);
    await tx.done;
    return result;
  } catch (error) {
    try {
      tx.abort();
    } catch {
      // It is over already.
    }
    throw error;
  }
}

/** One of the device's facts. */
export async function meta<K extends keyof Meta>(from: Database | Tx, key: K): Promise<Meta[K] | undefined> {
  const found = "objectStore" in from ? await from.objectStore("meta").get(key) : await from.get("meta", key);
  return found as Meta[K] | undefined;
}

/** Changes one of the device's facts. */
export async function setMeta<K extends keyof Meta>(tx: Tx, key: K, value: Meta[K]): Promise<void> {
  await tx.objectStore("meta").put(value, key);
}

/** The account no longer has this device: it keeps what it has, and gets and sends nothing more. */
export async function markRemoved(tx: Tx): Promise<void> {
  const identity = await meta(tx, "identity");
  if (identity) await setMeta(tx, "identity", { ...identity, removed: true });
}
