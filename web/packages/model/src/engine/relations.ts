import {
  base64,
  type Choice,
  call,
  type FoundBusiness,
  type PersonSettings,
  prefixed,
  RefusedError,
  type Relation,
  type RelationChange,
  type ReportReason,
  unprefixed,
  type Words,
} from "@suki/api";
import type { Notice as WireNotice } from "@suki/api/gen";
import { meta, setMeta, type Tx } from "../db.ts";
import { change, putMessage } from "../thread.ts";
import type { Relations as Known, Message } from "../types.ts";
import { recognise } from "../words.ts";
import type { Core } from "./core.ts";

/** What is told of a relation: as an answer, or as a notice to a person's other devices. */
type Told = Pick<Relation, "business" | "choice" | "blocked_at" | "stopped_at"> &
  Partial<Pick<Relation, "global_choice">>;

/** What a person lets businesses do: asked, changed, and kept beside each conversation. */
export class Relations {
  readonly #core: Core;
  constructor(core: Core) {
    this.#core = core;
  }

  /** The device is online: the words that stop may have changed. */
  async connected(): Promise<void> {
    try {
      const words = await call<Words>(this.#core.link, "consent.words", {});
      await this.#core.write((tx) => setMeta(tx, "words", words));
    } catch (error) {
      // A network that knows no such words: the business's endpoint has its own.
      if (!(error instanceof RefusedError)) throw error;
    }
  }

  async get(business: string): Promise<Relation> {
    return this.#keep(await this.#ask<Relation>("relation.get", business, {}));
  }

  async set(business: string, wanted: RelationChange): Promise<Relation> {
    return this.#keep(await this.#ask<Relation>("relation.set", business, wanted));
  }

  async grant(business: string, wording: string, form: string): Promise<Relation> {
    return this.#keep(await this.#ask<Relation>("consent.grant", business, { wording, form }));
  }

  async withdraw(business: string): Promise<Relation> {
    return this.#keep(await this.#ask<Relation>("consent.withdraw", business, {}));
  }

  /** Reports messages with what proves them; those whose proof is gone are left out. */
  async report(business: string, reason: ReportReason, ids: readonly string[], block: boolean): Promise<void> {
    const { db } = this.#core;
    const chats = (await db.getAll("conversations")).filter((one) => one.card.business === business);
    const proofs = await Promise.all(chats.flatMap(({ id }) => ids.map((message) => db.get("proofs", [id, message]))));
    const messages = proofs.flatMap((proof) => {
      if (!proof) return [];
      const { id, content, commitmentKey } = proof;
      return [{ message_id: prefixed("msg", id), content: base64(content), commitment_key: base64(commitmentKey) }];
    });
    await this.#ask("report.send", business, { reason, messages, block });
    if (block) await this.get(business);
  }

  async settings(wanted: Partial<PersonSettings> | null): Promise<PersonSettings> {
    const { link } = this.#core;
    if (!wanted) return call<PersonSettings>(link, "settings.get", {});
    const settings = await call<PersonSettings>(link, "settings.set", wanted);
    this.#core.tell({ type: "device" });
    return settings;
  }

  async search(text: string): Promise<FoundBusiness[]> {
    return (await call<{ data: FoundBusiness[] }>(this.#core.link, "business.search", { text, limit: 20 })).data;
  }

  /** The person has said something: a word that stops does so, and a line says that it did. */
  async said(conversation: string, id: string, text: string, at: number): Promise<void> {
    const words = await meta(this.#core.db, "words");
    const wish = words && recognise(text, words);
    if (!wish) return;
    const known = await this.#core.db.get("conversations", conversation);
    if (!known) return;
    await this.set(known.card.business, { stopped: wish === "stop" });
    await this.#core.write((tx) => putMessage(tx, line(conversation, id, wish === "stop" ? "stopped" : "resumed", at)));
    this.#core.tell({ type: "thread", conversation });
  }

  /** What another device of this person changed. Part of the entry's transaction. */
  async noticed(tx: Tx, notice: WireNotice): Promise<void> {
    if (notice.kind !== "relation.changed") return;
    let told: Told;
    try {
      told = JSON.parse(new TextDecoder().decode(notice.json)) as Told;
      unprefixed("acc", told.business);
    } catch {
      return;
    }
    await keep(tx, told);
  }

  async #ask<T>(name: string, business: string, rest: object): Promise<T> {
    return call<T>(this.#core.link, name, { business: prefixed("acc", business), ...rest });
  }

  async #keep(relation: Relation): Promise<Relation> {
    await this.#core.write((tx) => keep(tx, relation));
    this.#core.tell({ type: "chats" });
    return relation;
  }
}

async function keep(tx: Tx, told: Told): Promise<void> {
  const business = unprefixed("acc", told.business);
  for (const { id, card } of await tx.objectStore("conversations").getAll()) {
    if (card.business !== business) continue;
    await change(tx, id, ({ relation }) => ({ relation: known(told, relation) }));
  }
}

function known(told: Told, before: Known | undefined): Known {
  return {
    choice: told.choice,
    global: told.global_choice ?? before?.global ?? ("all" satisfies Choice),
    blockedAt: told.blocked_at,
    stoppedAt: told.stopped_at,
  };
}

function line(conversation: string, id: string, notice: "stopped" | "resumed", at: number): Message {
  return {
    conversation,
    id: `notice ${id}`,
    order: at,
    at,
    from: "business",
    body: { type: "notice", notice },
    replyTo: null,
    status: null,
    failure: null,
    counts: 0,
  };
}
