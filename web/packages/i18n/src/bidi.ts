const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufefc]/;

/** Wraps a value that may run against its sentence, so that it does not drag the words beside it along. */
export function isolate(value: string | number, dir: "ltr" | "rtl"): string | number {
  if (typeof value === "number" || value === "") return value;
  return dir === "rtl" || RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
}
