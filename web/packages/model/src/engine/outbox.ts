import { fromBinary } from "@bufbuild/protobuf";
import { Disconnected, RefusedError, unhex } from "@suki/api";
import { ContentSchema, RefusalCode } from "@suki/api/gen";
import { meta, type Outgoing, type Tx } from "../db.ts";
import { sealContent } from "../mls/content.ts";
import { unreact } from "../reactions.ts";
import { applyAccepted, change, refresh } from "../thread.ts";
import type { Failure } from "../types.ts";
import type { Core } from "./core.ts";
import type { Uploads } from "./uploads.ts";

const WAIT_MILLIS = 5_000;
const LONGEST_WAIT_MILLIS = 60_000;

export interface OutboxEvents {
  /** The conversation's keys are behind this epoch. */
  behind(conversation: string, epoch: number): void;
  /** The network has what the person said. */
  said(conversation: string, id: string, text: string, at: number): void;
}

/** Sends what people wrote: in order within a conversation, the same bytes until the network has taken them. */
export class Outbox {
  readonly #core: Core;
  readonly #uploads: Uploads;
  readonly #told: OutboxEvents;
  readonly #busy = new Set<string>();
  readonly #again = new Set<string>();

  constructor(core: Core, uploads: Uploads, told: OutboxEvents) {
    this.#core = core;
    this.#uploads = uploads;
    this.#told = told;
  }

  /** Something was written, or may leave now. */
  async pumpAll(): Promise<void> {
    const waiting = new Set((await this.#core.db.getAll("outbox")).map((one) => one.conversation));
    await Promise.all([...waiting].map((conversation) => this.pump(conversation)));
  }

  async pump(conversation: string): Promise<void> {
    if (this.#busy.has(conversation)) {
      this.#again.add(conversation);
      return;
    }
    this.#busy.add(conversation);
    try {
      do {
        this.#again.delete(conversation);
        while (await this.#next(conversation));
      } while (this.#again.has(conversation));
    } catch (error) {
      if (!this.#core.stopped && !(error instanceof Disconnected)) this.#core.failed(error);
    } finally {
      this.#busy.delete(conversation);
    }
  }

  /** Sends the first that waits. False when there is none, or when it has to wait for something. */
  async #next(conversation: string): Promise<boolean> {
    const { db, link, stopped } = this.#core;
    if (stopped || link.state !== "online") return false;
    const first = await db.getFromIndex(
      "outbox",
      "place",
      IDBKeyRange.bound([conversation, 0], [conversation, Infinity]),
    );
    if (!first) return false;
    const uploaded = first.mls ? "done" : await this.#uploads.run(first);
    if (typeof uploaded === "object") return this.#fail(first, uploaded);
    if (uploaded === "gone") return true;
    if (uploaded === "later") {
      this.#core.later(WAIT_MILLIS, () => void this.pump(conversation));
      return false;
    }
    const ready = first.mls ? first : await this.#core.serial(() => this.#encrypt(first));
    if (!ready?.mls) return false;
    try {
      const accepted = await link.request({ case: "submit", value: { mlsMessage: ready.mls } }, "accepted");
      await this.#settle(ready, (tx) => applyAccepted(tx, conversation, ready.id, Number(accepted.at)));
      if (ready.text) this.#told.said(conversation, ready.id, ready.text, Number(accepted.at));
      return true;
    } catch (error) {
      if (error instanceof RefusedError) return this.#refused(ready, error);
      throw error;
    }
  }

  /** The new state of the keys and the ciphertext are one transaction: no key is ever used for two messages. */
  async #encrypt({ id }: Outgoing): Promise<Outgoing | null> {
    const { groups, device, db, env } = this.#core;
    // Read again: its file has a name by now, or the person took it back.
    const outgoing = await db.get("outbox", id);
    if (!outgoing) return null;
    const group = await groups.get(outgoing.conversation);
    const known = await db.get("conversations", outgoing.conversation);
    const name = (await meta(db, "identity"))?.name ?? "";
    if (!group || !known) return null;
    const { header, plaintext } = await sealContent(
      id,
      {
        body: bodyOf(outgoing),
        replyTo: outgoing.replyTo ? unhex(outgoing.replyTo) : new Uint8Array(),
        senderName: name === known.nameSent ? "" : name,
      },
      env,
      outgoing.kind,
    );
    const { group: next, message } = await device.encrypt(group, header, plaintext);
    const stored = await groups.stored(next);
    const ready: Outgoing = { ...outgoing, mls: message, epoch: group.epoch };
    const taken = await this.#core.write(async (tx) => {
      if (!(await tx.objectStore("outbox").get(id))) return false;
      await tx.objectStore("groups").put(stored);
      await tx.objectStore("outbox").put(ready);
      await change(tx, outgoing.conversation, () => ({ nameSent: name }));
      return true;
    });
    if (!taken) return null;
    groups.keep(next);
    return ready;
  }

  async #settle(outgoing: Outgoing, apply: (tx: Tx) => Promise<void>): Promise<void> {
    const { conversation, id } = outgoing;
    await this.#core.write(async (tx) => {
      await tx.objectStore("outbox").delete(id);
      await apply(tx);
      await refresh(tx, conversation);
    });
    this.#core.tell({ type: "thread", conversation });
    this.#core.tell({ type: "chats" });
  }

  async #refused(outgoing: Outgoing, error: RefusedError): Promise<boolean> {
    const { conversation } = outgoing;
    const { code, refused } = error;
    if (code === RefusalCode.STALE_EPOCH) return this.#stale(outgoing, Number(refused.epoch));
    if (code === RefusalCode.UNAVAILABLE || code === RefusalCode.RATE_LIMITED) {
      const wait = Number(refused.retryAt) - this.#core.env.clock.now();
      const millis = wait > 0 ? Math.min(wait, LONGEST_WAIT_MILLIS) : WAIT_MILLIS;
      this.#core.later(millis, () => void this.pump(conversation));
      return false;
    }
    return this.#fail(outgoing, { code: failure(code), message: error.message });
  }

  /** It will not be sent unless the person tries again. */
  async #fail(outgoing: Outgoing, why: Failure): Promise<boolean> {
    const { conversation } = outgoing;
    await this.#settle(outgoing, async (tx) => {
      if (outgoing.target) await unreact(tx, conversation, outgoing.target);
      const message = await tx.objectStore("messages").get([conversation, outgoing.id]);
      if (message?.status === "queued")
        await tx.objectStore("messages").put({ ...message, status: "failed", failure: why });
    });
    return true;
  }

  /** Encrypted for an epoch too old: the log brings the newer one, then it is encrypted again under the same id. */
  async #stale(outgoing: Outgoing, epoch: number): Promise<boolean> {
    await this.#core.write((tx) => tx.objectStore("outbox").put({ ...outgoing, mls: null, epoch: 0 }));
    const group = await this.#core.groups.get(outgoing.conversation);
    if (group && group.epoch >= epoch && group.epoch > outgoing.epoch) return true;
    this.#told.behind(outgoing.conversation, epoch);
    return false;
  }
}

function bodyOf({ text, payload, content }: Outgoing) {
  if (content) return fromBinary(ContentSchema, content).body;
  return payload === undefined
    ? ({ case: "text", value: { body: text } } as const)
    : ({ case: "buttonReply", value: { text, payload } } as const);
}

function failure(code: RefusalCode): Failure["code"] {
  if (code === RefusalCode.TOO_LARGE) return "too-large";
  return code === RefusalCode.CONFLICT ? "conflict" : "refused";
}
