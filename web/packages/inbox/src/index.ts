export type * from "./business.ts";
export { ask, type Fetch, InboxClient, Refusal, Unreachable } from "./client.ts";
export type * from "./contents.ts";
export type * from "./figures.ts";
export { type LinkState, type LinkWorld, LiveLink, type Socket } from "./live.ts";
export type * from "./templates.ts";
export type * from "./types.ts";
export type * from "./webhooks.ts";
