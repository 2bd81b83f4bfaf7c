import { fmt, t } from "@suki/i18n";
import type { CarouselCard as Card, Interactive, Media, Product } from "@suki/model";
import { type FileInfo, previewOf, type Structured, type StructuredButton, type StructuredHeader } from "@suki/ui";

/** A file as the components show it. */
export function infoOf(media: Media): FileInfo {
  const kind = media.kind as FileInfo["kind"];
  return {
    kind,
    name: media.filename || t("ui.media.kind", { kind: media.voice ? "voice" : kind }),
    mediaType: media.mediaType,
    bytes: Number(media.bytes),
    width: media.width,
    height: media.height,
    millis: media.millis,
    voice: media.voice,
    preview: previewOf(media.preview),
  };
}

/** Thousandths of a currency's unit, as the reader writes money. */
export function price(thousandths: bigint, currency: string): string {
  try {
    return fmt().money(Number(thousandths) * 1000, currency);
  } catch {
    return "";
  }
}

export function goods(product: Product): StructuredHeader {
  const { name, retailerId, description, price1000, salePrice1000, currency, unavailable, image } = product;
  const sale = salePrice1000 > 0n && salePrice1000 < price1000;
  return {
    type: "goods",
    name: name || retailerId,
    text: unavailable ? t("messenger.shop.unavailable") : description,
    price: price(sale ? salePrice1000 : price1000, currency),
    before: sale ? price(price1000, currency) : "",
    ...(image && { media: image }),
  };
}

function header(from: Interactive | Card): StructuredHeader | null {
  const { case: what, value } = from.header;
  if (what === "headerText") return { type: "text", text: value };
  if (what === "product") return goods(value);
  if (what !== "headerMedia" && what !== "media") return null;
  return { type: "media", kind: value.kind, link: "", filename: value.filename, media: value };
}

const reply = ({ id, title }: { id: string; title: string }): StructuredButton => {
  return { kind: "QUICK_REPLY", label: title, value: id };
};

function buttons({ action: { case: what, value } }: Interactive): StructuredButton[] {
  const one = (kind: string, label: string, data = ""): StructuredButton[] => [{ kind, label, value: data }];
  switch (what) {
    case "buttons":
      return value.buttons.map(reply);
    case "list":
      return one("LIST", value.button);
    case "link":
      return one("URL", value.text, value.url);
    case "locationRequest":
      return one("LOCATION", t("messenger.location.send"));
    case "flow":
      return one("FLOW", value.callToAction);
    case "product":
      return one("PRODUCT", t("messenger.shop.view"));
    case "products":
      return one("MPM", t("messenger.shop.items"));
    case "catalog":
      return one("CATALOG", t("messenger.shop.catalog"));
    case "address":
      return one("ADDRESS", t("messenger.address.send"));
    case "payment":
      return one("PAYMENT", t("messenger.payment"));
    default:
      return [];
  }
}

function card(one: Card): Structured["cards"][number] {
  const links = one.link ? [{ kind: "URL", label: one.link.text, value: one.link.url }] : [];
  return { header: header(one), body: one.body, buttons: [...links, ...one.buttons.map(reply)] };
}

/** What can be pressed, chosen or bought, as the components show it. */
export function structured(message: Interactive): Structured {
  const { action } = message;
  const shown =
    action.case === "product"
      ? goods(action.value)
      : action.case === "catalog" && action.value.thumbnail
        ? goods(action.value.thumbnail)
        : null;
  return {
    header: header(message) ?? shown,
    body: message.body,
    footer: message.footer,
    offer: null,
    buttons: buttons(message),
    cards: action.case === "carousel" ? action.value.cards.map(card) : [],
  };
}

/** Whether it is a file: what a header of a structured message holds is not known to who draws it. */
export function isMedia(value: unknown): value is Media {
  return typeof value === "object" && value !== null && "$typeName" in value && value.$typeName === "suki.v1.Media";
}
