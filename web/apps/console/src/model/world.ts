import type { ConsoleClient } from "@suki/console-api";

/** Small texts kept on this device; never full, never throwing: what cannot be kept is forgotten. */
export type Shelf = {
  get: (key: string) => string | null;
  set: (key: string, value: string) => void;
  remove: (key: string) => void;
};

/** Everything the models need from outside: no model touches the page, the clock or the network by itself. */
export type World = {
  client: ConsoleClient;
  shelf: Shelf;
  /** This device's clock, in milliseconds. */
  now: () => number;
  /** Runs `run` after so many milliseconds and returns how to call it off. */
  after: (milliseconds: number, run: () => void) => () => void;
};
