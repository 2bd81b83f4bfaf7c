import { hex, type Trust } from "@suki/api";
import { TrustLevel, type Conversation as WireConversation } from "@suki/api/gen";
import type { Card } from "../types.ts";

const TRUST: Record<TrustLevel, Trust> = {
  [TrustLevel.TRUST_LEVEL_UNSPECIFIED]: "plain",
  [TrustLevel.PLAIN]: "plain",
  [TrustLevel.CHECKED]: "checked",
  [TrustLevel.CONFIRMED]: "confirmed",
};

/** A conversation as the network tells it, or null if it is not whole, or a group: this device holds conversations with one business alone. */
export function told(
  conversation: WireConversation,
  at: number,
): { id: string; card: Card; epoch: number; at: number } | null {
  const { id, business, card, epoch, group } = conversation;
  if (id.length !== 16 || business.length !== 16 || !card || group) return null;
  const { name, about, trust, hostedBy, slug, labels, verificationPending: pending, phone } = card;
  return {
    id: hex(id),
    epoch: Number(epoch),
    at,
    card: {
      business: hex(business),
      name,
      about,
      trust: TRUST[trust] ?? "plain",
      hostedBy,
      slug,
      labels,
      pending,
      phone,
    },
  };
}
