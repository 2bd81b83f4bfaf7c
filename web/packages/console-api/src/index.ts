export { type Fetch, Refusal, Unreachable } from "@suki/inbox";
export { ConsoleClient } from "./client.ts";
export type * from "./types.ts";
