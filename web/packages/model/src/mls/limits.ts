import type { Card, Content, Interactive, Media, Product } from "@suki/api/gen";

/** The most characters of a caption, and of what stands in a header or footer. */
export const CAPTION_CHARS = 1024;
/** The most characters of a file's name. */
export const FILENAME_CHARS = 240;
/** The most people that one message introduces. */
export const CONTACT_CARDS = 257;
/** The most products that one message shows. */
const PRODUCTS = 30;
/** The most bytes of JSON inside a message. */
const JSON_BYTES = 48 * 1024;
const TEXT = 4096;
const KINDS = ["image", "video", "audio", "document", "sticker"];

const short = (text: string, most: number) => [...text].length <= most;
const filled = (text: string, most: number) => text !== "" && short(text, most);
const fits = (json: string) => json.length <= JSON_BYTES;

function media(file: Media | undefined): boolean {
  if (!file) return true;
  const { kind, blob, key, sha256, preview, caption, filename } = file;
  const named = [blob, key, sha256].every((bytes) => bytes.length === 32);
  const written = short(caption, CAPTION_CHARS) && short(filename, FILENAME_CHARS);
  return KINDS.includes(kind) && named && preview.length <= 100 && written;
}

function product(one: Product | undefined): boolean {
  return !one || (one.retailerId !== "" && one.price1000 >= 0n && one.salePrice1000 >= 0n && media(one.image));
}

/** What is pressed opens a page and runs nothing. */
function link(url: string | undefined): boolean {
  return url === undefined || (/^https?:\/\//i.test(url) && url.length <= 2000);
}

function card({ header, link: to }: Card): boolean {
  if (!link(to?.url)) return false;
  return header.case === "media" ? media(header.value) : header.case === "product" && product(header.value);
}

function action({ action: { case: what, value } }: Interactive): boolean {
  switch (what) {
    case "buttons":
      return value.buttons.length >= 1 && value.buttons.length <= 3;
    case "list": {
      const rows = value.sections.reduce((sum, section) => sum + section.rows.length, 0);
      return rows >= 1 && rows <= 10;
    }
    case "link":
      return link(value.url);
    case "flow":
      return value.flowId !== "" && fits(value.json);
    case "product":
      return product(value);
    case "products": {
      const all = value.sections.flatMap((section) => section.products);
      return all.length >= 1 && all.length <= PRODUCTS && all.every(product);
    }
    case "catalog":
      return product(value.thumbnail);
    case "carousel":
      return value.cards.length >= 2 && value.cards.length <= 10 && value.cards.every(card);
    case "address":
      return fits(value.values);
    case "payment":
      return fits(value.json);
    default:
      return what === "locationRequest";
  }
}

function interactive(one: Interactive): boolean {
  const { header, body, footer } = one;
  const headed =
    header.case === "headerText" ? filled(header.value, CAPTION_CHARS) : !header.case || media(header.value);
  return headed && short(body, TEXT) && short(footer, CAPTION_CHARS) && action(one);
}

/** Whether a content keeps its limits, as `suki_protocol::content::check` has them: what does not is shown to nobody. */
export function keepsLimits({ body: { case: what, value } }: Content): boolean {
  switch (what) {
    case "text":
      return filled(value.body, TEXT);
    case "buttonReply":
      return filled(value.text, TEXT);
    case "reaction":
      return value.messageId.length === 16 && short(value.emoji, 16);
    case "media":
      return media(value);
    case "location": {
      const { latitude, longitude, name, address, url } = value;
      const onEarth = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
      return onEarth && [name, address, url].every((text) => short(text, 1000));
    }
    case "contacts": {
      const { cards } = value;
      return (
        cards.length >= 1 && cards.length <= CONTACT_CARDS && cards.every((one) => filled(one.formattedName, 1000))
      );
    }
    case "interactive":
      return interactive(value);
    case "interactiveReply":
      return fits(value.json) && value.id.length <= 1024 && short(value.title, CAPTION_CHARS);
    case "order": {
      const { items, text } = value;
      const right = items.every((one) => one.retailerId !== "" && one.quantity > 0 && one.price1000 >= 0n);
      return short(text, TEXT) && items.length >= 1 && items.length <= 100 && right;
    }
    case "exchange":
      return value.id.length === 16 && value.kind !== "" && value.json.length <= JSON_BYTES;
    default:
      return what === "template" || what === "history";
  }
}
