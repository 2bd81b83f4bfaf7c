/** What a structured message shows: an approved template filled in. */
export interface Structured {
  header: StructuredHeader | null;
  body: string;
  footer: string;
  /** `until`: milliseconds since 1970, 0 when the offer does not end. */
  offer: { text: string; until: number } | null;
  buttons: StructuredButton[];
  cards: { header: StructuredHeader | null; body: string; buttons: StructuredButton[] }[];
}

export type StructuredHeader =
  | { type: "text"; text: string }
  | { type: "media"; kind: string; link: string; filename: string /** The file, for who draws it. */; media?: unknown }
  | { type: "location"; latitude: number; longitude: number; name: string; address: string }
  | { type: "product"; product: string }
  /** Something for sale: `price` is what it costs now, `before` what it did. */
  | { type: "goods"; name: string; text: string; price: string; before: string; media?: unknown };

export interface StructuredButton {
  /** The Cloud API's word, such as `QUICK_REPLY`. */
  kind: string;
  label: string;
  value: string;
}

/** What pressing a button does here. */
export type Press =
  | { does: "open"; href: string; host: string }
  | { does: "reply" }
  | { does: "copy" }
  /** Something opens in which the person goes on: a list, a form, a shelf of goods. */
  | { does: "ask" }
  | { does: "nothing" };

/** What a button does. An address leads out only over http and https; everything else is shown, and does nothing. */
export function press({ kind, value }: StructuredButton): Press {
  switch (kind) {
    case "QUICK_REPLY":
      return { does: "reply" };
    case "COPY_CODE":
    case "OTP":
      return value ? { does: "copy" } : { does: "nothing" };
    case "PHONE_NUMBER":
      return /^\+?[0-9 ()-]{3,25}$/.test(value)
        ? { does: "open", href: `tel:${value.replace(/[^+0-9]/g, "")}`, host: "" }
        : { does: "nothing" };
    case "URL":
      return link(value);
    case "LIST":
    case "LOCATION":
    case "FLOW":
    case "CATALOG":
    case "MPM":
    case "SPM":
    case "PRODUCT":
    case "ADDRESS":
    case "REQUEST_CONTACT_INFO":
      return { does: "ask" };
    default:
      return { does: "nothing" };
  }
}

/** Where a link leads, if it leads anywhere a person should go. */
export function link(address: string): Press {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    return { does: "nothing" };
  }
  if (!["http:", "https:"].includes(url.protocol)) return { does: "nothing" };
  return { does: "open", href: url.href, host: url.host };
}
