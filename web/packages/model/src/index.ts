export {
  type Choice,
  type FoundBusiness,
  type LedgerEvent,
  type PersonSettings,
  RegistrationError,
  type Relation,
  type RelationChange,
  type ReportReason,
  type Trust,
} from "@suki/api";
export type {
  AddressRequest,
  Card as CarouselCard,
  ContactCard,
  FlowCall,
  Interactive,
  InteractiveReply,
  Media,
  Order,
  Product,
  ProductList,
} from "@suki/api/gen";
export { contactsBody, fileBody, fileName, locationBody, orderBody, productsOf, replyBody } from "./compose.ts";
export { StorageRefused } from "./db.ts";
export { type Env, systemEnv } from "./env.ts";
export type { Change, Listener } from "./events.ts";
export { type FileRule, type Files, FilesError, type SealedFile, type Way } from "./files.ts";
export { Messenger, type MessengerOptions, type Self } from "./messenger.ts";
export { NAME_CHARS, TEXT_CHARS } from "./mls/content.ts";
export { CAPTION_CHARS, CONTACT_CARDS, FILENAME_CHARS } from "./mls/limits.ts";
export type * from "./mls/port.ts";
export { browserTabs, type TabsPort } from "./tabs/port.ts";
export { CallError } from "./tabs/tabs.ts";
export { asText, type ReaderLocale, readerLocale } from "./templates/render.ts";
export { shown } from "./templates/settle.ts";
export type { Rendered, RenderedButton, RenderedHeader } from "./templates/shapes.ts";
export { UNSENT_ORDER } from "./thread.ts";
export type * from "./types.ts";
