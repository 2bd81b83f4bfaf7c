import { current, fmt, type Key, t } from "@suki/i18n";
import { asText, type Body, type Failure, type Message, type Rendered, readerLocale, shown } from "@suki/model";

/** What a line says where there is room for one line only. */
export function short(body: Body, business: string): string {
  if (body.type === "text") return body.text;
  if (body.type === "template") {
    const rendered = filledIn(body);
    return rendered ? asText(rendered) : t("messenger.template.short");
  }
  if (body.type === "unreadable") return t("messenger.unreadable.short");
  if (body.type !== "notice") return inShort(body);
  return t(`messenger.notice.${body.notice}` satisfies Key, { name: business });
}

/** What else a message is, in a few words. */
function inShort(body: Exclude<Body, { type: "text" | "template" | "unreadable" | "notice" }>): string {
  switch (body.type) {
    case "media": {
      const { kind, voice, caption, filename } = body.media;
      const what = t("ui.media.kind", { kind: voice ? "voice" : kind });
      return caption || filename ? t("messenger.short", { what, words: caption || filename }) : what;
    }
    case "location":
      return body.location.name || t("ui.place.here");
    case "contacts":
      return fmt().list(body.contacts.cards.slice(0, 3).map((card) => card.formattedName));
    case "interactive": {
      const { header, body: words } = body.interactive;
      return words || (header.case === "headerText" ? header.value : t("messenger.template.short"));
    }
    case "reply":
      return captionOf(body);
    case "order":
      return t("ui.order.title");
  }
}

/** The words of a bubble: a text, or what stands below a picture. */
export function captionOf(body: Body): string {
  switch (body.type) {
    case "text":
      return body.text;
    case "media":
      return body.media.caption;
    case "order":
      return body.order.text;
    case "reply":
      if (body.reply.kind === "nfm_reply") return body.reply.title || t("messenger.reply.form");
      return [body.reply.title, body.reply.description].filter(Boolean).join("\n");
    default:
      return "";
  }
}

/** A template as this reader sees it, or null when there is nothing to see. */
export function filledIn(body: Body): Rendered | null {
  return shown(body, readerLocale(current().intl));
}

/** Why a message was not sent, or null if it was. */
export function failureOf(message: Message): string | null {
  if (message.status !== "failed") return null;
  const { code, message: reason } = message.failure ?? ({ code: "refused", message: "" } satisfies Failure);
  if (code === "refused" && reason) return t("messenger.failure.refused.why", { reason });
  return t(`messenger.failure.${code}` satisfies Key);
}
