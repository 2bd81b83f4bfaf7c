import { parse, type Route } from "./model/route.ts";

let route = $state.raw<Route>(parse(location.pathname, location.hash));

/** Where the person is. */
export function here(): Route {
  return route;
}

/** Goes to an address of this app. */
export function go(address: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, "", address);
  else history.pushState(null, "", address);
  arrive();
}

function arrive(): void {
  route = parse(location.pathname, location.hash);
}

/** Follows the browser's own buttons, and makes the app's links change the view instead of the page. */
export function follow(): () => void {
  const click = (event: MouseEvent) => {
    if (
      event.defaultPrevented ||
      event.button !== 0 ||
      event.metaKey ||
      event.ctrlKey ||
      event.shiftKey ||
      event.altKey
    )
      return;
    const link = (event.target as Element | null)?.closest?.("a");
    if (!link || link.target || link.origin !== location.origin || !link.pathname.startsWith("/c/")) return;
    event.preventDefault();
    if (link.href !== location.href) go(link.href);
  };
  addEventListener("popstate", arrive);
  addEventListener("hashchange", arrive);
  document.addEventListener("click", click);
  return () => {
    removeEventListener("popstate", arrive);
    removeEventListener("hashchange", arrive);
    document.removeEventListener("click", click);
  };
}
