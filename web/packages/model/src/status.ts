import type { Status } from "./types.ts";

const RANK: Record<Status, number> = { queued: 0, sent: 1, delivered: 2, read: 3, failed: 4 };

/** The status after another one was heard of: it only moves forward, and `failed` is final. */
export function forward(known: Status, heard: Status): Status {
  if (known === "failed") return known;
  // What was delivered has not failed, whoever says so.
  if (heard === "failed") return RANK[known] >= RANK.delivered ? known : heard;
  return RANK[heard] > RANK[known] ? heard : known;
}
