import type { ConsoleClient } from "@suki/console-api";
import type { Shelf } from "@suki/ui/logic";

/** Everything the models need from outside: no model touches the page, the clock or the network by itself. */
export type World = {
  client: ConsoleClient;
  shelf: Shelf;
  /** This device's clock, in milliseconds. */
  now: () => number;
  /** Runs `run` after so many milliseconds and returns how to call it off. */
  after: (milliseconds: number, run: () => void) => () => void;
};
