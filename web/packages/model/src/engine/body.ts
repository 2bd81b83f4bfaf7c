import { create, toBinary } from "@bufbuild/protobuf";
import { type Content, ContentSchema, type Header, MessageKind, type Template, TemplateSchema } from "@suki/api/gen";
import { keepsLimits } from "../mls/limits.ts";
import type { Body, TemplateBody } from "../types.ts";

type Case = NonNullable<Content["body"]["case"]>;
type Claims = Pick<Header, "kind" | "templateId"> & { category: string | null };

/** The kind that a header has to name for each content. */
export function kindOf(what: Case): MessageKind {
  switch (what) {
    case "history":
    case "exchange":
      return MessageKind.CONTROL;
    case "template":
      return MessageKind.TEMPLATE;
    case "reaction":
      return MessageKind.REACTION;
    default:
      return MessageKind.SESSION;
  }
}

/** What a message holds, or why it cannot be shown. The words of a template come from its approved text, never from here. */
export function bodyOf(content: Content, header: Claims, from: "me" | "business"): Body | "newer" | "forged" {
  const { body } = content;
  if (!body.case) return "newer";
  if (kindOf(body.case) !== header.kind || !keepsLimits(content)) return "forged";
  switch (body.case) {
    case "text":
      return { type: "text", text: body.value.body };
    case "media":
      return { type: "media", media: body.value };
    case "location":
      return { type: "location", location: body.value };
    case "contacts":
      return { type: "contacts", contacts: body.value };
    case "template":
      return from === "business" ? template(body.value, header) : "forged";
    case "interactive":
      return from === "business" ? { type: "interactive", interactive: body.value } : "forged";
    default:
      return from === "me" ? said(body) : "newer";
  }
}

/** What only a customer says. */
function said(body: Content["body"]): Body | "newer" {
  switch (body.case) {
    case "buttonReply":
      return { type: "text", text: body.value.text, payload: body.value.payload };
    case "interactiveReply":
      return { type: "reply", reply: body.value };
    case "order":
      return { type: "order", order: body.value };
    default:
      return "newer";
  }
}

function template(value: Template, { templateId: named, category }: Claims): TemplateBody | "forged" {
  const found = /^([1-9][0-9]{0,15})\.([1-9][0-9]{0,9})$/.exec(named);
  if (!found) return "forged";
  const [templateId, version] = [Number(found[1]), Number(found[2])];
  const sent = toBinary(TemplateSchema, value);
  return { type: "template", name: value.name, templateId, version, category, sent, state: "waiting", text: null };
}

/** A person's message as it is sent: the encoded content. Fails for what people do not send. */
export function contentOf(body: Body): Uint8Array<ArrayBuffer> {
  return toBinary(ContentSchema, create(ContentSchema, { body: wire(body) }));
}

function wire(body: Body): Content["body"] {
  switch (body.type) {
    case "text": {
      const { text, payload } = body;
      const content = create(ContentSchema, {
        body:
          payload === undefined
            ? { case: "text", value: { body: text } }
            : { case: "buttonReply", value: { text, payload } },
      });
      return content.body;
    }
    case "media":
      return { case: "media", value: body.media };
    case "location":
      return { case: "location", value: body.location };
    case "contacts":
      return { case: "contacts", value: body.contacts };
    case "reply":
      return { case: "interactiveReply", value: body.reply };
    case "order":
      return { case: "order", value: body.order };
    default:
      throw new TypeError(`people send no ${body.type}`);
  }
}
