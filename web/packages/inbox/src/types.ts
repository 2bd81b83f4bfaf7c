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
  last: { id: string; text: string; from: Side; at: number; status: Status | null } | null;
  /** For the operator who asks. */
  unread: number;
  /** Free text may be sent until then; null: the customer never wrote. */
  window_until: number | null;
  /** It ends soon, and the customer waits for an answer. */
  window_warning: boolean;
  updated_at: number;
};

export type MessageError = { code: number; title: string; detail: string };

export type Message = {
  id: string;
  wamid: string;
  chat: string;
  from: Side;
  type: "text" | "template" | "button";
  text: string;
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
