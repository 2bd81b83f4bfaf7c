import type { Tx } from "./db.ts";
import { forward } from "./status.ts";
import type { Card, Conversation, Failure, Message, Status } from "./types.ts";

/** What is not accepted by the network yet sorts after everything that is. */
export const UNSENT_ORDER = 8e15;

const HIGHEST = "\uffff";

/** The keys of a conversation's lines from one order to another, both included. */
export function orders(conversation: string, from: number, to: number): IDBKeyRange {
  return IDBKeyRange.bound([conversation, from, ""], [conversation, to, HIGHEST]);
}

/** Changes fields of a conversation; nothing happens when it is not known. */
export async function change(
  tx: Tx,
  id: string,
  edit: (conversation: Conversation) => Partial<Conversation>,
): Promise<void> {
  const store = tx.objectStore("conversations");
  const conversation = await store.get(id);
  if (conversation) await store.put({ ...conversation, ...edit(conversation) });
}

/** A conversation that the network has told of: made, or brought up to date. Its epoch never goes back. */
export async function learnConversation(
  tx: Tx,
  told: { id: string; card: Card; epoch: number; at: number },
): Promise<void> {
  const store = tx.objectStore("conversations");
  const known = await store.get(told.id);
  if (known) {
    await store.put({ ...known, card: told.card, epoch: Math.max(known.epoch, told.epoch) });
    return;
  }
  await store.put({
    id: told.id,
    card: told.card,
    epoch: told.epoch,
    openedAt: told.at,
    readOrder: 0,
    readPending: null,
    otherReadOrder: 0,
    unread: 0,
    last: null,
    activity: told.at,
    draft: "",
    nameSent: "",
  });
}

/**
 * Puts a line into a thread, once: a second one with its id changes nothing, unless the first could not be read. What was
 * heard of it before it came (a receipt, a read mark) is applied.
 */
export async function putMessage(tx: Tx, message: Message): Promise<boolean> {
  const store = tx.objectStore("messages");
  const key: [string, string] = [message.conversation, message.id];
  const known = await store.get(key);
  if (known && known.body.type !== "unreadable") return false;
  const conversation = await tx.objectStore("conversations").get(message.conversation);
  const early = await tx.objectStore("receipts").get(key);
  const put = { ...message };
  if (known) Object.assign(put, { order: known.order, at: known.at });
  if (put.status !== null) {
    if (early) put.status = forward(put.status, early.status);
    if (conversation && put.order <= conversation.otherReadOrder) put.status = forward(put.status, "read");
  }
  const told = await tx.objectStore("reactions").get(key);
  if (told) put.reactions = told.reactions;
  await store.put(put);
  if (told) await tx.objectStore("reactions").delete(key);
  if (early) await tx.objectStore("receipts").delete(key);
  if (early?.status === "read") await readUpTo(tx, put);
  return true;
}

/** The other side's or a sibling's read mark stands at this message. */
async function readUpTo(tx: Tx, message: Message): Promise<void> {
  if (message.order >= UNSENT_ORDER) return;
  if (message.from === "business") {
    await change(tx, message.conversation, (one) => ({ readOrder: Math.max(one.readOrder, message.order) }));
    return;
  }
  let before = message.order;
  await change(tx, message.conversation, (one) => {
    before = one.otherReadOrder;
    return { otherReadOrder: Math.max(before, message.order) };
  });
  const range = orders(message.conversation, before, message.order);
  for (let at = await tx.objectStore("messages").index("order").openCursor(range); at; at = await at.continue()) {
    const status = at.value.status === null ? null : forward(at.value.status, "read");
    if (status !== at.value.status) await at.update({ ...at.value, status });
  }
}

/** A receipt for one message. What is not here yet gets it when it comes. */
export async function applyReceipt(
  tx: Tx,
  conversation: string,
  id: string,
  status: Status,
  why?: Failure,
): Promise<void> {
  const store = tx.objectStore("messages");
  const message = await store.get([conversation, id]);
  if (!message) {
    if (status === "failed") return;
    const early = await tx.objectStore("receipts").get([conversation, id]);
    await tx.objectStore("receipts").put({ conversation, id, status: early ? forward(early.status, status) : status });
    return;
  }
  if (message.status !== null) {
    const next = forward(message.status, status);
    if (next !== message.status)
      await store.put({ ...message, status: next, failure: next === "failed" ? (why ?? null) : null });
  }
  if (status !== "read") return;
  if (message.order < UNSENT_ORDER) await readUpTo(tx, message);
  // Read before we heard that it was accepted: its place in the order, and so what else was read, is known only then.
  else await tx.objectStore("receipts").put({ conversation, id, status });
}

/** The network has accepted a message of ours: it gets its place. */
export async function applyAccepted(tx: Tx, conversation: string, id: string, at: number): Promise<void> {
  const store = tx.objectStore("messages");
  const message = await store.get([conversation, id]);
  if (!message) return;
  const { otherReadOrder = 0 } = (await tx.objectStore("conversations").get(conversation)) ?? {};
  const status = forward(forward(message.status ?? "queued", "sent"), at <= otherReadOrder ? "read" : "sent");
  await store.put({ ...message, at, order: at, status });
  const early = await tx.objectStore("receipts").get([conversation, id]);
  if (!early) return;
  await tx.objectStore("receipts").delete([conversation, id]);
  await applyReceipt(tx, conversation, id, early.status);
}

/** Brings what a list of chats shows up to date with the thread: the last line, and how many are unread. */
export async function refresh(tx: Tx, id: string): Promise<void> {
  const conversation = await tx.objectStore("conversations").get(id);
  if (!conversation) return;
  const messages = tx.objectStore("messages");
  let last: Message | null = null;
  const all = IDBKeyRange.bound([id, 0, ""], [id, Number.MAX_SAFE_INTEGER, HIGHEST]);
  for (let at = await messages.index("order").openCursor(all, "prev"); at; at = await at.continue()) {
    if (at.value.body.type === "notice") continue;
    last = at.value;
    break;
  }
  const range = IDBKeyRange.bound([id, 1, conversation.readOrder], [id, 1, Number.MAX_SAFE_INTEGER], true);
  const unread = await messages.index("counted").count(range);
  await tx.objectStore("conversations").put({
    ...conversation,
    unread,
    last: last && { id: last.id, body: last.body, from: last.from, at: last.at, status: last.status },
    activity: last ? last.at : conversation.openedAt,
  });
}
