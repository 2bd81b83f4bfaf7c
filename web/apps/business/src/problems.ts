import { type Key, t } from "@suki/i18n";
import { Refusal } from "@suki/inbox";

/** A refusal the app has its own words for, by where it happened. */
export type Words = Partial<Record<string, Key>>;

const EVERYWHERE: Words = {
  rate_limited: "business.problem.rate",
  storage_full: "business.problem.storage",
  unavailable: "business.problem.unavailable",
  internal: "business.problem.internal",
};

/** What went wrong, in the reader's language where the app knows the code, else in the server's words. */
export function explain(code: string, detail: string, words: Words = {}): string {
  const key = words[code] ?? EVERYWHERE[code];
  return key ? t(key) : sentence(detail);
}

/** The same for whatever a call rejected with: no answer at all is a problem of the connection. */
export function explainError(error: unknown, words: Words = {}): string {
  return error instanceof Refusal
    ? explain(error.code, error.detail || error.message, words)
    : t("business.problem.connection");
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const begun = trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(begun) || !begun ? begun : `${begun}.`;
}
