import { CipherSuite, HkdfSha256 } from "@hpke/core";
import { DhkemX25519HkdfSha256 } from "@hpke/dhkem-x25519";
import {
  type CiphersuiteImpl,
  type CiphersuiteName,
  defaultCryptoProvider,
  getCiphersuiteFromName,
  type Hpke,
} from "ts-mls";
import { makeAead } from "ts-mls/crypto/implementation/default/makeAead.js";
import { makeHpke } from "ts-mls/crypto/implementation/default/makeHpke.js";
import { makeGenericHpke } from "ts-mls/crypto/implementation/hpke.js";
import { type Ed25519, native, portable, supports } from "./ed25519.ts";

/** MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519: what every MLS implementation has. */
export const X25519 = 0x0001;
/** MLS_256_XWING_CHACHA20POLY1305_SHA256_Ed25519, post-quantum; the code point is provisional. */
export const XWING = 0x004d;
/** The suites this device offers, best first. */
export const suites: readonly number[] = [XWING, X25519];

/** The library's names for the numbers; for 0x004d it still has the name of an older draft, and only the number is on the wire. */
export const NAMES = {
  [X25519]: "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
  [XWING]: "MLS_128_MLKEM512_AES128GCM_SHA256_Ed25519",
} as const satisfies Record<number, CiphersuiteName>;

/** The number of a suite this device speaks, or undefined. */
export function suiteNumber(name: CiphersuiteName): number | undefined {
  return suites.find((suite) => NAMES[suite as keyof typeof NAMES] === name);
}

/** What both suites of a device run on. */
export interface Ciphers {
  ed25519: Ed25519;
  suite(number: number): CiphersuiteImpl | undefined;
}

/**
 * The library reads the external_pub extension without its inner length prefix, and so takes keys for too long by that prefix
 * (RFC 9420, section 12.4.3.2, has it). Here it is taken off.
 */
function acceptingLengthPrefix(hpke: Hpke, prefix: readonly number[], length: number): Hpke {
  return {
    ...hpke,
    importPublicKey: (key) => {
      const prefixed = key.length === length + prefix.length && prefix.every((byte, at) => key[at] === byte);
      return hpke.importPublicKey(prefixed ? key.slice(prefix.length) : key);
    },
  };
}

async function x25519Hpke(haveX25519: boolean): Promise<Hpke> {
  const algorithm = { kem: "DHKEM-X25519-HKDF-SHA256", kdf: "HKDF-SHA256", aead: "AES128GCM" } as const;
  if (haveX25519) return makeHpke(algorithm);
  const [aead, hpkeAead] = await makeAead(algorithm.aead);
  const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: hpkeAead });
  return makeGenericHpke(algorithm, aead, suite);
}

/** The ciphers of this platform. `have` overrules the feature test. */
export async function ciphers(have?: { ed25519: boolean; x25519: boolean }): Promise<Ciphers> {
  const haveEd25519 = have?.ed25519 ?? (await supports("Ed25519"));
  const haveX25519 = have?.x25519 ?? (await supports("X25519"));
  const ed25519 = haveEd25519 ? native : portable;
  const base = await defaultCryptoProvider.getCiphersuiteImpl(getCiphersuiteFromName(NAMES[X25519]));
  const signature = {
    sign: ed25519.sign,
    verify: ed25519.verify,
    keygen: async () => {
      const signKey = crypto.getRandomValues(new Uint8Array(32));
      return { signKey, publicKey: ed25519.publicKey(signKey) };
    },
  };
  const xwingHpke = await makeHpke({ kem: "X-Wing", kdf: "HKDF-SHA256", aead: "CHACHA20POLY1305" });
  const x25519 = { ...base, signature, hpke: acceptingLengthPrefix(await x25519Hpke(haveX25519), [0x20], 32) };
  const xwing = { ...base, signature, hpke: acceptingLengthPrefix(xwingHpke, [0x44, 0xc0], 1216), name: NAMES[XWING] };
  return { ed25519, suite: (number) => (number === X25519 ? x25519 : number === XWING ? xwing : undefined) };
}
