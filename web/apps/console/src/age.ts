import { fmt } from "@suki/i18n";

const DAY = 86_400_000;

/** How long something has waited, in its largest unit. */
export function age(span: number): string {
  return span >= DAY ? fmt().days(Math.floor(span / DAY)) : fmt().left(Math.max(span, 0));
}
