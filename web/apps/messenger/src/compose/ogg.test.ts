import { expect, test } from "vitest";
import { NotOpus, webmToOgg } from "./ogg.ts";

const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
const text = (words: string) => [...new TextEncoder().encode(words)];
const size = (count: number) => (count < 127 ? [0x80 | count] : [0x40 | (count >> 8), count & 255]);
const element = (id: number[], data: number[]) => [...id, ...size(data.length), ...data];
const HEAD = [...text("OpusHead"), 1, 1, 0x38, 0x01, 0x80, 0xbb, 0, 0, 0, 0, 0];
const TRACKS = element(
  [0x16, 0x54, 0xae, 0x6b],
  element([0xae], [...element([0xd7], [1]), ...element([0x63, 0xa2], HEAD)]),
);

/** A live recording: segment and cluster do not know how long they will be. */
function webm(packets: number[][], tracks = TRACKS): Uint8Array {
  const blocks = packets.flatMap((packet) => element([0xa3], [0x81, 0, 0, 0x80, ...packet]));
  const cluster = [0x1f, 0x43, 0xb6, 0x75, ...UNKNOWN, ...element([0xe7], [0]), ...blocks];
  return Uint8Array.from([
    ...element([0x1a, 0x45, 0xdf, 0xa3], [0]),
    0x18,
    0x53,
    0x80,
    0x67,
    ...UNKNOWN,
    ...tracks,
    ...cluster,
  ]);
}

test("what browsers record becomes pages of Ogg with the right times (RFC 7845)", () => {
  // 20 ms of wideband speech, 60 ms of it, and a packet as long as needs two bytes of lacing.
  const packets = [
    [0x48, 1, 2],
    [0x58, 3],
    [0x48, ...Array<number>(300).fill(9)],
  ];
  const pages = webmToOgg(webm(packets), 77);
  const views = pages.map((page) => new DataView(page.buffer));
  expect(pages.map((page) => new TextDecoder().decode(page.slice(0, 4)))).toEqual(Array(5).fill("OggS"));
  expect(pages.map((page) => page[5])).toEqual([2, 0, 0, 0, 4]);
  expect(views.map((view) => Number(view.getBigUint64(6, true)))).toEqual([0, 0, 960, 3840, 4800]);
  expect(views.map((view) => view.getUint32(18, true))).toEqual([0, 1, 2, 3, 4]);
  expect([...(pages[0]?.slice(28) ?? [])]).toEqual(HEAD);
  expect([...(pages[2]?.slice(28) ?? [])]).toEqual(packets[0]);
  expect([...(pages[4]?.slice(26, 29) ?? [])]).toEqual([2, 255, 46]);
});

test("the checksum is Ogg's", () => {
  const [first] = webmToOgg(webm([[0x48, 1, 2]]), 1);
  if (!first) throw new Error("no page");
  const told = new DataView(first.buffer).getUint32(22, true);
  const bare = first.slice();
  bare.fill(0, 22, 26);
  let sum = 0;
  for (const byte of bare) {
    sum = (sum ^ (byte << 24)) >>> 0;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 0x80000000 ? (sum << 1) ^ 0x04c11db7 : sum << 1) >>> 0;
  }
  expect(told).toBe(sum);
});

test("what is no such recording is refused, wherever it is cut", () => {
  expect(() => webmToOgg(webm([]), 1)).toThrow(NotOpus);
  expect(() => webmToOgg(webm([[1]], element([0x16, 0x54, 0xae, 0x6b], [])), 1)).toThrow(NotOpus);
  const whole = webm([[0x48, 1, 2]]);
  for (let end = 0; end < whole.length - 10; end += 1) {
    try {
      webmToOgg(whole.slice(0, end), 1);
    } catch (error) {
      expect(error).toBeInstanceOf(NotOpus);
    }
  }
});
