import type { Media } from "@suki/api/gen";

/** The approved texts of a template's name in all its languages, as the network signs them (`suki_protocol::template::Pack`). */
export interface Pack {
  /** Whose, hexadecimal. */
  business: string;
  name: string;
  /** Grows with every change. */
  serial: number;
  issuedAt: number;
  /** After so many milliseconds it is fetched again. */
  refreshMillis: number;
  /** After so many milliseconds at the latest a failed download is tried again. */
  retryMillis: number;
  /** What happens when the reader's language is missing: the sender's is shown, or nothing. */
  fallback: "sender" | "refuse";
  /** The newest version of a language comes first; older ones stand here while messages of them may be under way. */
  languages: PackText[];
}

/** An approved text. */
export interface PackText {
  language: string;
  templateId: number;
  version: number;
  category: "MARKETING" | "UTILITY" | "AUTHENTICATION";
  components: Component[];
}

/** The Cloud API's `components`, as far as a reader sees them. */
export type Component =
  | { type: "HEADER"; format: string; text?: string }
  | { type: "BODY"; text?: string }
  | { type: "FOOTER"; text?: string }
  | { type: "BUTTONS"; buttons: ButtonShape[] }
  | { type: "CAROUSEL"; cards: { components: Component[] }[] }
  | { type: "LIMITED_TIME_OFFER"; limited_time_offer: { text: string; has_expiration?: boolean } };

export interface ButtonShape {
  type: string;
  text?: string;
  url?: string;
  phone_number?: string;
}

/** What a reader sees. */
export interface Rendered {
  header: RenderedHeader | null;
  body: string;
  footer: string;
  /** `until`: milliseconds since 1970, 0 when the offer does not end. */
  offer: { text: string; until: number } | null;
  buttons: RenderedButton[];
  cards: { header: RenderedHeader | null; body: string; buttons: RenderedButton[] }[];
}

export type RenderedHeader =
  | { type: "text"; text: string }
  /** `media`: the file, when it lies on the network; otherwise there is a link to it. */
  | { type: "media"; kind: string; link: string; filename: string; media?: Media }
  | { type: "location"; latitude: number; longitude: number; name: string; address: string }
  | { type: "product"; product: string };

export interface RenderedButton {
  /** The Cloud API's word, such as `QUICK_REPLY`. */
  kind: string;
  /** "" when the app writes its own words. */
  label: string;
  /** The address, number, code or answer. */
  value: string;
}
