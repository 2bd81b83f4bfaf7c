import { concat, unhex } from "@suki/api";
import type { Leaf } from "./policy.ts";

const CONTEXT = new TextEncoder().encode("suki/safety-number/1");

/**
 * Twelve groups of five digits: SHA-512 over the context, the conversation and each member's device id and signature key, by
 * ascending device id; each group is five bytes of it, big-endian, modulo 100,000. The same as the endpoint's.
 */
export async function safetyNumber(conversation: string, members: Leaf[]): Promise<string> {
  const sorted = members.toSorted((a, b) => (a.member.device < b.member.device ? -1 : 1));
  const parts = sorted.flatMap(({ member, leaf }) => [unhex(member.device), leaf.signaturePublicKey]);
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-512", concat(CONTEXT, unhex(conversation), ...parts)));
  const groups = Array.from({ length: 12 }, (_, at) => {
    const value = hash.subarray(at * 5, at * 5 + 5).reduce((sum, byte) => sum * 256 + byte, 0);
    return String(value % 100_000).padStart(5, "0");
  });
  return groups.join(" ");
}
