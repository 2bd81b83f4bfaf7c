import type { Tx } from "./db.ts";
import type { Reaction } from "./types.ts";

/** The newest reaction of each side; one that was taken back stays, so that an older one does not come back. */
function newest(known: readonly Reaction[], one: Reaction): Reaction[] {
  const other = known.filter((each) => each.from !== one.from);
  const same = known.find((each) => each.from === one.from);
  return [...other, same && same.at > one.at ? same : one];
}

/** Somebody reacted to a message, or took it back with "". What is not here yet gets it when it comes. */
export async function react(tx: Tx, conversation: string, id: string, one: Reaction): Promise<void> {
  const message = await tx.objectStore("messages").get([conversation, id]);
  if (message) {
    await tx.objectStore("messages").put({ ...message, reactions: newest(message.reactions ?? [], one) });
    return;
  }
  const early = await tx.objectStore("reactions").get([conversation, id]);
  await tx.objectStore("reactions").put({ conversation, id, reactions: newest(early?.reactions ?? [], one) });
}

/** The network refused a reaction of this person: it is gone. */
export async function unreact(tx: Tx, conversation: string, id: string): Promise<void> {
  const message = await tx.objectStore("messages").get([conversation, id]);
  if (!message) return;
  const reactions = (message.reactions ?? []).filter((each) => each.from !== "me");
  await tx.objectStore("messages").put({ ...message, reactions });
}
