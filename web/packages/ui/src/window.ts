/** How the time in which a business may write freely stands; each has its own icon and words, never colour alone. */
export type WindowState = "never" | "open" | "soon" | "closed";

/** From when the end of the window is called near, in milliseconds. */
export const SOON = 4 * 3_600_000;

/** The state of a window that ends at `until` (null: the customer never wrote), both in milliseconds. */
export function windowState(until: number | null, now: number): WindowState {
  if (until === null) return "never";
  if (until <= now) return "closed";
  return until - now <= SOON ? "soon" : "open";
}
