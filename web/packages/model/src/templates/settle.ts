import { fromBinary } from "@bufbuild/protobuf";
import { TemplateSchema } from "@suki/api/gen";
import type { Body, TemplateBody } from "../types.ts";
import { chosen, exactly } from "./pack.ts";
import { type ReaderLocale, render } from "./render.ts";
import type { Pack, Rendered } from "./shapes.ts";

/** Leaves money and time in the sender's words: enough to see whether everything fits. */
const SENDER_WORDS: ReaderLocale = { currency: () => null, dateTime: () => null };

/**
 * What becomes of a template once its pack is here. `fresh`: the pack was fetched after the message came, so that what it lacks
 * does not exist; an older one is waited for.
 */
export function settled(body: TemplateBody, pack: Pack, languages: readonly string[], fresh: boolean): TemplateBody {
  const sender = exactly(pack, body.templateId, body.version, body.category);
  if (!sender) return fresh ? { ...body, state: "refused" } : body;
  const sent = fromBinary(TemplateSchema, body.sent);
  if (sent.name !== pack.name) return { ...body, state: "refused" };
  const text = chosen(pack, sender, sent.readerLanguage, languages);
  if (!text) return { ...body, state: "untranslated" };
  try {
    render(text.components, sent, SENDER_WORDS);
  } catch {
    return { ...body, state: "refused" };
  }
  return { ...body, state: "shown", text };
}

/** What the reader sees, or null while there is nothing to see. */
export function shown(body: Body, locale: ReaderLocale): Rendered | null {
  if (body.type !== "template" || body.state !== "shown" || !body.text) return null;
  try {
    return render(body.text.components, fromBinary(TemplateSchema, body.sent), locale);
  } catch {
    return null;
  }
}
