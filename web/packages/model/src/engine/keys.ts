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

/** Makes and publishes key packages; their secrets are in the database before the network has them. */
export class KeyPackages {
  readonly #core: Core;
  #busy = false;

  constructor(core: Core) {
    this.#core = core;
  }

  /** The few that the first conversation needs, with the last-resort ones. For `serial`. */
  async first(): Promise<void> {
    const known = await this.#core.db.getAll("keyPackages");
    for (const suite of this.#core.suites) {
      if (known.some((one) => one.suite === suite && one.lastResort && one.published)) continue;
      const lastResort = await this.#core.device.keyPackages(suite, 1, true);
      const others = await this.#core.device.keyPackages(suite, FIRST, false);
      await this.#publish(suite, others, false);
      await this.#publish(suite, lastResort, true);
    }
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
      await this.#core.serial(async () => {
        const count = Math.min(BATCH, missing - made);
        await this.#publish(suite, await this.#core.device.keyPackages(suite, count, false), false);
      });
      await new Promise<void>((resolve) => void this.#core.later(50, resolve));
    }
  }

  async #publish(suite: number, packages: NewKeyPackage[], lastResort: boolean): Promise<void> {
    const { vault, env } = this.#core;
    const madeAt = env.clock.now();
    const stored: StoredKeyPackage[] = await Promise.all(
      packages.map(async ({ reference, secret }) => {
        const sealed = await vault.seal(`key package ${reference}`, secret);
        return { reference, suite, lastResort, madeAt, published: false, secret: sealed };
      }),
    );
    await this.#store(stored);
    const wire = packages.map(({ message }) => ({ suite, data: message, lastResort }));
    await this.#core.link.request({ case: "publishKeyPackages", value: { packages: wire } }, "done");
    await this.#store(stored.map((one) => ({ ...one, published: true })));
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
