import { type Database, meta, setMeta, write } from "./db.ts";
import type { Env } from "./env.ts";
import type { Sealed } from "./types.ts";

/** Seals secrets at rest under a key that the browser keeps and never hands out. */
export class Vault {
  readonly #key: CryptoKey;
  readonly #env: Env;

  private constructor(key: CryptoKey, env: Env) {
    this.#key = key;
    this.#env = env;
  }

  /** The vault of this database; its key is made on first use. */
  static async open(db: Database, env: Env): Promise<Vault> {
    const known = await meta(db, "key");
    if (known) return new Vault(known, env);
    const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    // Two tabs may get here at once: the first one's key stays.
    const key = await write(db, async (tx) => {
      const other = await meta(tx, "key");
      if (!other) await setMeta(tx, "key", fresh);
      return other ?? fresh;
    });
    return new Vault(key, env);
  }

  /** Seals bytes. `use` says what they are, so that one sealed thing cannot be put in another's place. */
  async seal(use: string, bytes: Uint8Array<ArrayBuffer>): Promise<Sealed> {
    const iv = this.#env.random(12);
    return { iv, data: await crypto.subtle.encrypt(parameters(iv, use), this.#key, bytes) };
  }

  /** The bytes again. Fails when they were changed, or sealed for another use. */
  async open(use: string, sealed: Sealed): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(sealed.iv, use), this.#key, sealed.data));
  }
}

function parameters(iv: Uint8Array<ArrayBuffer>, use: string): AesGcmParams {
  return { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(`suki/vault/1 ${use}`) };
}
