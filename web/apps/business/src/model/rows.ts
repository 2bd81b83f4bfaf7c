import type { Chat } from "@suki/inbox";
import type { TickState } from "@suki/ui/logic";
import { wordFor } from "./contents.ts";
import { ticksOf } from "./messages.ts";
import type { Unsent } from "./outbox.svelte.ts";

/** The last line of a chat in the list; what waits on this device comes after what the server knows. */
export type LastLine = { text: string; mine: boolean; ticks: TickState | null; at: number };

export function lastLine(chat: Chat, unsent: readonly Unsent[]): LastLine | null {
  const waiting = unsent.at(-1);
  if (waiting && waiting.id !== chat.last?.id) {
    return { text: waiting.text, mine: true, ticks: waiting.refused === null ? "queued" : "failed", at: waiting.at };
  }
  if (!chat.last) return null;
  const mine = chat.last.from === "business";
  return {
    text: chat.last.text || wordFor(chat.last.type),
    mine,
    ticks: mine ? ticksOf(chat.last.status) : null,
    at: chat.last.at,
  };
}

/** The chat before or after the open one in the list; the first when none is open; stays at the ends. */
export function neighbour(chats: readonly Chat[], open: string | null, step: 1 | -1): string | null {
  const at = chats.findIndex((chat) => chat.id === open);
  const next = at < 0 ? 0 : Math.max(0, Math.min(chats.length - 1, at + step));
  return chats[next]?.id ?? null;
}
