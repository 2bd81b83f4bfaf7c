import { current, type Key, t } from "@suki/i18n";
import { asText, type Body, type Failure, type Message, type Rendered, readerLocale, shown } from "@suki/model";

/** What a line says where there is room for one line only. */
export function short(body: Body, business: string): string {
  if (body.type === "text") return body.text;
  if (body.type === "template") {
    const rendered = filledIn(body);
    return rendered ? asText(rendered) : t("messenger.template.short");
  }
  if (body.type === "unreadable") return t("messenger.unreadable.short");
  return t(`messenger.notice.${body.notice}` satisfies Key, { name: business });
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
