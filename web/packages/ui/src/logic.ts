/** What the components decide, without the components: for models and tests, which draw nothing. */
export { arrange, arrivedSince, GROUP_SPAN, type Place, type Row, type ThreadItem } from "./arrange.ts";
export { clockOf, extension, type FileInfo, type FileView, room } from "./media.ts";
export { previewOf } from "./preview.ts";
export { localShelf, type Shelf } from "./shelf.ts";
export type { Structured, StructuredButton, StructuredHeader } from "./structured.ts";
export { advance, type TickState } from "./ticks.ts";
export { type VCard, vcard } from "./vcard.ts";
export { SOON, type WindowState, windowState } from "./window.ts";
