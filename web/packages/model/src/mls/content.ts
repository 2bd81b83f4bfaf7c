import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { hex, unhex } from "@suki/api";
import { type Content, ContentSchema, type Header, HeaderSchema, MessageKind, SealedSchema } from "@suki/api/gen";
import type { Env } from "../env.ts";

/** The most characters of a text message. */
export const TEXT_CHARS = 4096;
/** The most characters of a person's name. */
export const NAME_CHARS = 75;

/** Why content does not count: `forged` when it is not what was committed to, `newer` when this program does not know it. */
export class ContentError extends Error {
  override readonly name = "ContentError";
  readonly why: "forged" | "newer";
  constructor(why: "forged" | "newer") {
    super(why === "forged" ? "the content is not what its header says" : "the content is of a newer kind");
    this.why = why;
  }
}

export interface Opened {
  id: string;
  header: Header;
  content: Content;
  /** What the header committed to, and the key that shows it. */
  proof: { content: Uint8Array<ArrayBuffer>; commitmentKey: Uint8Array<ArrayBuffer> };
}

async function macKey(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  if (bytes.length !== 32) throw new ContentError("forged");
  return crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

/** The header and the plaintext of a message. */
export async function sealContent(
  id: string,
  content: MessageInitShape<typeof ContentSchema>,
  env: Env,
  kind = MessageKind.SESSION,
): Promise<{ header: Uint8Array<ArrayBuffer>; plaintext: Uint8Array<ArrayBuffer> }> {
  const inner = toBinary(ContentSchema, create(ContentSchema, content));
  const commitmentKey = env.random(32);
  const key = await macKey(commitmentKey);
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, inner));
  const header = create(HeaderSchema, {
    messageId: unhex(id),
    kind,
    commitment: mac,
    sentAt: BigInt(env.clock.now()),
  });
  const sealed = create(SealedSchema, { content: inner, commitmentKey });
  return { header: toBinary(HeaderSchema, header), plaintext: toBinary(SealedSchema, sealed) };
}

/** The message id that a header claims, hexadecimal, or null if it is no header of ours. */
export function headerId(header: Uint8Array): string | null {
  try {
    const { messageId } = fromBinary(HeaderSchema, header);
    return messageId.length === 16 ? hex(messageId) : null;
  } catch {
    return null;
  }
}

/** Opens what was decrypted, and checks that it is what the header committed to. Fails with `ContentError`. */
export async function openContent(header: Uint8Array, plaintext: Uint8Array): Promise<Opened> {
  try {
    const read = fromBinary(HeaderSchema, header);
    const { messageId, commitment: mac } = read;
    const { content, commitmentKey } = fromBinary(SealedSchema, plaintext);
    const key = await macKey(owned(commitmentKey));
    if (messageId.length !== 16 || !(await crypto.subtle.verify("HMAC", key, owned(mac), owned(content)))) {
      throw new ContentError("forged");
    }
    const proof = { content: owned(content), commitmentKey: owned(commitmentKey) };
    return { id: hex(messageId), header: read, content: fromBinary(ContentSchema, content), proof };
  } catch (error) {
    throw error instanceof ContentError ? error : new ContentError("forged");
  }
}

function owned(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return bytes as Uint8Array<ArrayBuffer>;
}
