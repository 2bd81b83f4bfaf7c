import type { CaseKind } from "@suki/console-api";

export const KINDS: readonly CaseKind[] = ["name", "verification", "number", "template", "report", "appeal"];

const PLAIN = ["prices", "announcements", "record", "rules", "team"] as const;
type Plain = (typeof PLAIN)[number];

/** Where the person is; each place has an address of its own, so that back, reload and links work. */
export type Route =
  | { page: "reviews"; kind: CaseKind | null; case: string | null }
  | { page: "businesses"; business: string | null }
  | { page: Plain }
  | { page: "sign-in"; token: string };

export type Place = Exclude<Route, { page: "sign-in" }>;

/** Reads the part of the address after `#`; none where it says nothing. */
export function parse(hash: string): Route | null {
  const path = hash.replace(/^#\/?/, "");
  if (path.startsWith("sign-in=")) return { page: "sign-in", token: path.slice("sign-in=".length) };
  const [page, first = "", second = ""] = path.split("/").map(decode);
  if (page === "reviews") return { page, kind: KINDS.find((kind) => kind === first) ?? null, case: second || null };
  if (page === "businesses") return { page, business: first || null };
  const plain = PLAIN.find((one) => one === page);
  return plain ? { page: plain } : null;
}

/** The address of a place. */
export function href(place: Place): string {
  if (place.page === "reviews") {
    const kind = place.kind ?? "all";
    return place.case ? `#/reviews/${kind}/${encodeURIComponent(place.case)}` : `#/reviews/${kind}`;
  }
  if (place.page === "businesses")
    return place.business ? `#/businesses/${encodeURIComponent(place.business)}` : "#/businesses";
  return `#/${place.page}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
