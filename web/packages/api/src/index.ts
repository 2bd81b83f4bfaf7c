export { call } from "./calls.ts";
export { type Clock, ManualClock, systemClock } from "./clock.ts";
export { type Carried, type Carrying, fileServer } from "./files.ts";
export { base64, concat, freshId, hex, type Prefix, prefixed, same, unbase64, unhex, unprefixed } from "./ids.ts";
export {
  type Answer,
  Disconnected,
  Link,
  type LinkEvents,
  type LinkOptions,
  type LinkState,
  RefusedError,
} from "./link.ts";
export {
  type LinkCard,
  type Registered,
  type Registration,
  RegistrationError,
  registration,
  type Trust,
} from "./registration.ts";
export type * from "./relations.ts";
export { type Dial, type Socket, type SocketEvents, socketUrl, webSocketDial } from "./socket.ts";
