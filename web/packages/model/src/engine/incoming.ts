import { fromBinary } from "@bufbuild/protobuf";
import { hex } from "@suki/api";
import {
  type Content,
  type Entry,
  EntryKind,
  EventSchema,
  type History,
  MessageKind,
  ReceiptSchema,
  ReceiptStatus,
  type Conversation as WireConversation,
} from "@suki/api/gen";
import { markRemoved, type Proof, type Tx } from "../db.ts";
import { type Cleartext, cleartext } from "../mls/cleartext.ts";
import { ContentError, headerId, openContent } from "../mls/content.ts";
import type { Group, Member, Received } from "../mls/port.ts";
import { react } from "../reactions.ts";
import { applyReceipt, change, learnConversation, putMessage } from "../thread.ts";
import type { Body, Message, Notice } from "../types.ts";
import { bodyOf, kindOf } from "./body.ts";
import { told } from "./card.ts";
import type { Core } from "./core.ts";
import type { Exchanges } from "./exchanges.ts";
import type { KeyPackages } from "./keys.ts";
import type { Packs } from "./packs.ts";
import type { Relations } from "./relations.ts";

/** What an entry of the log changes: written in one transaction with the cursor. */
export interface Effect {
  /** The group's next state. */
  group?: Group;
  apply?(tx: Tx): Promise<void>;
  /** The thread that changes. */
  thread?: string;
  /** The group is lost or behind: it has to be joined again, to be at least in this epoch. */
  rejoin?: number;
  /** An approved text may have to be fetched. */
  packs?: boolean;
  /** What happens once the database has it. */
  after?: () => unknown;
}

type Found<T extends Received["type"]> = Extract<Received, { type: T }>;

/** Reads the log's entries. Whatever comes in gives an effect: nothing that is forged or broken stops the log. */
export class Incoming {
  readonly #core: Core;
  readonly #keys: KeyPackages;
  readonly #packs: Packs;
  readonly #relations: Relations;
  readonly #exchanges: Exchanges;
  readonly #removed: () => void;

  constructor(
    core: Core,
    keys: KeyPackages,
    packs: Packs,
    relations: Relations,
    exchanges: Exchanges,
    removed: () => void,
  ) {
    this.#core = core;
    this.#keys = keys;
    this.#packs = packs;
    this.#relations = relations;
    this.#exchanges = exchanges;
    this.#removed = removed;
  }

  async effect(entry: Entry): Promise<Effect> {
    switch (entry.kind) {
      case EntryKind.MESSAGE:
        return this.#message(entry);
      case EntryKind.COMMIT:
        return this.#commit(entry);
      case EntryKind.WELCOME:
        return this.#welcome(entry);
      case EntryKind.RECEIPT:
        return this.#receipt(entry);
      case EntryKind.EVENT:
        return this.#event(entry);
      default:
        return {};
    }
  }

  async #message(entry: Entry): Promise<Effect> {
    const conversation = hex(entry.conversation);
    const clear = read(entry.payload, conversation, "application");
    const id = clear && headerId(clear.authenticatedData);
    // The network itself refuses such a thing; there is nothing in it to show.
    if (!clear || !id || id !== hex(entry.messageId)) return {};
    const known = await this.#core.db.get("messages", [conversation, id]);
    if (known && known.body.type !== "unreadable") return {};
    const group = await this.#core.groups.get(conversation);
    if (!group || clear.epoch > group.epoch) {
      return { ...this.#unreadable(entry, id, "lost"), rejoin: Math.max(clear.epoch, 1) };
    }
    let opened: { group: Group; received: Received };
    try {
      opened = await this.#core.device.receive(group, clear.message);
    } catch {
      return this.#unreadable(entry, id, "lost");
    }
    if (opened.received.type !== "application") return { group: opened.group };
    return { group: opened.group, ...(await this.#opened(entry, id, opened.received)) };
  }

  async #opened(entry: Entry, id: string, received: Found<"application">): Promise<Effect> {
    const mine = received.sender.account === this.#core.identity.account;
    try {
      const opened = await openContent(received.header, received.plaintext);
      if (opened.id !== id || !(mine || (await this.#isBusiness(entry, received.sender)))) {
        return this.#unreadable(entry, id, "forged");
      }
      const { content, header } = opened;
      if (content.body.case === "history") {
        return header.kind === MessageKind.CONTROL && !mine
          ? this.#history(entry, content.body.value)
          : this.#unreadable(entry, id, "forged");
      }
      const from = mine ? "me" : "business";
      const unseen = this.#unseen(entry, content, header.kind, from);
      if (unseen) return unseen;
      const body = bodyOf(content, header, from);
      if (typeof body === "string") return this.#unreadable(entry, id, body);
      const effect = this.#put(entry, id, body, from, hex(content.replyTo) || null);
      return mine ? effect : { ...effect, apply: (tx) => this.#proven(tx, entry, effect, { id, ...opened.proof }) };
    } catch (error) {
      return this.#unreadable(entry, id, error instanceof ContentError ? error.why : "newer");
    }
  }

  /** What has no line of its own: a reaction to another message, the answer to a question. */
  #unseen(entry: Entry, { body }: Content, kind: MessageKind, from: Message["from"]): Effect | null {
    if (body.case === "reaction" && kind === MessageKind.REACTION && body.value.messageId.length === 16) {
      const conversation = hex(entry.conversation);
      const { messageId, emoji } = body.value;
      const one = { from, emoji: [...emoji].slice(0, 16).join(""), at: Number(entry.at) };
      return { thread: conversation, apply: (tx) => react(tx, conversation, hex(messageId), one) };
    }
    if (body.case !== "exchange" || kind !== MessageKind.CONTROL) return null;
    const { value } = body;
    return { after: () => from === "business" && this.#exchanges.heard(value) };
  }

  async #isBusiness(entry: Entry, sender: Member): Promise<boolean> {
    const known = await this.#core.db.get("conversations", hex(entry.conversation));
    return sender.kind === "business" && known?.card.business === sender.account;
  }

  #put(entry: Entry, id: string, body: Body, from: Message["from"], replyTo: string | null): Effect {
    const conversation = hex(entry.conversation);
    const at = Number(entry.at);
    const message: Message = {
      conversation,
      id,
      order: at,
      at,
      from,
      body,
      replyTo,
      status: from === "me" ? "sent" : null,
      failure: null,
      counts: from === "business" ? 1 : 0,
    };
    return {
      thread: conversation,
      packs: body.type === "template",
      apply: async (tx) => {
        const business = (await tx.objectStore("conversations").get(conversation))?.card.business ?? "";
        await putMessage(tx, await this.#packs.arrived(tx, message, business));
      },
      after: () => {
        if (from === "business") this.#core.tell({ type: "typing", conversation, on: false });
      },
    };
  }

  /** A message of the business is kept with what proves it, in case it is reported. */
  async #proven(tx: Tx, entry: Entry, effect: Effect, proof: Omit<Proof, "conversation">): Promise<void> {
    await effect.apply?.(tx);
    await tx.objectStore("proofs").put({ conversation: hex(entry.conversation), ...proof });
  }

  #unreadable(entry: Entry, id: string, why: "lost" | "newer" | "forged"): Effect {
    return this.#put(entry, id, { type: "unreadable", why }, "business", null);
  }

  /**
   * What a device that joined later has missed; devices that have it know it by its ids. None of it counts as unread: another
   * device of this person has had it.
   */
  #history(entry: Entry, history: History): Effect {
    const conversation = hex(entry.conversation);
    const lines = history.items.flatMap(({ messageId, at, fromBusiness, content, templateId }): Message[] => {
      const from = fromBusiness ? "business" : "me";
      const kind = content?.body.case ? kindOf(content.body.case) : MessageKind.SESSION;
      // The endpoint tells the header's category no second time: the pack has it.
      const body = content && bodyOf(content, { kind, templateId, category: null }, from);
      if (messageId.length !== 16 || !content || !body || typeof body === "string") return [];
      return [
        {
          conversation,
          id: hex(messageId),
          order: Number(at),
          at: Number(at),
          from,
          body,
          replyTo: hex(content.replyTo) || null,
          status: fromBusiness ? null : "delivered",
          failure: null,
          counts: 0,
        },
      ];
    });
    const reactions = history.items.flatMap(({ at, fromBusiness, content }) => {
      if (content?.body.case !== "reaction") return [];
      const { messageId, emoji } = content.body.value;
      const from = fromBusiness ? ("business" as const) : ("me" as const);
      return [{ messageId: hex(messageId), from, emoji, at: Number(at) }];
    });
    const apply = async (tx: Tx) => {
      const business = (await tx.objectStore("conversations").get(conversation))?.card.business ?? "";
      for (const line of lines) await putMessage(tx, await this.#packs.arrived(tx, line, business));
      for (const { messageId, ...one } of reactions) await react(tx, conversation, messageId, one);
    };
    return { thread: conversation, packs: true, apply };
  }

  async #commit(entry: Entry): Promise<Effect> {
    const conversation = hex(entry.conversation);
    const clear = read(entry.payload, conversation, "commit");
    const group = await this.#core.groups.get(conversation);
    if (!clear || (group && clear.epoch < group.epoch)) return {};
    const rejoin = clear.epoch + 1;
    if (!group || clear.epoch > group.epoch) return { rejoin };
    try {
      const { group: next, received } = await this.#core.device.receive(group, clear.message);
      if (received.type !== "commit") return {};
      if (received.ownRemoved) return this.#lockedOut(conversation);
      const notice = this.#notice(group, next, received);
      return {
        group: next,
        thread: conversation,
        apply: async (tx) => {
          await change(tx, conversation, (one) => ({ epoch: Math.max(one.epoch, next.epoch) }));
          if (notice) await putMessage(tx, this.#noticeLine(entry, notice));
        },
        after: () => {
          if (notice) this.#core.tell({ type: "device" });
        },
      };
    } catch {
      return { rejoin };
    }
  }

  /** What people should see of a change of keys: a device that comes or goes, or another endpoint of the business. */
  #notice(before: Group, after: Group, commit: Found<"commit">): Notice | null {
    const { device, identity } = this.#core;
    const ids = (group: Group) => new Set(device.members(group).map((one) => one.device));
    const [old, now] = [ids(before), ids(after)];
    const come = commit.added.filter((one) => !old.has(one.device));
    const gone = commit.removed.filter((one) => !now.has(one.device));
    if (come.some((one) => one.kind === "business")) return "endpoint-changed";
    if (come.some((one) => one.account === identity.account)) return "device-added";
    return gone.some((one) => one.account === identity.account) ? "device-removed" : null;
  }

  #noticeLine(entry: Entry, notice: Notice): Message {
    const [conversation, at] = [hex(entry.conversation), Number(entry.at)];
    const id = `notice ${hex(entry.messageId) || entry.seq}`;
    const body: Body = { type: "notice", notice };
    return {
      conversation,
      id,
      order: at,
      at,
      from: "business",
      body,
      replyTo: null,
      status: null,
      failure: null,
      counts: 0,
    };
  }

  #lockedOut(conversation: string): Effect {
    return {
      thread: conversation,
      apply: (tx) => tx.objectStore("groups").delete(conversation),
      after: () => this.#core.groups.forget(conversation),
    };
  }

  async #welcome(entry: Entry): Promise<Effect> {
    const conversation = hex(entry.conversation);
    let joined: { group: Group; used: string };
    try {
      joined = await this.#core.device.join(owned(entry.payload), (reference) => this.#keys.secret(reference));
    } catch {
      // Its key package is not ours any more, or it is broken. If the group is not there either, it is joined again.
      return (await this.#core.groups.get(conversation)) ? {} : { rejoin: 1 };
    }
    const { group, used } = joined;
    const known = await this.#core.groups.get(conversation);
    const card = (await this.#core.db.get("conversations", conversation))?.card;
    const proper = this.#core.device.members(group).every((one) => {
      return one.account === this.#core.identity.account || (one.kind === "business" && one.account === card?.business);
    });
    if (group.conversation !== conversation || !proper || (known && known.epoch >= group.epoch)) return {};
    return {
      group,
      thread: conversation,
      apply: async (tx) => {
        const store = tx.objectStore("keyPackages");
        if (!(await store.get(used))?.lastResort) await store.delete(used);
        await change(tx, conversation, (one) => ({ epoch: Math.max(one.epoch, group.epoch) }));
      },
    };
  }

  #receipt(entry: Entry): Effect {
    const conversation = hex(entry.conversation);
    const receipt = decode(() => fromBinary(ReceiptSchema, entry.payload));
    if (!receipt) return {};
    const ids = receipt.messageIds.map(hex);
    const apply = async (tx: Tx) => {
      if (receipt.status === ReceiptStatus.DELIVERED) {
        for (const id of ids) await applyReceipt(tx, conversation, id, "delivered");
      }
      const last = ids.at(-1);
      // Whoever listened to a message has read it.
      const isRead = receipt.status === ReceiptStatus.READ || receipt.status === ReceiptStatus.PLAYED;
      if (isRead && last) await applyReceipt(tx, conversation, last, "read");
    };
    return { thread: conversation, apply };
  }

  #event(entry: Entry): Effect {
    const body = decode(() => fromBinary(EventSchema, entry.payload))?.body;
    if (body?.case === "conversationOpened") return this.#opening(body.value, Number(entry.at));
    if (body?.case === "deviceRemoved" && hex(body.value.device) === this.#core.identity.device)
      return this.#ownRemoval();
    if (body?.case === "messageExpired") {
      const ids = body.value.messageIds.map(hex);
      const conversation = hex(entry.conversation);
      return {
        thread: conversation,
        apply: async (tx) => {
          for (const id of ids) await applyReceipt(tx, conversation, id, "failed", { code: "expired", message: "" });
        },
      };
    }
    if (body?.case === "notice") {
      const { value } = body;
      return {
        apply: (tx) => this.#relations.noticed(tx, value),
        after: () => {
          this.#core.tell({ type: "chats" });
          this.#core.tell({ type: "device" });
        },
      };
    }
    return { after: () => this.#core.tell({ type: "device" }) };
  }

  #opening(conversation: WireConversation, at: number): Effect {
    const known = told(conversation, at);
    if (!known) return {};
    return { thread: known.id, apply: (tx) => learnConversation(tx, known) };
  }

  #ownRemoval(): Effect {
    return {
      apply: markRemoved,
      after: this.#removed,
    };
  }
}

function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}

function decode<T>(run: () => T): T | null {
  try {
    return run();
  } catch {
    return null;
  }
}

function read(
  payload: Uint8Array,
  conversation: string,
  content: Cleartext["content"],
): (Cleartext & { message: Uint8Array<ArrayBuffer> }) | null {
  const clear = decode(() => cleartext(payload));
  if (clear?.conversation !== conversation || clear.content !== content) return null;
  return { ...clear, message: owned(payload) };
}
