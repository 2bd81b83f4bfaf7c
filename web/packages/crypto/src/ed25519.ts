import { ed25519 } from "@noble/curves/ed25519.js";

type Bytes = Uint8Array<ArrayBuffer>;

/** Ed25519 over 32-byte seeds and raw public keys. */
export interface Ed25519 {
  publicKey(seed: Uint8Array): Bytes;
  sign(seed: Uint8Array, message: Uint8Array): Promise<Bytes>;
  /** False for any wrong signature or key, never an error. */
  verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

const owned = (bytes: Uint8Array): Bytes => bytes as Bytes;

/** In JavaScript alone: works everywhere. */
export const portable: Ed25519 = {
  publicKey: (seed) => owned(ed25519.getPublicKey(seed)),
  sign: async (seed, message) => owned(ed25519.sign(message, seed)),
  verify: async (publicKey, message, signature) => {
    try {
      // By RFC 8032 alone, as the endpoint's library verifies: no ZIP-215 leniency.
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  },
};

/** RFC 8410: a PrivateKeyInfo around the seed. */
const PKCS8 = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

/** By the platform's WebCrypto. */
export const native: Ed25519 = {
  publicKey: portable.publicKey,
  sign: async (seed, message) => {
    const key = await crypto.subtle.importKey("pkcs8", new Uint8Array([...PKCS8, ...seed]), "Ed25519", false, ["sign"]);
    return new Uint8Array(await crypto.subtle.sign("Ed25519", key, owned(message)));
  },
  verify: async (publicKey, message, signature) => {
    try {
      const key = await crypto.subtle.importKey("raw", owned(publicKey), "Ed25519", false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", key, owned(signature), owned(message));
    } catch {
      return false;
    }
  },
};

/** Whether this platform's WebCrypto has an algorithm: browsers have `subtle` long before they have these curves. */
export async function supports(algorithm: "Ed25519" | "X25519"): Promise<boolean> {
  try {
    const uses: KeyUsage[] = algorithm === "Ed25519" ? ["sign", "verify"] : ["deriveBits"];
    const made = await crypto.subtle.generateKey(algorithm, false, uses);
    return "privateKey" in made;
  } catch {
    return false;
  }
}
