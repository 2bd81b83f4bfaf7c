import { sha256 } from "@noble/hashes/sha2.js";
import { CryptoError } from "./errors.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Files that travel beside a message, `suki-blob/1`, as the endpoint seals them: segments of 64 KiB, each AES-256-GCM under the file's own key, the
 * nonce its number, the additional data 1 for the last and 0 for the others. So any segment opens by itself, and nothing can be cut off or swapped.
 */
export const SEGMENT_BYTES = 64 * 1024;
const TAG_BYTES = 16;
const SEALED_SEGMENT = SEGMENT_BYTES + TAG_BYTES;

/** How many bytes a file of so many has when it is sealed. */
export const sealedBytes = (plain: number): number => plain + TAG_BYTES * Math.max(1, Math.ceil(plain / SEGMENT_BYTES));

/** How many bytes a sealed file of so many holds; null when no file has this length. */
export function plainBytes(sealed: number): number | null {
  const plain = sealed - TAG_BYTES * Math.ceil(sealed / SEALED_SEGMENT);
  return sealed > 0 && plain >= 0 && sealedBytes(plain) === sealed ? plain : null;
}

function parameters(number: number, last: boolean): AesGcmParams {
  const iv = new Uint8Array(12);
  new DataView(iv.buffer).setBigUint64(4, BigInt(number));
  return { name: "AES-GCM", iv, additionalData: Uint8Array.of(last ? 1 : 0), tagLength: 128 };
}

async function cipher(key: Bytes, usage: "encrypt" | "decrypt"): Promise<CryptoKey> {
  if (key.length !== 32) throw new CryptoError("malformed", "a file's key has 32 bytes");
  return crypto.subtle.importKey("raw", key, "AES-GCM", false, [usage]);
}

async function opened(key: CryptoKey, number: number, last: boolean, segment: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters(number, last), key, segment));
  } catch (cause) {
    throw new CryptoError("forged", "the file's bytes are not those that were sealed with this key", { cause });
  }
}

/** What the message says of a file, and the bytes for the network. */
export interface SealedFile {
  key: Bytes;
  /** Of the file as it was. */
  sha256: Bytes;
  sealed: Blob;
}

/** Seals a file under a fresh key; `key` is for tests alone, since no key may seal two files. Holds one segment in memory at a time. */
export async function sealFile(
  file: Blob,
  key: Bytes = crypto.getRandomValues(new Uint8Array(32)),
): Promise<SealedFile> {
  const by = await cipher(key, "encrypt");
  const digest = sha256.create();
  const parts: Blob[] = [];
  const segments = Math.max(1, Math.ceil(file.size / SEGMENT_BYTES));
  for (let number = 0; number < segments; number += 1) {
    const from = number * SEGMENT_BYTES;
    const plain = new Uint8Array(await file.slice(from, from + SEGMENT_BYTES).arrayBuffer());
    digest.update(plain);
    parts.push(new Blob([await crypto.subtle.encrypt(parameters(number, number === segments - 1), by, plain)]));
  }
  return { key, sha256: new Uint8Array(digest.digest()), sealed: new Blob(parts) };
}

/** The segments of a sealed file, in the pieces they arrive in. The last one is known when nothing follows. */
async function* segments(sealed: AsyncIterable<Uint8Array>): AsyncGenerator<{ segment: Bytes; last: boolean }> {
  let held = new Uint8Array(SEALED_SEGMENT);
  let length = 0;
  for await (const piece of sealed) {
    for (let at = 0; at < piece.length; ) {
      if (length === SEALED_SEGMENT) {
        yield { segment: held, last: false };
        held = new Uint8Array(SEALED_SEGMENT);
        length = 0;
      }
      const some = piece.subarray(at, at + SEALED_SEGMENT - length);
      held.set(some, length);
      length += some.length;
      at += some.length;
    }
  }
  yield { segment: held.slice(0, length), last: true };
}

async function* pieces(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** What opens a file. */
export interface FileKey {
  key: Uint8Array;
  sha256: Uint8Array;
}

/**
 * Opens a sealed file as it arrives, and checks that it is the one the message speaks of. Nothing comes out before all of it is proven.
 *
 * @throws CryptoError "forged" when it is another file, was changed or cut off.
 */
export async function openFile(
  file: FileKey,
  sealed: ReadableStream<Uint8Array> | Blob,
  type = "application/octet-stream",
): Promise<Blob> {
  const by = await cipher(new Uint8Array(file.key), "decrypt");
  const digest = sha256.create();
  const parts: Blob[] = [];
  let number = 0;
  for await (const { segment, last } of segments(pieces(sealed instanceof Blob ? sealed.stream() : sealed))) {
    const plain = await opened(by, number, last, segment);
    digest.update(plain);
    parts.push(new Blob([plain]));
    number += 1;
  }
  const is = digest.digest();
  if (is.length !== file.sha256.length || is.some((byte, at) => byte !== file.sha256[at]))
    throw new CryptoError("forged", "the file is not the one that the message speaks of");
  return new Blob(parts, { type });
}

/**
 * Opens the bytes `from` up to `to`, both inside a file of `plain` bytes; `read` gives a range of the sealed ones.
 *
 * @throws CryptoError "malformed" for a range that is not inside, "forged" for bytes that do not open.
 */
export async function openPart(
  key: Uint8Array,
  [from, to]: readonly [number, number],
  plain: number,
  read: (from: number, to: number) => Promise<Bytes>,
): Promise<Bytes> {
  if (from < 0 || from >= to || to > plain) throw new CryptoError("malformed", "this part is not inside the file");
  const by = await cipher(new Uint8Array(key), "decrypt");
  const first = Math.floor(from / SEGMENT_BYTES);
  const after = Math.ceil(to / SEGMENT_BYTES);
  const end = Math.ceil(plain / SEGMENT_BYTES);
  const sealed = await read(first * SEALED_SEGMENT, after === end ? sealedBytes(plain) : after * SEALED_SEGMENT);
  const out = new Uint8Array(to - from);
  for (let number = first; number < after; number += 1) {
    const at = (number - first) * SEALED_SEGMENT;
    const segment = await opened(by, number, number === end - 1, sealed.slice(at, at + SEALED_SEGMENT));
    const start = number * SEGMENT_BYTES;
    const wanted = segment.subarray(Math.max(0, from - start), to - start);
    out.set(wanted, Math.max(0, start - from));
  }
  return out;
}
