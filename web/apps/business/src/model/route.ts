/** Where the person is; each place has an address of its own, so that back, reload and links work. */
export type Route =
  | { page: "chats"; chat: string | null; about: boolean }
  | { page: "business" }
  | { page: "figures" }
  | { page: "templates" }
  | { page: "team" }
  | { page: "share" }
  | { page: "account" }
  | { page: "webhooks" }
  | { page: "sign-in"; token: string };

/** Reads the part of the address after `#`; what it does not know leads to the chats. */
export function parse(hash: string): Route {
  const path = hash.replace(/^#\/?/, "");
  if (path.startsWith("sign-in=")) return { page: "sign-in", token: path.slice("sign-in=".length) };
  const [page, id, then] = path.split("/").map(decode);
  if (
    page === "business" ||
    page === "figures" ||
    page === "templates" ||
    page === "team" ||
    page === "share" ||
    page === "account" ||
    page === "webhooks"
  )
    return { page };
  return { page: "chats", chat: id || null, about: then === "about" };
}

/** The address of a place. */
export function href(route: Exclude<Route, { page: "sign-in" }>): string {
  if (route.page !== "chats") return `#/${route.page}`;
  return `#/chats${route.chat ? `/${encodeURIComponent(route.chat)}` : ""}${route.chat && route.about ? "/about" : ""}`;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}
