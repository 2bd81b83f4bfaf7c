import type { InboxClient, Socket } from "@suki/inbox";

/** Small texts kept on this device; never full, never throwing: what cannot be kept is forgotten. */
export type Shelf = {
  get: (key: string) => string | null;
  set: (key: string, value: string) => void;
  remove: (key: string) => void;
};

/** Everything the models need from outside: no model touches the page, the clock or the network by itself. */
export type World = {
  client: InboxClient;
  open: () => Socket;
  shelf: Shelf;
  /** This device's clock, in milliseconds. */
  now: () => number;
  /** Between 0 and 1. */
  random: () => number;
  /** `msg_` and 32 hex digits, never the same twice. */
  newMessageId: () => string;
  /** Runs `run` after so many milliseconds and returns how to call it off. */
  after: (milliseconds: number, run: () => void) => () => void;
};
