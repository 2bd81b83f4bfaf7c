/** What a message holds beyond words: the fields of suki.proto, an action or a header under its own name, 64-bit numbers as numbers. */

export type FileKind = "image" | "video" | "audio" | "document" | "sticker";

/** A file of a message; its bytes are asked for by its place among the message's files. */
export type MediaContent = {
  kind: FileKind;
  media_type: string;
  bytes: number;
  caption: string;
  filename: string;
  voice: boolean;
  /** Pixels, 0 when they are not known. */
  width: number;
  height: number;
  /** How long it plays, 0 when that is not known. */
  millis: number;
  /** A ThumbHash in base64, "" without. */
  preview: string;
};

export type LocationContent = { latitude: number; longitude: number; name: string; address: string };

export type ContactContent = {
  formatted_name: string;
  first_name: string;
  last_name: string;
  middle_name: string;
  suffix: string;
  prefix: string;
  birthday: string;
  phones: { phone: string; type: string; wa_id: string }[];
  emails: { value: string; type: string }[];
  urls: { value: string; type: string }[];
  addresses: { street: string; city: string; state: string; zip: string; country: string; type: string }[];
  company: string;
  department: string;
  title: string;
};

export type ContactsContent = { cards: ContactContent[] };

export type ProductContent = {
  retailer_id: string;
  name: string;
  description: string;
  /** Thousandths of the currency's unit. */
  price_1000: number;
  /** 0 without. */
  sale_price_1000: number;
  currency: string;
  unavailable: boolean;
  image: MediaContent | null;
};

type Link = { text: string; url: string };
type Choice = { id: string; title: string; description: string };
export type ReplyChoice = { id: string; title: string };

export type CarouselCardContent = {
  header: { media: MediaContent } | { product: ProductContent } | null;
  body: string;
  link: Link | null;
  buttons: ReplyChoice[];
};

/** What can be pressed; exactly one of these is there. */
export type Action = {
  buttons?: { buttons: ReplyChoice[] };
  list?: { button: string; sections: { title: string; rows: Choice[] }[] };
  link?: Link;
  location_request?: unknown;
  flow?: { call_to_action: string };
  product?: ProductContent;
  products?: { sections: { title: string; products: ProductContent[] }[] };
  catalog?: { thumbnail: ProductContent | null };
  carousel?: { cards: CarouselCardContent[] };
  address?: unknown;
  payment?: { reference_id: string };
};

export type InteractiveContent = {
  header: { header_text: string } | { header_media: MediaContent } | null;
  body: string;
  footer: string;
  action: Action | null;
};

/** What a customer pressed, chose or filled in. */
export type ReplyContent = {
  kind: "button_reply" | "list_reply" | "nfm_reply";
  id: string;
  title: string;
  description: string;
  /** Of a form: `flow` or `address_message`. */
  name: string;
  /** Of a form: what was filled in, as JSON. */
  json: string;
};

export type OrderContent = {
  text: string;
  items: { retailer_id: string; quantity: number; price_1000: number; currency: string; name: string }[];
};

/** What the reader of a template sees. */
export type ShownTemplate = {
  header: ShownHeader | null;
  body: string;
  footer: string | null;
  offer: string | null;
  offer_expires_at: number;
  buttons: ShownButton[];
  cards: { header: ShownHeader | null; body: string; buttons: ShownButton[] }[];
};

export type ShownHeader =
  | { type: "text"; text: string }
  | { type: "media"; kind: string; link: string; filename: string }
  | { type: "location"; latitude: number; longitude: number; name: string; address: string }
  | { type: "product"; id: string };

export type ShownButton = { type: string; text: string; value: string };

/** A file that was uploaded and can be sent. */
export type Upload = {
  id: string;
  kind: FileKind;
  media_type: string;
  bytes: number;
  filename: string;
  width: number;
  height: number;
  preview: string;
};
