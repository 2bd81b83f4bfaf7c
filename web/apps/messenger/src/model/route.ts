/** Where in the app the person is. */
export type Route =
  | { page: "list" }
  | { page: "chat"; slug: string; about: boolean }
  | { page: "me" }
  | { page: "join"; code: string }
  | { page: "unknown" };

const BASE = "/c/";
const SLUG = /^[a-z0-9-]{3,40}$/;
// Names of links never begin with an underscore, so such a path cannot be a business.
const ME = "_me";

/** The route of an address. `hash` carries a link code, which thereby never reaches a server's log. */
export function parse(pathname: string, hash: string): Route {
  const code = new URLSearchParams(hash.replace(/^#/, "")).get("link");
  if (code) return { page: "join", code };
  if (pathname === "/c" || pathname === BASE || pathname === `${BASE}index.html`) return { page: "list" };
  if (!pathname.startsWith(BASE)) return { page: "unknown" };
  const [first = "", second, ...rest] = pathname.slice(BASE.length).replace(/\/$/, "").split("/");
  if (rest.length > 0) return { page: "unknown" };
  if (first === ME && second === undefined) return { page: "me" };
  const slug = first.toLowerCase();
  if (!SLUG.test(slug) || (second !== undefined && second !== "about")) return { page: "unknown" };
  return { page: "chat", slug, about: second === "about" };
}

/** The address of a route. */
export function href(route: Exclude<Route, { page: "join" | "unknown" }>): string {
  if (route.page === "list") return BASE;
  if (route.page === "me") return `${BASE}${ME}`;
  return `${BASE}${route.slug}${route.about ? "/about" : ""}`;
}

/** The text that a short link brings for the composer: `?text=`. */
export function prefilled(search: string): string {
  return [...(new URLSearchParams(search).get("text") ?? "")].slice(0, 4096).join("");
}
