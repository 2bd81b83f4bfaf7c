import { create, fromJson, type JsonValue, type MessageInitShape } from "@bufbuild/protobuf";
import { hex } from "@suki/api";
import {
  ContactsSchema,
  InteractiveReplySchema,
  LocationSchema,
  type Media,
  MediaSchema,
  OrderSchema,
  type Product,
  ProductSchema,
} from "@suki/api/gen";
import type { SealedFile } from "./files.ts";
import type { Body } from "./types.ts";

type Shape<Schema extends Parameters<typeof create>[0]> = MessageInitShape<Schema>;

/** A sealed file as a message describes it; its name comes with the upload. */
export function fileBody({ key, sha256 }: SealedFile, about: Omit<Shape<typeof MediaSchema>, "key" | "sha256">): Body {
  return { type: "media", media: create(MediaSchema, { ...(about as object), key, sha256 }) };
}

/** A place on earth. */
export function locationBody(about: Shape<typeof LocationSchema>): Body {
  return { type: "location", location: create(LocationSchema, about) };
}

/** People, as cards of an address book. */
export function contactsBody(about: Shape<typeof ContactsSchema>): Body {
  return { type: "contacts", contacts: create(ContactsSchema, about) };
}

/** What was pressed, chosen or filled in. */
export function replyBody(about: Shape<typeof InteractiveReplySchema>): Body {
  return { type: "reply", reply: create(InteractiveReplySchema, about) };
}

/** A cart that is sent. */
export function orderBody(about: Shape<typeof OrderSchema>): Body {
  return { type: "order", order: create(OrderSchema, about) };
}

/** What a file is called on the network, hexadecimal; "" before it is there. */
export function fileName(media: Media): string {
  return hex(media.blob);
}

/** Products as the endpoint tells them as JSON (`suki.proto` in its snake case); what is none is left out. */
export function productsOf(json: unknown): Product[] {
  if (!Array.isArray(json)) return [];
  return json.slice(0, 200).flatMap((one) => {
    try {
      const product = fromJson(ProductSchema, one as JsonValue, { ignoreUnknownFields: true });
      return product.retailerId === "" ? [] : [product];
    } catch {
      return [];
    }
  });
}
