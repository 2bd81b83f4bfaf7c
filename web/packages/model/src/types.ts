import type { Choice, Trust } from "@suki/api";
import type { Contacts, Interactive, InteractiveReply, Location, Media, Order } from "@suki/api/gen";
import type { PackText } from "./templates/shapes.ts";

/** What became of a message of ours. It only moves forward; `failed` is final until the person tries again. */
export type Status = "queued" | "sent" | "delivered" | "read" | "failed";

/** What a message or a line of the thread holds. */
export type Body =
  /** `payload`: it was the press of a template's button, and this goes back with its label. */
  | { type: "text"; text: string; payload?: string }
  /** A file that lies encrypted on the network. */
  | { type: "media"; media: Media }
  | { type: "location"; location: Location }
  | { type: "contacts"; contacts: Contacts }
  /** Of the business: something to press, choose, fill in or buy. */
  | { type: "interactive"; interactive: Interactive }
  /** Of this person: what was pressed, chosen or filled in. */
  | { type: "reply"; reply: InteractiveReply }
  | { type: "order"; order: Order }
  /** An approved template with the business's parameters: shown from the approved text alone. */
  | TemplateBody
  /** Something arrived that cannot be shown: `lost` keys, made by a newer program (`newer`), or not what it claims to be (`forged`). */
  | { type: "unreadable"; why: "lost" | "newer" | "forged" }
  /** A change of the conversation's keys that a person should be able to see. */
  | { type: "notice"; notice: Notice };

export interface TemplateBody {
  type: "template";
  name: string;
  templateId: number;
  version: number;
  /** As its header says; null for what came as history. */
  category: string | null;
  /** A `Template` of the schema, as it came. */
  sent: Uint8Array<ArrayBuffer>;
  /**
   * `waiting` for the approved text; `shown` with it; `refused`: there is no such approved text, or the parameters do not fit it;
   * `untranslated`: there is one, but none that this reader should be shown.
   */
  state: "waiting" | "shown" | "refused" | "untranslated";
  /** The approved text in this reader's language, once it is here. */
  text: PackText | null;
}

/** What the person lets a business do, as far as lists show it. */
export interface Relations {
  choice: Choice;
  /** What he chose for all businesses. */
  global: Choice;
  blockedAt: number | null;
  stoppedAt: number | null;
}

export type Notice = "stopped" | "resumed" | "device-added" | "device-removed" | "endpoint-changed" | "rejoined";

/** A line of a thread. Ids are hexadecimal. */
export interface Message {
  conversation: string;
  id: string;
  /** Sorts within the conversation: the network's time of acceptance; what is not accepted yet comes last. */
  order: number;
  /** When it was sent, milliseconds since 1970: the network's time, ours until it has one. */
  at: number;
  from: "me" | "business";
  body: Body;
  /** The message this answers. */
  replyTo: string | null;
  /** `null` on what the business sent and on notices. */
  status: Status | null;
  /** Why it failed. */
  failure: Failure | null;
  /** What either side said to it with an emoji; the newest of each counts. */
  reactions?: Reaction[];
  /** A voice of the business that this person has listened to. */
  played?: true;
  /** 1 if it counts as unread until it is seen; a number because indexes take no booleans. */
  counts: 0 | 1;
}

/** An emoji on a message. "" when it was taken back. */
export interface Reaction {
  from: "me" | "business";
  emoji: string;
  /** Milliseconds since 1970: the network's time, ours until it has one. */
  at: number;
}

export interface Failure {
  code: "expired" | "refused" | "too-large" | "conflict";
  /** The network's own sentence, "" if it had none. */
  message: string;
}

/** Who a business is, as the network vouches for it. */
export interface Card {
  business: string;
  name: string;
  about: string;
  trust: Trust;
  hostedBy: string;
  slug: string;
  /** `official`, `verified`, `shop`: shown beside the name (R45). */
  labels?: string[];
  /** Somebody looks at who this is (R42). */
  pending?: boolean;
  /** The number customers may know it by, digits alone. */
  phone?: string;
}

/** A conversation with one business. */
export interface Conversation {
  id: string;
  card: Card;
  /** The group's epoch as the network knows it; 0 while the business's endpoint has not made it. */
  epoch: number;
  openedAt: number;
  /** Everything of the business up to here was shown to this person. */
  readOrder: number;
  /** A read mark that the network has not taken yet: the message's id. */
  readPending: string | null;
  /** Voices that were listened to, as far as the network has not been told: the messages' ids. Absent until the first. */
  playsPending?: string[];
  /** Everything of ours up to here was shown to the business. */
  otherReadOrder: number;
  unread: number;
  last: Last | null;
  /** Sorts the list of chats, newest first. */
  activity: number;
  draft: string;
  /** The name the business has been told. */
  nameSent: string;
  /** Absent until it was asked or told. */
  relation?: Relations;
}

/** The last line of a conversation, as a list shows it. */
export interface Last {
  id: string;
  body: Body;
  from: "me" | "business";
  at: number;
  status: Status | null;
}

/** Who this device is. */
export interface Identity {
  account: string;
  device: string;
  certificate: Uint8Array<ArrayBuffer>;
  networkKey: Uint8Array<ArrayBuffer>;
  phone: string | null;
  /** The device's Ed25519 seed, sealed. */
  seed: Sealed;
  /** The account's other devices have removed this one. */
  removed: boolean;
  /** How the person wishes to be called, "" if he did not say. */
  name: string;
  registeredAt: number;
  /** Came to the account by a link code: other devices were there before. */
  linked: boolean;
}

/** Bytes sealed under the device's own key, AES-256-GCM. */
export interface Sealed {
  iv: Uint8Array<ArrayBuffer>;
  data: ArrayBuffer;
}

/** A device of the account. */
export interface OwnDevice {
  id: string;
  name: string;
  addedAt: number;
  current: boolean;
}

/** Where the connection stands, for people. */
export type Connection = "connecting" | "online" | "offline";
