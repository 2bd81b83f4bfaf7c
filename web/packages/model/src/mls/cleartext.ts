import { hex } from "@suki/api";

/** The cleartext of an MLS message of a group (RFC 9420, section 6): what can be known without any key. */
export interface Cleartext {
  /** The group; our group ids are conversation ids. */
  conversation: string;
  epoch: number;
  content: "application" | "proposal" | "commit";
  /** The additional data: a `Header` on application messages. */
  authenticatedData: Uint8Array<ArrayBuffer>;
}

const PUBLIC_MESSAGE = 1;
const PRIVATE_MESSAGE = 2;
const EXTERNAL_COMMIT_SENDER = 4;

class Reader {
  #at = 0;
  readonly #bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }
  take(count: number): Uint8Array<ArrayBuffer> {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw new RangeError("the MLS message is cut short");
    const taken = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return taken as Uint8Array<ArrayBuffer>;
  }
  number(bytes: number): number {
    const value = this.take(bytes).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(value)) throw new RangeError("the MLS message holds a number out of range");
    return value;
  }
  /** A vector whose length takes 1, 2 or 4 bytes, as its two top bits say. */
  vector(): Uint8Array<ArrayBuffer> {
    const first = this.number(1);
    const more = [0, 1, 3][first >> 6];
    if (more === undefined) throw new RangeError("the MLS message has a length out of range");
    return this.take((first & 0x3f) * 256 ** more + this.number(more));
  }
}

/** Reads the cleartext of a PrivateMessage, or of a PublicMessage that is an external commit. Throws a `RangeError`. */
export function cleartext(message: Uint8Array): Cleartext {
  const reader = new Reader(message);
  if (reader.number(2) !== 1) throw new RangeError("the MLS message is of another version");
  const format = reader.number(2);
  if (format !== PRIVATE_MESSAGE && format !== PUBLIC_MESSAGE) throw new RangeError("this is no message of a group");
  const conversation = hex(reader.vector());
  const epoch = reader.number(8);
  if (format === PUBLIC_MESSAGE && reader.number(1) !== EXTERNAL_COMMIT_SENDER) {
    throw new RangeError("of public messages only external commits are taken");
  }
  const publicData = format === PUBLIC_MESSAGE ? reader.vector() : null;
  const content = ([undefined, "application", "proposal", "commit"] as const)[reader.number(1)];
  if (!content) throw new RangeError("the MLS message has an unknown content type");
  return { conversation, epoch, content, authenticatedData: publicData ?? reader.vector() };
}
