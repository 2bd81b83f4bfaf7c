import { call, Disconnected, prefixed, RefusedError } from "@suki/api";
import type { StoredPack, Tx } from "../db.ts";
import { openPack, type SignedPack } from "../templates/pack.ts";
import { settled } from "../templates/settle.ts";
import type { Pack } from "../templates/shapes.ts";
import { refresh } from "../thread.ts";
import type { Message } from "../types.ts";
import type { Core } from "./core.ts";

/** Until a first pack says it: how soon a failed download is tried again (R82). */
const FIRST_RETRY_MILLIS = 5 * 60_000;
/** How long at least lies between two tries. */
const SHORTEST_RETRY_MILLIS = 10_000;
/** A device that was away for long does not ask for everything at once. */
const AT_ONCE = 20;

interface PackList {
  packs: { name: string; serial: number }[];
  next: string;
}

/**
 * The approved texts of templates: fetched in the background, kept, fetched again after the pack's days (R80 to R82). A message that
 * came before its text is shown when the text is here.
 */
export class Packs {
  readonly #core: Core;
  readonly #languages: () => readonly string[];
  #busy = false;
  #again = false;
  #timer: () => void = () => {};

  constructor(core: Core, languages: () => readonly string[]) {
    this.#core = core;
    this.#languages = languages;
  }

  /** The device is online: looks what businesses have, and fetches what is due. */
  async connected(businesses: readonly string[]): Promise<void> {
    for (const business of businesses) await this.#look(business);
    await this.pump();
  }

  /** What a business has: names that are new or changed are due at once. */
  async #look(business: string): Promise<void> {
    const { db, link, env } = this.#core;
    let after = "";
    do {
      let page: PackList;
      try {
        page = await call<PackList>(link, "pack.list", { business: prefixed("acc", business), after });
      } catch (error) {
        if (error instanceof RefusedError) return;
        throw error;
      }
      const stored = await db.getAll("packs", IDBKeyRange.bound([business, ""], [business, "\uffff"]));
      const known = new Map(stored.map((one) => [one.name, one]));
      const due = page.packs.filter(({ name, serial }) => known.get(name)?.pack?.serial !== serial);
      await this.#core.write(async (tx) => {
        for (const { name } of due) await want(tx, business, name, env.clock.now());
      });
      after = page.next;
    } while (after !== "");
  }

  /** Part of a message's transaction: what can be shown now is, and what cannot makes its pack due. */
  async arrived(tx: Tx, message: Message, business: string): Promise<Message> {
    const { body } = message;
    if (body.type !== "template") return message;
    const pack = (await tx.objectStore("packs").get([business, body.name]))?.pack;
    const next = pack ? settled(body, pack, this.#languages(), false) : body;
    if (next.state === "waiting") await want(tx, business, body.name, this.#core.env.clock.now());
    return { ...message, body: next };
  }

  /** Fetches what is due, and sets a timer for what will be. */
  async pump(): Promise<void> {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    try {
      do {
        this.#again = false;
        while (await this.#some());
      } while (this.#again);
      await this.#wait();
    } catch (error) {
      // What is due stays so: the next connection looks again.
      if (!this.#core.stopped && !(error instanceof Disconnected)) this.#core.failed(error);
    } finally {
      this.#busy = false;
    }
  }

  async #some(): Promise<boolean> {
    const { db, link, env, stopped } = this.#core;
    if (stopped || link.state !== "online") return false;
    const due = await db.getAllFromIndex("packs", "due", IDBKeyRange.upperBound(env.clock.now()), AT_ONCE);
    for (const one of due) await this.#fetch(one);
    return due.length > 0;
  }

  async #fetch({ business, name, pack: old, at }: StoredPack): Promise<void> {
    const { link, env, device } = this.#core;
    const asked = env.clock.now();
    try {
      const request = { business: prefixed("acc", business), name };
      const signed = await call<SignedPack>(link, "pack.get", request);
      const pack = await openPack(signed, business, name, (bytes, signature) =>
        device.signedByNetwork(bytes, signature),
      );
      // An older one than the one that is here is a replay, or a server that lags.
      const newest = old && old.serial > pack.serial ? old : pack;
      await this.#keep(newest, asked);
    } catch (error) {
      if (error instanceof Disconnected) throw error;
      const retry = Math.max(SHORTEST_RETRY_MILLIS, old?.retryMillis ?? FIRST_RETRY_MILLIS);
      const gone = error instanceof RefusedError;
      await this.#core.write(async (tx) => {
        await tx.objectStore("packs").put({ business, name, pack: old, at, due: env.clock.now() + retry });
      });
      if (!gone) this.#core.failed(error);
    }
  }

  async #keep(pack: Pack, asked: number): Promise<void> {
    const { business, name } = pack;
    const now = this.#core.env.clock.now();
    const touched = await this.#core.write(async (tx) => {
      await tx.objectStore("packs").put({ business, name, pack, at: now, due: now + pack.refreshMillis });
      return this.#settle(tx, pack, asked);
    });
    for (const conversation of touched) this.#core.tell({ type: "thread", conversation });
    if (touched.length > 0) this.#core.tell({ type: "chats" });
  }

  /** Every message that waited for this pack. */
  async #settle(tx: Tx, pack: Pack, asked: number): Promise<string[]> {
    const touched: string[] = [];
    for (const { id, card } of await tx.objectStore("conversations").getAll()) {
      if (card.business !== pack.business) continue;
      const all = IDBKeyRange.bound([id, 0, ""], [id, Number.MAX_SAFE_INTEGER, "\uffff"]);
      const index = tx.objectStore("messages").index("order");
      for (let at = await index.openCursor(all); at; at = await at.continue()) {
        const { body } = at.value;
        if (body.type !== "template" || body.name !== pack.name || body.state !== "waiting") continue;
        const next = settled(body, pack, this.#languages(), at.value.at <= asked || pack.issuedAt >= at.value.at);
        if (next.state !== "waiting") {
          await at.update({ ...at.value, body: next });
          touched.push(id);
        }
      }
      if (touched.includes(id)) await refresh(tx, id);
    }
    return [...new Set(touched)];
  }

  async #wait(): Promise<void> {
    this.#timer();
    const next = await this.#core.db.transaction("packs").store.index("due").openCursor();
    if (!next || this.#core.stopped) return;
    const millis = Math.max(SHORTEST_RETRY_MILLIS, next.value.due - this.#core.env.clock.now());
    // A browser's timer holds at most 24 days; it looks again on the way.
    this.#timer = this.#core.later(Math.min(millis, 86_400_000), () => void this.pump());
  }
}

/** This pack is wanted now. */
async function want(tx: Tx, business: string, name: string, now: number): Promise<void> {
  const store = tx.objectStore("packs");
  const known = await store.get([business, name]);
  await store.put(
    known ? { ...known, due: Math.min(known.due, now) } : { business, name, pack: null, at: now, due: now },
  );
}
