export { daysAgo, type Formats, startOfDay } from "./format.ts";
export { current, fmt, speak, start, t, type Values } from "./i18n.svelte.ts";
export type { Key, Part } from "./keys.ts";
export { LANGUAGES, type Language, PSEUDO } from "./languages.ts";
