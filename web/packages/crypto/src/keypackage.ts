import { concat, hex } from "@suki/api";
import {
  type Capabilities,
  type CiphersuiteImpl,
  type Credential,
  decodeMlsMessage,
  encodeMlsMessage,
  generateKeyPackageWithKey,
  type KeyPackage,
  type Lifetime,
  type PrivateKeyPackage,
} from "ts-mls";
import { makeKeyPackageRef } from "ts-mls/keyPackage.js";
import { CryptoError, library } from "./errors.ts";
import { NAMES, suites } from "./suite.ts";

type Bytes = Uint8Array<ArrayBuffer>;

export interface NewKeyPackage {
  /** Names it, hexadecimal: a welcome says which key package it is for. */
  reference: string;
  /** What the network hands out: an MLSMessage. */
  message: Bytes;
  /** Opens the welcome. To be deleted after one use, unless it is the last resort. */
  secret: Bytes;
}

/** The extension that marks a key package as the last resort (RFC 9420, section 16.8, allows it to be used again). */
const LAST_RESORT = 0x000a;
/** Key packages do not expire by the clock: the network hands each out once, and drops those of removed devices. */
const LIFETIME: Lifetime = { notBefore: 0n, notAfter: 253_402_300_799n };
const VERSION = 1;

/** What every leaf says it can do, the same as the endpoint's. */
export function capabilities(): Capabilities {
  return {
    versions: ["mls10"],
    ciphersuites: suites.map((suite) => NAMES[suite as keyof typeof NAMES]),
    extensions: [LAST_RESORT],
    proposals: [],
    credentials: ["basic"],
  };
}

/** A key package's two halves. The signature key is the device's, and not part of the stored secret. */
export async function generate(
  suite: CiphersuiteImpl,
  credential: Credential,
  keys: { signKey: Uint8Array; publicKey: Uint8Array },
  lastResort: boolean,
): Promise<{ publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }> {
  const extensions = lastResort ? [{ extensionType: LAST_RESORT, extensionData: new Uint8Array() }] : [];
  return generateKeyPackageWithKey(credential, capabilities(), LIFETIME, extensions, keys, suite);
}

function message(keyPackage: KeyPackage): Bytes {
  return encodeMlsMessage({ version: "mls10", wireformat: "mls_key_package", keyPackage }) as Bytes;
}

/** As the network and the device's own store take it. */
export async function packed(
  suite: CiphersuiteImpl,
  { publicPackage, privatePackage }: { publicPackage: KeyPackage; privatePackage: PrivateKeyPackage },
): Promise<NewKeyPackage> {
  const publicMessage = message(publicPackage);
  const sized = (bytes: Uint8Array) => concat(new Uint8Array([bytes.length >> 8, bytes.length & 0xff]), bytes);
  const secret = concat(
    new Uint8Array([VERSION]),
    sized(privatePackage.initPrivateKey),
    sized(privatePackage.hpkePrivateKey),
    publicMessage,
  );
  return { reference: hex(await makeKeyPackageRef(publicPackage, suite.hash)), message: publicMessage, secret };
}

/** What was packed as `secret`. */
export function unpacked(
  secret: Uint8Array,
  signaturePrivateKey: Uint8Array,
): Promise<{ publicPackage: KeyPackage; privatePackage: PrivateKeyPackage }> {
  return library("corrupt-state", "the secret of a key package cannot be read", () => {
    let at = 1;
    const take = () => {
      const length = ((secret[at] ?? 0) << 8) | (secret[at + 1] ?? 0);
      const bytes = secret.slice(at + 2, at + 2 + length);
      at += 2 + length;
      return bytes;
    };
    const [initPrivateKey, hpkePrivateKey] = [take(), take()];
    const decoded = secret[0] === VERSION ? decodeMlsMessage(secret.slice(at), 0)?.[0] : undefined;
    if (decoded?.wireformat !== "mls_key_package") {
      throw new CryptoError("corrupt-state", "the secret of a key package is of another version");
    }
    return {
      publicPackage: decoded.keyPackage,
      privatePackage: { initPrivateKey, hpkePrivateKey, signaturePrivateKey },
    };
  });
}
