import { call, Disconnected, hex, RefusedError, unbase64 } from "@suki/api";
import { RefusalCode } from "@suki/api/gen";
import type { Outgoing, Upload } from "../db.ts";
import { type FileShelf, type Files, FilesError } from "../files.ts";
import type { Failure } from "../types.ts";
import { contentOf } from "./body.ts";
import type { Core } from "./core.ts";

interface Ticket {
  blob: string;
  token: string;
  expires_at: number;
}

/** What became of an upload: `done`, to be tried again `later`, called off (`gone`), or why it never will be. */
export type Uploaded = "done" | "later" | "gone" | Failure;

/** So long before its end a ticket is taken for a new upload. */
const SPARE_MILLIS = 60_000;

/** Puts the files of messages on the network, before the messages that name them. */
export class Uploads {
  readonly #core: Core;
  readonly #files: Files;
  readonly #shelf: FileShelf;
  readonly #running = new Map<string, AbortController>();

  constructor(core: Core, files: Files, shelf: FileShelf) {
    this.#core = core;
    this.#files = files;
    this.#shelf = shelf;
  }

  /** The person changed his mind. */
  cancel(id: string): void {
    this.#running.get(id)?.abort();
  }

  /** Brings a message's file to the network, if it has one that is not there yet. */
  async run(outgoing: Outgoing): Promise<Uploaded> {
    const upload = await this.#core.db.get("uploads", outgoing.id);
    if (!upload) return "done";
    const control = new AbortController();
    this.#running.set(outgoing.id, control);
    try {
      const ticket = await this.#ticket(upload);
      if (!ticket) return "gone";
      const blob = hex(ticket.blob);
      const progress = (part: number) => this.#core.tell({ type: "progress", id: outgoing.id, part });
      await this.#files.put(blob, ticket.token, upload.sealed, { progress, signal: control.signal });
      await this.#shelf.keep(blob, upload.sealed).catch(() => {});
      return await this.#named(outgoing, ticket.blob);
    } catch (error) {
      return control.signal.aborted ? "gone" : this.#failed(upload, error);
    } finally {
      this.#running.delete(outgoing.id);
    }
  }

  /** Where the file goes; null when the message was called off. */
  async #ticket(upload: Upload): Promise<Upload["ticket"]> {
    const { link, env } = this.#core;
    if (upload.ticket && upload.ticket.expiresAt > env.clock.now() + SPARE_MILLIS) return upload.ticket;
    const { blob, token, expires_at } = await call<Ticket>(link, "blob.begin", { bytes: upload.sealed.size });
    const ticket = { blob: unbase64(blob), token, expiresAt: expires_at };
    return this.#core.write(async (tx) => {
      const store = tx.objectStore("uploads");
      if (!(await store.get(upload.id))) return null;
      await store.put({ ...upload, ticket });
      return ticket;
    });
  }

  /** The message names the file now. */
  async #named({ id, conversation }: Outgoing, blob: Uint8Array): Promise<Uploaded> {
    return this.#core.write(async (tx) => {
      const message = await tx.objectStore("messages").get([conversation, id]);
      const outgoing = await tx.objectStore("outbox").get(id);
      if (message?.body.type !== "media" || !outgoing) return "gone";
      const body = { ...message.body, media: { ...message.body.media, blob } };
      await tx.objectStore("messages").put({ ...message, body });
      await tx.objectStore("outbox").put({ ...outgoing, content: contentOf(body) });
      await tx.objectStore("uploads").delete(id);
      return "done";
    });
  }

  async #failed(upload: Upload, error: unknown): Promise<Uploaded> {
    if (error instanceof Disconnected) return "later";
    if (error instanceof RefusedError) {
      if (error.code === RefusalCode.TOO_LARGE) return { code: "too-large", message: error.message };
      return error.code === RefusalCode.UNAVAILABLE ? "later" : { code: "refused", message: error.message };
    }
    if (!(error instanceof FilesError)) throw error;
    if (error.status === 413) return { code: "too-large", message: "" };
    // The ticket is used up or not known any more: another one is asked for.
    if (error.status >= 400 && error.status < 500) {
      await this.#core.write(async (tx) => {
        const store = tx.objectStore("uploads");
        if (await store.get(upload.id)) await store.put({ ...upload, ticket: null });
      });
    }
    return "later";
  }
}
