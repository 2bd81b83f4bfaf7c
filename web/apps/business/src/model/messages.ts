import type { Me, Message, Status } from "@suki/inbox";
import { advance, type ThreadItem, type TickState } from "@suki/ui/logic";
import type { Unsent } from "./outbox.svelte.ts";

/** A message as the thread shows it. */
export type ThreadMessage = ThreadItem & {
  author: string | null;
  /** As the server knows it; null while it waits on this device. */
  message: Message | null;
  text: string;
  ticks: TickState | null;
  quote: { id: string; text: string; mine: boolean } | null;
  viaApi: boolean;
  /** Why it was not sent: the server's code and words. */
  failure: { code: string; detail: string } | null;
  /** Trying again makes sense and was not done yet. */
  retryable: boolean;
};

const TICKS: Record<Status, TickState> = {
  pending: "queued",
  sent: "sent",
  delivered: "delivered",
  read: "read",
  // Whoever listened to a message has read it: the ticks say no more.
  played: "read",
  failed: "failed",
};
const STATUS: Record<TickState, Status> = {
  queued: "pending",
  sent: "sent",
  delivered: "delivered",
  read: "read",
  failed: "failed",
};

/** The ticks that stand for a status; none for a message of the customer's. */
export function ticksOf(status: Status | null): TickState | null {
  return status && TICKS[status];
}

/** The status after news of another one: it never goes back. */
export function forward(known: Status | null, next: Status | null): Status | null {
  if (!known || !next) return next ?? known;
  return STATUS[advance(TICKS[known], TICKS[next])];
}

/** What is known of a message after `next` arrived: the news, with the status that is further on. */
export function merge(known: Message | undefined, next: Message): Message {
  if (!known) return next;
  const status = forward(known.status, next.status);
  return { ...next, status, error: status === "failed" ? (next.error ?? known.error) : null };
}

export function fromServer(message: Message, me: Me["operator"], retried: boolean): ThreadMessage {
  const failed = message.status === "failed";
  return {
    id: message.id,
    at: message.at,
    side: message.from === "business" ? "out" : "in",
    author: message.operator?.name ?? null,
    own: message.operator?.id === me.id,
    message,
    text: message.text,
    ticks: message.from === "business" ? ticksOf(message.status ?? "pending") : null,
    quote: message.reply_to && quoteOf(message.reply_to),
    viaApi: message.via === "api",
    failure: failed ? failureOf(message) : null,
    retryable: failed && message.via === "inbox" && !retried,
  };
}

function failureOf({ error }: Message): { code: string; detail: string } {
  return { code: String(error?.code ?? ""), detail: error?.detail || error?.title || "" };
}

export function fromOutbox(unsent: Unsent, me: Me["operator"]): ThreadMessage {
  return {
    id: unsent.id,
    at: unsent.at,
    side: "out",
    author: me.name,
    own: true,
    message: null,
    text: unsent.text,
    ticks: unsent.refused === null ? "queued" : "failed",
    quote: unsent.reply_to && quoteOf(unsent.reply_to),
    viaApi: false,
    failure: unsent.refused,
    retryable: unsent.refused !== null,
  };
}

function quoteOf(quoted: NonNullable<Message["reply_to"]>): ThreadMessage["quote"] {
  return { id: quoted.id, text: quoted.text, mine: quoted.from === "business" };
}
