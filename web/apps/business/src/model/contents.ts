import { fmt, t } from "@suki/i18n";
import type {
  Action,
  CarouselCardContent,
  ContactContent,
  InteractiveContent,
  MediaContent,
  Message,
  OrderContent,
  ProductContent,
  ReplyChoice,
  ReplyContent,
  ShownButton,
  ShownHeader,
  ShownTemplate,
} from "@suki/inbox";
import {
  type FileInfo,
  previewOf,
  type Structured,
  type StructuredButton,
  type StructuredHeader,
  type VCard,
} from "@suki/ui/logic";

/** A file and which one of its message it is: as header before body, card after card. */
export type Placed = { place: number; media: MediaContent };

function bytes(base64: string): Uint8Array {
  try {
    return Uint8Array.from(atob(base64.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

/** A file as the components show it. */
export function infoOf(media: MediaContent): FileInfo {
  return {
    kind: media.kind,
    name: media.filename || t("ui.media.kind", { kind: media.voice ? "voice" : media.kind }),
    mediaType: media.media_type,
    bytes: media.bytes,
    width: media.width,
    height: media.height,
    millis: media.millis,
    voice: media.voice,
    preview: previewOf(bytes(media.preview)),
  };
}

/** Thousandths of a currency's unit, as the reader writes money. */
export function price(thousandths: number, currency: string): string {
  try {
    return fmt().money(thousandths * 1000, currency);
  } catch {
    return "";
  }
}

/** Gives every file of a message its place, in the order in which it is asked. */
class Places {
  #next = 0;

  put(media: MediaContent | null | undefined): { media: Placed } | Record<string, never> {
    return media ? { media: { place: this.#next++, media } } : {};
  }
}

function goods(product: ProductContent, places: Places): StructuredHeader {
  const { price_1000: usual, sale_price_1000: reduced, currency } = product;
  const sale = reduced > 0 && reduced < usual;
  return {
    type: "goods",
    name: product.name || product.retailer_id,
    text: product.unavailable ? t("business.message.unavailable") : product.description,
    price: price(sale ? reduced : usual, currency),
    before: sale ? price(usual, currency) : "",
    ...places.put(product.image),
  };
}

function header(from: InteractiveContent["header"] | CarouselCardContent["header"], places: Places) {
  if (!from) return null;
  if ("header_text" in from) return { type: "text", text: from.header_text } as const;
  if ("product" in from) return goods(from.product, places);
  const media = "media" in from ? from.media : from.header_media;
  return { type: "media", kind: media.kind, link: "", filename: media.filename, ...places.put(media) } as const;
}

const reply = ({ id, title }: ReplyChoice): StructuredButton => ({ kind: "QUICK_REPLY", label: title, value: id });

function buttons(action: Action): StructuredButton[] {
  const one = (kind: string, label: string, value = ""): StructuredButton[] => [{ kind, label, value }];
  if (action.buttons) return action.buttons.buttons.map(reply);
  if (action.list) return one("LIST", action.list.button);
  if (action.link) return one("URL", action.link.text, action.link.url);
  if (action.flow) return one("FLOW", action.flow.call_to_action);
  if (action.product) return one("PRODUCT", t("business.message.view"));
  if (action.products) return one("MPM", t("business.message.items"));
  if (action.catalog) return one("CATALOG", t("business.message.catalog"));
  if (action.payment) return one("PAYMENT", t("business.message.payment"));
  if ("location_request" in action) return one("LOCATION", t("business.message.location"));
  return "address" in action ? one("ADDRESS", t("business.message.address")) : [];
}

/** What the business asked its customer, as the components show it. */
export function structured(message: InteractiveContent): Structured {
  const places = new Places();
  const action = message.action ?? {};
  const head = header(message.header, places);
  const sold = action.product ?? action.catalog?.thumbnail;
  return {
    header: head ?? (sold ? goods(sold, places) : null),
    body: message.body,
    footer: message.footer,
    offer: null,
    buttons: buttons(action),
    cards: (action.carousel?.cards ?? []).map((card) => ({
      header: header(card.header, places),
      body: card.body,
      buttons: [
        ...(card.link ? [{ kind: "URL", label: card.link.text, value: card.link.url }] : []),
        ...card.buttons.map(reply),
      ],
    })),
  };
}

function shownHeader(from: ShownHeader | null, places: Places): StructuredHeader | null {
  if (from?.type === "product") return { type: "product", product: from.id };
  if (from?.type !== "media") return from;
  const { kind, filename } = from;
  if (kind !== "image" && kind !== "video" && kind !== "document") return from;
  // Of a template's file no more is known than its kind: the rest comes with it.
  const unknown = { media_type: "", bytes: 0, caption: "", voice: false, width: 0, height: 0, millis: 0, preview: "" };
  return { ...from, ...places.put({ kind, filename, ...unknown }) };
}

const shownButton = ({ type, text, value }: ShownButton): StructuredButton => ({ kind: type, label: text, value });

/** A template as its reader sees it. */
export function filledIn(shown: ShownTemplate): Structured {
  const places = new Places();
  return {
    header: shownHeader(shown.header, places),
    body: shown.body,
    footer: shown.footer ?? "",
    offer: shown.offer ? { text: shown.offer, until: shown.offer_expires_at } : null,
    buttons: shown.buttons.map(shownButton),
    cards: shown.cards.map((card) => ({
      header: shownHeader(card.header, places),
      body: card.body,
      buttons: card.buttons.map(shownButton),
    })),
  };
}

export function isPlaced(value: unknown): value is Placed {
  return typeof value === "object" && value !== null && "place" in value && "media" in value;
}

/** What the customer answered, when an interactive message is his. */
export function replyOf(message: Message): ReplyContent | null {
  return message.type === "interactive" && message.content && "kind" in message.content ? message.content : null;
}

/** What the business asked, when an interactive message is its own. */
export function askedOf(message: Message): InteractiveContent | null {
  return message.type === "interactive" && message.content && !("kind" in message.content) ? message.content : null;
}

/** A filled-in form as lines of a table: what was asked, and what was answered. None of what only machines need. */
export function filledForm(json: string): { label: string; value: string }[] {
  let form: unknown;
  try {
    form = JSON.parse(json);
  } catch {
    return json ? [{ label: "", value: json }] : [];
  }
  return lines(form, "").filter(({ label, value }) => label !== "flow token" && value !== "");
}

function lines(value: unknown, label: string): { label: string; value: string }[] {
  if (value === null || value === undefined) return [];
  if (Array.isArray(value) && value.every((one) => typeof one !== "object")) {
    return [{ label, value: fmt().list(value.map(String)) }];
  }
  if (typeof value === "object") return Object.entries(value).flatMap(([key, one]) => lines(one, labelOf(key)));
  if (typeof value === "boolean") return [{ label, value: t(value ? "business.message.yes" : "business.message.no") }];
  return [{ label, value: String(value) }];
}

// Forms name their fields for programs: `screen_0_First_name_1` is "First name".
function labelOf(key: string): string {
  return key
    .replace(/^screen_\d+_/, "")
    .replace(/_\d+$/, "")
    .replaceAll("_", " ")
    .trim();
}

/** An order as the components show it: prices of all pieces together, and the sum. */
export function orderOf({ items }: OrderContent) {
  const sum = items.reduce((total, one) => total + one.price_1000 * one.quantity, 0);
  return {
    items: items.map(({ retailer_id, name, quantity, price_1000, currency }) => {
      return { id: retailer_id, name, quantity, price: price(price_1000 * quantity, currency) };
    }),
    total: price(sum, items[0]?.currency ?? ""),
  };
}

/** A person as the components show him. */
export function personOf(card: ContactContent) {
  return {
    name: card.formatted_name,
    role: [card.title, card.department, card.company].filter(Boolean).join(", "),
    phones: card.phones.map((one) => one.phone || one.wa_id).filter(Boolean),
    emails: card.emails.map((one) => one.value).filter(Boolean),
  };
}

/** The same person as an address book keeps him. */
export function cardOf(card: ContactContent): VCard {
  return {
    ...card,
    formattedName: card.formatted_name,
    firstName: card.first_name,
    lastName: card.last_name,
    middleName: card.middle_name,
    phones: card.phones.map(({ phone, type, wa_id }) => ({ phone, type, waId: wa_id })),
  };
}

/** The words of a bubble: a text, or what stands below a picture. */
export function wordsOf(message: Message): string {
  const reply = replyOf(message);
  if (reply?.kind === "nfm_reply") return "";
  if (reply) return [reply.title, reply.description].filter(Boolean).join("\n");
  switch (message.type) {
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return message.content?.caption ?? "";
    case "location":
    case "contacts":
      return message.content ? "" : message.text;
    default:
      return message.text;
  }
}

/** What a message says where there is room for one line only. */
export function short(message: Message): string {
  if (message.text) return message.text;
  return message.type === "audio" && message.content?.voice
    ? t("ui.media.kind", { kind: "voice" })
    : wordFor(message.type);
}

/** A word for what a message without words is. */
export function wordFor(type: Message["type"]): string {
  switch (type) {
    case "image":
    case "video":
    case "audio":
    case "document":
    case "sticker":
      return t("ui.media.kind", { kind: type });
    case "contacts":
      return t("business.message.contact");
    case "location":
      return t("ui.place.here");
    case "order":
      return t("ui.order.title");
    case "interactive":
      return t("business.message.form");
    default:
      return t("business.message.something");
  }
}
