import { hex } from "@suki/api";
import type { Media } from "@suki/api/gen";
import type { Database } from "./db.ts";
import type { Env } from "./env.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How far a file has come, from 0 to 1, and how it is called off. */
export interface Way {
  progress?(part: number): void;
  signal?: AbortSignal | undefined;
}

/** What a sort of file may be (`media.rules`): `image`, `video`, `audio`, `document`, `sticker` or `moving_sticker`. */
export interface FileRule {
  kind: string;
  /** Media types. */
  types: string[];
  /** The most bytes. */
  bytes: number;
}

/** A sealed file, and what opens it again. */
export interface SealedFile {
  key: Bytes;
  /** Of the file as it was. */
  sha256: Bytes;
  sealed: Blob;
}

/** What seals, opens and carries files. */
export interface Files {
  seal(file: Blob): Promise<SealedFile>;
  /** Fails when the bytes are not those that were sealed. */
  open(file: { key: Bytes; sha256: Bytes }, sealed: Blob, type: string): Promise<Blob>;
  /** Fails with `FilesError`. */
  put(blob: string, token: string, sealed: Blob, way: Way): Promise<void>;
  /** Fails with `FilesError`. */
  get(blob: string, way: Way): Promise<Blob>;
}

/** The network did not take or give a file. `status` is HTTP's, 0 when it was not reached. */
export class FilesError extends Error {
  override readonly name = "FilesError";
  readonly status: number;
  constructor(status: number, options?: ErrorOptions) {
    super(status === 0 ? "the file's server was not reached" : `the file's server answered ${status}`, options);
    this.status = status;
  }
}

/** The most bytes of sealed files kept on the device; what was not looked at for longest goes first. */
const KEPT_BYTES = 256 * 1024 * 1024;

/** Files of messages: fetched once, kept sealed, opened when they are looked at. */
export class FileShelf {
  readonly #db: Database;
  readonly #files: Files;
  readonly #env: Env;

  constructor(db: Database, files: Files, env: Env) {
    this.#db = db;
    this.#files = files;
    this.#env = env;
  }

  /** Whether the file is on this device: opening it fetches nothing. */
  async has(media: Media): Promise<boolean> {
    return (await this.#db.count("files", hex(media.blob))) > 0;
  }

  /**
   * The file, fetched when it is not here. `own`: its sealed bytes, before they have left the device.
   * Fails with `FilesError`, or when it is not the one that was sent.
   */
  async open(media: Media, way: Way, own: Blob | null = null): Promise<Blob> {
    const blob = hex(media.blob);
    const kept = own ? undefined : await this.#db.get("files", blob);
    const sealed = own ?? kept?.sealed ?? (await this.#files.get(blob, way));
    const file = { key: media.key as Bytes, sha256: media.sha256 as Bytes };
    const opened = await this.#files.open(file, sealed, media.mediaType);
    if (!own) await this.keep(blob, sealed).catch(() => {});
    return opened;
  }

  /** Keeps a sealed file, and lets go of others when there are too many. A full disk keeps nothing, which harms nothing. */
  async keep(blob: string, sealed: Blob): Promise<void> {
    const tx = this.#db.transaction("files", "readwrite", { durability: "relaxed" });
    tx.done.catch(() => {});
    await tx.store.put({ blob, sealed, bytes: sealed.size, used: this.#env.clock.now() });
    let left = KEPT_BYTES;
    for (let at = await tx.store.index("used").openCursor(null, "prev"); at; at = await at.continue()) {
      left -= at.value.bytes;
      if (left < 0 && at.value.blob !== blob) await at.delete();
    }
    await tx.done;
  }

  /** How many bytes are kept. */
  async bytes(): Promise<number> {
    let sum = 0;
    const { store } = this.#db.transaction("files");
    for (let at = await store.openCursor(); at; at = await at.continue()) sum += at.value.bytes;
    return sum;
  }

  /** Lets go of all: what is looked at again is fetched again, as long as the network has it. */
  async clear(): Promise<void> {
    await this.#db.clear("files");
  }
}
