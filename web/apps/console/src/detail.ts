import type { Detail } from "@suki/console-api";

/** A text of a case's detail; empty when it is not there. */
export function text(detail: Detail, name: string): string {
  const value = detail[name];
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : "";
}

/** A list of a case's detail. */
export function list(detail: Detail, name: string): Detail[] {
  const value = detail[name];
  return Array.isArray(value) ? value.filter((one): one is Detail => typeof one === "object" && one !== null) : [];
}

/** A list of texts of a case's detail. */
export function texts(detail: Detail, name: string): string[] {
  const value = detail[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

/** A part of a case's detail that has parts itself. */
export function part(detail: Detail, name: string): Detail {
  const value = detail[name];
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Detail) : {};
}

/** What a detail says that has no place of its own: plain values alone. */
export function rest(detail: Detail, shown: readonly string[]): [string, string][] {
  return Object.entries(detail)
    .filter(
      ([name, value]) =>
        !shown.includes(name) &&
        (typeof value === "string" || typeof value === "number" || typeof value === "boolean") &&
        value !== "",
    )
    .map(([name, value]) => [name.replaceAll("_", " "), String(value)]);
}
