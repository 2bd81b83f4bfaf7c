import type { InboxClient, Socket } from "@suki/inbox";
import type { Shelf } from "@suki/ui/logic";

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
