import { RefusedError } from "@suki/api";
import type { StoredKeyPackage } from "../db.ts";
import type { NewKeyPackage } from "../mls/port.ts";
import type { Core } from "./core.ts";

/** How many key packages of a suite the network should hold for this device. One is used for each new business. */
export const KEY_PACKAGES = 50;
/** Below so many left, more are made. */
export const KEY_PACKAGES_LOW = 25;
/** So many are made at once before the first conversation, so that it does not wait for all the others. */
const FIRST = 3;
const BATCH = 10;
/** So many secrets of a suite are kept: twice what the network keeps, as welcomes for the older ones may be on their way. */
const KEPT = 200;

type Made = NewKeyPackage & { suite: number; lastResort: boolean };

/** Makes and publishes key packages; their secrets are in the database before the network has them. */
export class KeyPackages {
  readonly #core: Core;
  #busy = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /**
   * The few that the first conversation needs, with the last-resort ones: all suites in one frame, since the network tells the
   * businesses of a new device as soon as it has any. For `serial`.
   */
  async first(): Promise<void> {
    const known = await this.#core.db.getAll("keyPackages");
    const made: Made[] = [];
    for (const suite of this.#core.suites) {
      if (known.some((one) => one.suite === suite && one.lastResort && one.published)) continue;
      made.push(...(await this.#make(suite, FIRST, false)), ...(await this.#make(suite, 1, true)));
    }
    if (made.length > 0) await this.#publish(made);
  }

  /** Tops up to the full number, a few at a time, so that the page stays quick. */
  async topUp(left: number): Promise<void> {
    if (left >= KEY_PACKAGES_LOW || this.#busy) return;
    this.#busy = true;
    try {
      for (const suite of this.#core.suites) await this.#topUpSuite(suite, KEY_PACKAGES - left);
    } catch (error) {
      // Refused means that the network has enough; any other loss is made good after the next log-in.
      if (!(error instanceof RefusedError)) throw error;
    } finally {
      this.#busy = false;
    }
  }

  async #topUpSuite(suite: number, missing: number): Promise<void> {
    for (let made = 0; made < missing; made += BATCH) {
      await this.#core.serial(async () =>
        this.#publish(await this.#make(suite, Math.min(BATCH, missing - made), false)),
      );
      await new Promise<void>((resolve) => void this.#core.later(50, resolve));
    }
    await this.#prune(suite);
  }

  async #make(suite: number, count: number, lastResort: boolean): Promise<Made[]> {
    const packages = await this.#core.device.keyPackages(suite, count, lastResort);
    return packages.map((one) => ({ ...one, suite, lastResort }));
  }

  async #publish(made: Made[]): Promise<void> {
    const { vault, env } = this.#core;
    const madeAt = env.clock.now();
    const stored: StoredKeyPackage[] = await Promise.all(
      made.map(async ({ reference, suite, lastResort, secret }) => {
        const sealed = await vault.seal(`key package ${reference}`, secret);
        return { reference, suite, lastResort, madeAt, published: false, secret: sealed };
      }),
    );
    await this.#store(stored);
    const packages = made.map(({ suite, message, lastResort }) => ({ suite, data: message, lastResort }));
    await this.#core.link.request({ case: "publishKeyPackages", value: { packages } }, "done");
    await this.#store(stored.map((one) => ({ ...one, published: true })));
  }

  /** The network keeps the newest of a suite; secrets that lie far behind them are of no more use. */
  async #prune(suite: number): Promise<void> {
    await this.#core.write(async (tx) => {
      const store = tx.objectStore("keyPackages");
      const all = (await store.getAll()).filter((one) => one.suite === suite && !one.lastResort);
      for (const old of all.sort((a, b) => b.madeAt - a.madeAt).slice(KEPT)) await store.delete(old.reference);
    });
  }

  async #store(packages: StoredKeyPackage[]): Promise<void> {
    await this.#core.write(async (tx) => {
      for (const one of packages) await tx.objectStore("keyPackages").put(one);
    });
  }

  /** The secret of a key package, for joining. */
  async secret(reference: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const stored = await this.#core.db.get("keyPackages", reference);
    return stored ? this.#core.vault.open(`key package ${reference}`, stored.secret) : null;
  }
}
