/** What the writer knows of a message: waiting on this device, taken by the server, on the other's device, read, or refused. */
export type TickState = "queued" | "sent" | "delivered" | "read" | "failed";

const RANK: Record<TickState, number> = { queued: 0, sent: 1, delivered: 2, read: 3, failed: 4 };

/** The state after news of `next`: it never goes back, and `failed` stays until the message is sent anew. */
export function advance(known: TickState, next: TickState): TickState {
  if (next === "failed" && (known === "delivered" || known === "read")) return known;
  return RANK[next] > RANK[known] ? next : known;
}
