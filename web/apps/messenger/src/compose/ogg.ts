/** Packets of a sound, as Opus makes them, and how many samples of 48 kHz each holds. */
interface Packets {
  head: Uint8Array;
  packets: { data: Uint8Array; samples: number }[];
}

/** What was recorded is not what this can read. */
export class NotOpus extends Error {
  override readonly name = "NotOpus";
}

// The elements of Matroska that lead to packets (RFC 9559): everything else is passed over.
const SEGMENT = 0x18538067;
const TRACKS = 0x1654ae6b;
const TRACK = 0xae;
const PRIVATE = 0x63a2;
const CLUSTER = 0x1f43b675;
const GROUP = 0xa0;
const BLOCK = 0xa1;
const SIMPLE_BLOCK = 0xa3;
const OPENED = new Set([SEGMENT, TRACKS, TRACK, CLUSTER, GROUP]);

class Cursor {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;
  constructor(bytes: Uint8Array, at: number, end: number) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }
  byte(): number {
    const value = this.at < this.end ? this.bytes[this.at] : undefined;
    if (value === undefined) throw new NotOpus("the recording is cut short");
    this.at += 1;
    return value;
  }
  /** A number whose first byte says by its leading zeros how long it is; that mark stays in ids and leaves sizes. */
  number(marked: boolean): number {
    const first = this.byte();
    const more = Math.clz32(first) - 24;
    if (more > 7) throw new NotOpus("the recording holds a number out of range");
    let value = marked ? first : first & (0x7f >> more);
    let all = !marked && value === 0x7f >> more;
    for (let left = more; left > 0; left -= 1) {
      const next = this.byte();
      all &&= next === 0xff;
      value = value * 256 + next;
    }
    // A live recording does not know how long its parts will be: they last to the end.
    return all ? Number.POSITIVE_INFINITY : value;
  }
}

// How long a packet's frames last, in samples, by its first byte (RFC 6716, section 3.1).
function samples(packet: Uint8Array): number {
  const [first = 0, second = 0] = packet;
  const config = first >> 3;
  const spans = config < 12 ? [480, 960, 1920, 2880] : config < 16 ? [480, 960] : [120, 240, 480, 960];
  const span = spans[config < 12 ? config & 3 : config < 16 ? config & 1 : config & 3] ?? 960;
  const frames = [1, 2, 2, second & 0x3f][first & 3] ?? 1;
  return span * frames;
}

function read(cursor: Cursor, found: Packets): void {
  while (cursor.at < cursor.end) {
    const id = cursor.number(true);
    const size = cursor.number(false);
    const end = Math.min(cursor.end, cursor.at + size);
    if (OPENED.has(id)) read(new Cursor(cursor.bytes, cursor.at, end), found);
    else if (id === PRIVATE) found.head = cursor.bytes.slice(cursor.at, end);
    else if (id === SIMPLE_BLOCK || id === BLOCK) {
      const block = new Cursor(cursor.bytes, cursor.at, end);
      block.number(false);
      const data = cursor.bytes.slice(block.at + 3, end);
      if (data.length > 0) found.packets.push({ data, samples: samples(data) });
    }
    cursor.at = end;
  }
}

// Ogg's checksum: CRC-32 with the polynomial 0x04c11db7, nothing turned around (RFC 3533, section 6).
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit += 1) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value >>> 0;
});

function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const byte of bytes) sum = ((sum << 8) ^ (TABLE[((sum >>> 24) ^ byte) & 255] ?? 0)) >>> 0;
  return sum;
}

/** One page with one packet, which is short enough for one: Opus packets of a second have 1,275 bytes at most a frame. */
function page(
  serial: number,
  number: number,
  granule: number,
  packet: Uint8Array,
  flags: number,
): Uint8Array<ArrayBuffer> {
  const lacing = Math.floor(packet.length / 255) + 1;
  if (lacing > 255) throw new NotOpus("a packet is too long");
  const out = new Uint8Array(27 + lacing + packet.length);
  const view = new DataView(out.buffer);
  out.set([0x4f, 0x67, 0x67, 0x53, 0, flags]);
  view.setBigUint64(6, BigInt(granule), true);
  view.setUint32(14, serial, true);
  view.setUint32(18, number, true);
  out[26] = lacing;
  out.fill(255, 27, 26 + lacing);
  out[26 + lacing] = packet.length % 255;
  out.set(packet, 27 + lacing);
  view.setUint32(22, checksum(out), true);
  return out;
}

const FIRST = 2;
const LAST = 4;

/** Writes what a browser records (Opus in WebM) as Opus in Ogg (RFC 7845), which every receiver of voices knows. Fails with `NotOpus`. */
export function webmToOgg(webm: Uint8Array, serial: number): Uint8Array<ArrayBuffer>[] {
  const found: Packets = { head: new Uint8Array(), packets: [] };
  read(new Cursor(webm, 0, webm.length), found);
  const { head, packets } = found;
  if (new TextDecoder().decode(head.slice(0, 8)) !== "OpusHead" || packets.length === 0)
    throw new NotOpus("no Opus in it");
  const vendor = new TextEncoder().encode("OpusTags\u0004\0\0\0suki\0\0\0\0");
  const pages = [page(serial, 0, 0, head, FIRST), page(serial, 1, 0, vendor, 0)];
  let granule = 0;
  for (const [index, packet] of packets.entries()) {
    granule += packet.samples;
    pages.push(page(serial, index + 2, granule, packet.data, index === packets.length - 1 ? LAST : 0));
  }
  return pages;
}
