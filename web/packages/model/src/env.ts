import { type Clock, freshId, systemClock } from "@suki/api";

/** Time and randomness, as arguments. */
export interface Env {
  clock: Clock;
  /** Bytes nobody can foresee. */
  random(length: number): Uint8Array<ArrayBuffer>;
}

/** The world outside. */
export const systemEnv: Env = {
  clock: systemClock,
  random: (length) => crypto.getRandomValues(new Uint8Array(length)),
};

/** A new id, of the time that `env` says. */
export function newId(env: Env): string {
  return freshId(env.clock.now(), env.random);
}

/** A number from 0 to below 1. */
export function fraction(env: Env): number {
  return new DataView(env.random(4).buffer).getUint32(0) / 2 ** 32;
}
