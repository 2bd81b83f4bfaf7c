export {
  type FileKey,
  openFile,
  openPart,
  plainBytes,
  SEGMENT_BYTES,
  type SealedFile,
  sealedBytes,
  sealFile,
} from "./blob.ts";
export type { Member } from "./certificate.ts";
export { Device, type FindSecret, Mls } from "./device.ts";
export { CryptoError, type Why } from "./errors.ts";
export type { Group } from "./group.ts";
export type { NewKeyPackage } from "./keypackage.ts";
export type { Received } from "./receive.ts";
export { suites, X25519, XWING } from "./suite.ts";
