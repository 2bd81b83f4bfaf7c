/** What the components decide, without the components: for models and tests, which draw nothing. */
export { arrange, arrivedSince, GROUP_SPAN, type Place, type Row, type ThreadItem } from "./arrange.ts";
export { clockOf, extension, type FileInfo, type FileView, room } from "./media.ts";
export { localShelf, type Shelf } from "./shelf.ts";
export { advance, type TickState } from "./ticks.ts";
export { SOON, type WindowState, windowState } from "./window.ts";
