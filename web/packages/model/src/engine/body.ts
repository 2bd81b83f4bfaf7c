import { toBinary } from "@bufbuild/protobuf";
import { type Content, type Header, MessageKind, TemplateSchema } from "@suki/api/gen";
import type { Body } from "../types.ts";

/** The kind that a header has to name for each content. */
const KIND = {
  text: MessageKind.SESSION,
  buttonReply: MessageKind.SESSION,
  template: MessageKind.TEMPLATE,
  reaction: MessageKind.REACTION,
} as const;

type Claims = Pick<Header, "kind" | "templateId"> & { category: string | null };

/** What a message holds, or why it cannot be shown. The words of a template come from its approved text, never from here. */
export function bodyOf(content: Content, header: Claims, from: "me" | "business"): Body | "newer" | "forged" {
  const { body } = content;
  if (!body.case || !(body.case in KIND)) return "newer";
  if (KIND[body.case as keyof typeof KIND] !== header.kind) return "forged";
  switch (body.case) {
    case "text":
      return body.value.body === "" ? "newer" : { type: "text", text: body.value.body };
    case "buttonReply":
      return from === "me" && body.value.text ? { type: "text", text: body.value.text } : "forged";
    case "template": {
      const named = /^([1-9][0-9]{0,15})\.([1-9][0-9]{0,9})$/.exec(header.templateId);
      if (!named || from !== "business") return "forged";
      const { name } = body.value;
      const sent = toBinary(TemplateSchema, body.value);
      const [templateId, version] = [Number(named[1]), Number(named[2])];
      return {
        type: "template",
        name,
        templateId,
        version,
        category: header.category,
        sent,
        state: "waiting",
        text: null,
      };
    }
    default:
      return "newer";
  }
}
