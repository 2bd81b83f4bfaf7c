import { create, toBinary } from "@bufbuild/protobuf";
import { unhex } from "@suki/api";
import { ContentSchema, MessageKind } from "@suki/api/gen";
import type { Outgoing, Tx } from "./db.ts";
import { contentOf } from "./engine/body.ts";
import { type Env, newId } from "./env.ts";
import { react } from "./reactions.ts";
import { change, putMessage, UNSENT_ORDER } from "./thread.ts";
import type { Body, Message } from "./types.ts";

type Waiting = Omit<Outgoing, "place" | "mls" | "epoch">;

/** Puts something behind everything that waits in its conversation. Its place in the thread. */
async function enqueue(tx: Tx, what: Waiting, now: number): Promise<number> {
  const index = tx.objectStore("outbox").index("place");
  const all = IDBKeyRange.bound([what.conversation, 0], [what.conversation, Infinity]);
  const last = await index.openCursor(all, "prev");
  const place = Math.max(now, (last?.value.place ?? 0) + 1);
  await tx.objectStore("outbox").put({ ...what, place, mls: null, epoch: 0 });
  return UNSENT_ORDER + place;
}

function waiting(id: string, conversation: string, body: Body, replyTo: string | null): Waiting {
  const text = body.type === "text" ? body.text : "";
  return { id, conversation, text, replyTo, kind: MessageKind.SESSION, content: contentOf(body) };
}

/** Writes a message down, with the sealed file that its body describes, if it has one. */
export async function writeDown(
  tx: Tx,
  what: { id: string; conversation: string; body: Body; replyTo: string | null; sealed?: Blob | undefined },
  now: number,
): Promise<void> {
  const { id, conversation, body, replyTo, sealed } = what;
  if (sealed) await tx.objectStore("uploads").put({ id, sealed, ticket: null });
  const order = await enqueue(tx, waiting(id, conversation, body, replyTo), now);
  const line = { conversation, id, order, at: now, from: "me", body, replyTo } as const;
  await putMessage(tx, { ...line, status: "queued", failure: null, counts: 0 });
  // A press of a button leaves what is being written as it is.
  if (body.type === "text" && body.payload === undefined) await change(tx, conversation, () => ({ draft: "" }));
}

/** Tries again to send what has failed. A taken id is given up for a new one. */
export async function writeAgain(tx: Tx, failed: Message, env: Env): Promise<void> {
  const { conversation, body, replyTo } = failed;
  const id = failed.failure?.code === "conflict" ? newId(env) : failed.id;
  await tx.objectStore("messages").delete([conversation, failed.id]);
  const upload = await tx.objectStore("uploads").get(failed.id);
  if (upload && id !== failed.id) {
    await tx.objectStore("uploads").delete(failed.id);
    await tx.objectStore("uploads").put({ ...upload, id });
  }
  const order = await enqueue(tx, waiting(id, conversation, body, replyTo), env.clock.now());
  await tx.objectStore("messages").put({ ...failed, id, order, status: "queued", failure: null });
}

/** Takes back what has not left the device yet, or has failed. Whether there was something to take back. */
export async function takeBack(tx: Tx, conversation: string, id: string): Promise<boolean> {
  const message = await tx.objectStore("messages").get([conversation, id]);
  const outgoing = await tx.objectStore("outbox").get(id);
  if (outgoing?.mls || (message?.status !== "queued" && message?.status !== "failed")) return false;
  await tx.objectStore("outbox").delete(id);
  await tx.objectStore("uploads").delete(id);
  await tx.objectStore("messages").delete([conversation, id]);
  return true;
}

/** Says something to a message with an emoji; "" takes it back. */
export async function writeReaction(
  tx: Tx,
  what: { id: string; conversation: string; target: string; emoji: string },
  now: number,
): Promise<void> {
  const { id, conversation, target, emoji } = what;
  const value = { messageId: unhex(target), emoji };
  const content = toBinary(ContentSchema, create(ContentSchema, { body: { case: "reaction", value } }));
  await enqueue(tx, { id, conversation, target, text: "", replyTo: null, kind: MessageKind.REACTION, content }, now);
  await react(tx, conversation, target, { from: "me", emoji, at: now });
}

/** A question to the business's endpoint that is no message. */
export async function writeQuestion(
  tx: Tx,
  what: { id: string; conversation: string; kind: string; json: string },
  now: number,
): Promise<void> {
  const { id, conversation, kind, json } = what;
  const value = { id: unhex(id), kind, answer: false, json: new TextEncoder().encode(json) };
  const content = toBinary(ContentSchema, create(ContentSchema, { body: { case: "exchange", value } }));
  await enqueue(tx, { id, conversation, text: "", replyTo: null, kind: MessageKind.CONTROL, content }, now);
}
