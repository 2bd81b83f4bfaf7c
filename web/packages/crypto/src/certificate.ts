import { fromBinary } from "@bufbuild/protobuf";
import { concat, hex, same } from "@suki/api";
import { AccountKind, type CertificateBody, CertificateBodySchema, CertificateSchema } from "@suki/api/gen";
import type { Credential } from "ts-mls";
import type { Ed25519 } from "./ed25519.ts";
import { CryptoError } from "./errors.ts";

/** Who a member is, as the network vouches for it. Ids are hexadecimal. */
export interface Member {
  account: string;
  device: string;
  kind: "person" | "business" | "system";
}

const CONTEXT = new TextEncoder().encode("suki/certificate/1");
const KINDS = {
  [AccountKind.ACCOUNT_KIND_UNSPECIFIED]: undefined,
  [AccountKind.PERSON]: "person",
  [AccountKind.BUSINESS]: "business",
  [AccountKind.SYSTEM]: "system",
} as const;

function malformed(cause?: unknown): CryptoError {
  return new CryptoError("untrusted", "a certificate cannot be read", { cause });
}

function parse(certificate: Uint8Array): { body: Uint8Array; signature: Uint8Array; read: CertificateBody } {
  try {
    const { body, signature } = fromBinary(CertificateSchema, certificate);
    return { body, signature, read: fromBinary(CertificateBodySchema, body) };
  } catch (cause) {
    throw malformed(cause);
  }
}

function member({ account, device, kind, signatureKey }: CertificateBody): Member {
  const known = KINDS[kind];
  if (!known || account.length !== 16 || device.length !== 16 || signatureKey.length !== 32) throw malformed();
  return { account: hex(account), device: hex(device), kind: known };
}

/** Who a certificate is for, without checking it: for those that were checked before. */
export function readCertificate(certificate: Uint8Array): Member {
  return member(parse(certificate).read);
}

/** Who a certificate is for, if the network with this key issued it for this signature key. */
export async function verifyCertificate(
  ed25519: Ed25519,
  networkKey: Uint8Array,
  certificate: Uint8Array,
  signatureKey: Uint8Array,
): Promise<Member> {
  const { body, signature, read } = parse(certificate);
  if (!(await ed25519.verify(networkKey, concat(CONTEXT, body), signature))) {
    throw new CryptoError("untrusted", "a certificate is not signed by this network");
  }
  if (!same(read.signatureKey, signatureKey)) {
    throw new CryptoError("untrusted", "a certificate is for another key than the one it came with");
  }
  return member(read);
}

/** The certificate in a leaf's credential. */
export function certificateOf(credential: Credential): Uint8Array {
  if (credential.credentialType !== "basic") throw malformed();
  return credential.identity;
}
