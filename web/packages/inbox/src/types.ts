import type {
  ContactsContent,
  InteractiveContent,
  LocationContent,
  MediaContent,
  OrderContent,
  ReplyContent,
  ShownTemplate,
} from "./contents.ts";

/** The inbox API as docs/INBOX-API.md describes it. Times are milliseconds since 1970 on the server's clock. */

export type Role = "owner" | "admin" | "operator";
export type Trust = "plain" | "checked" | "confirmed";
export type Status = "pending" | "sent" | "delivered" | "read" | "played" | "failed";
export type Side = "customer" | "business";

export type Operator = { id: string; name: string; email: string; role: Role; has_password: boolean };

export type Business = {
  id: string;
  name: string;
  about: string;
  trust: Trust;
  slug: string;
  hosted_by: string;
  phone: string;
  customer_link: string;
};

export type Me = { operator: Operator; business: Business };

export type Contact = { id: string; name: string; phone: string | null; username: string | null };

export type Chat = {
  id: string;
  contact: Contact;
  last: { id: string; text: string; type: Held["type"]; from: Side; at: number; status: Status | null } | null;
  /** For the operator who asks. */
  unread: number;
  /** Free text may be sent until then; null: the customer never wrote. */
  window_until: number | null;
  /** It ends soon, and the customer waits for an answer. */
  window_warning: boolean;
  updated_at: number;
};

/** The advertisement, post or link that a customer came from. */
export type Referral = { source_type: string; source_url: string; headline: string; body: string };

export type MessageError = { code: number; title: string; detail: string };

export type Reaction = { from: Side; emoji: string; at: number };

/** What a message is, with what it holds beyond words. */
export type Held =
  | { type: "text" | "button" | "unsupported"; content: null }
  | { type: "template"; content: null; template: ShownTemplate | null }
  | { type: MediaContent["kind"]; content: MediaContent | null }
  | { type: "location"; content: LocationContent | null }
  | { type: "contacts"; content: ContactsContent | null }
  | { type: "interactive"; content: InteractiveContent | ReplyContent | null }
  | { type: "order"; content: OrderContent | null };

export type Message = Held & {
  id: string;
  wamid: string;
  chat: string;
  from: Side;
  text: string;
  /** At most one of each side. */
  reactions: Reaction[];
  referral: Referral | null;
  reply_to: { id: string; text: string; from: Side } | null;
  at: number;
  /** Sorts within its chat. */
  order: number;
  /** Null on the customer's messages. */
  status: Status | null;
  error: MessageError | null;
  operator: { id: string; name: string } | null;
  via: "customer" | "inbox" | "api";
};

export type Live =
  | { type: "hello"; now: number }
  | { type: "message"; chat: Chat; message: Message }
  | { type: "status"; chat: string; ids: string[]; status: Status; at: number; error: MessageError | null }
  | { type: "chat"; chat: Chat }
  | { type: "window_warning"; chat: Chat }
  | { type: "read"; chat: string; unread: number }
  | {
      type: "typing";
      chat: string;
      who: "customer" | "operator";
      operator: { id: string; name: string } | null;
      on: boolean;
    };

export type Problem = { code: string; title: string; detail: string; status: number };
