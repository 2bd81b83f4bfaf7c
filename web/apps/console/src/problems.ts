import { Refusal } from "@suki/console-api";
import { type Key, t } from "@suki/i18n";

const KNOWN: Partial<Record<string, Key>> = {
  storage_full: "console.problem.storage",
  unavailable: "console.problem.unavailable",
  internal: "console.problem.internal",
  forbidden: "console.problem.forbidden",
};

/** What went wrong, in the reader's language where the app knows the code, else in the server's words. */
export function explain(error: unknown): string {
  if (!(error instanceof Refusal)) return t("console.problem.connection");
  const key = KNOWN[error.code];
  return key ? t(key) : sentence(error.detail || error.message);
}

function sentence(text: string): string {
  const trimmed = text.trim();
  const begun = trimmed.charAt(0).toLocaleUpperCase() + trimmed.slice(1);
  return /[.!?…]$/.test(begun) || !begun ? begun : `${begun}.`;
}
