import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { base64, concat, unbase64 } from "@suki/api";
import { expect, test } from "vitest";
import { openFile, openPart, plainBytes, SEGMENT_BYTES, sealedBytes, sealFile } from "./blob.ts";

/** Written by the Rust crate's own test: both have to seal the same bytes. */
const vectors = JSON.parse(
  readFileSync(new URL("../../../../crates/e2ee/golden/blob.json", import.meta.url), "utf8"),
) as {
  plain_bytes: number;
  key: string;
  sealed_bytes: number;
  plain_sha256: string;
  sealed_sha256: string;
  last_tag: string;
}[];

const file = (bytes: number) => Uint8Array.from({ length: bytes }, (_, at) => at ^ (at >> 8) ^ (at >> 16));
const key = (of: number) => new Uint8Array(32).fill(of);
const bytesOf = async (blob: Blob) => new Uint8Array(await blob.arrayBuffer());

test.each(vectors)("a file of $plain_bytes bytes is sealed alike", async (vector) => {
  const made = await sealFile(new Blob([file(vector.plain_bytes)]), unbase64(vector.key));
  const sealed = await bytesOf(made.sealed);
  expect(sealed.length).toBe(vector.sealed_bytes);
  expect(base64(made.sha256)).toBe(vector.plain_sha256);
  expect(createHash("sha256").update(sealed).digest("base64")).toBe(vector.sealed_sha256);
  expect(base64(sealed.slice(-16))).toBe(vector.last_tag);
  expect(sealedBytes(vector.plain_bytes)).toBe(vector.sealed_bytes);
  expect(plainBytes(vector.sealed_bytes)).toBe(vector.plain_bytes);
  const back = await openFile(made, made.sealed, "image/png");
  expect(back.type).toBe("image/png");
  expect(await bytesOf(back)).toEqual(file(vector.plain_bytes));
});

test("no file has such a length", () => {
  for (const never of [0, 1, 15, SEGMENT_BYTES + 17, SEGMENT_BYTES + 32]) expect(plainBytes(never)).toBeNull();
});

test("what was cut off, swapped, appended or sealed for another file does not open", async () => {
  const plain = file(2 * SEGMENT_BYTES + 5);
  const made = await sealFile(new Blob([plain]), key(1));
  const sealed = await bytesOf(made.sealed);
  const segment = SEGMENT_BYTES + 16;
  const wrong = [
    sealed.slice(0, 0),
    sealed.slice(0, 2 * segment),
    sealed.slice(0, -1),
    concat(sealed.slice(segment, 2 * segment), sealed.slice(0, segment), sealed.slice(2 * segment)),
    concat(sealed, Uint8Array.of(0)),
  ];
  for (const bytes of wrong)
    await expect(openFile(made, new Blob([bytes]))).rejects.toThrow(/not those that were sealed/);
  await expect(openFile({ ...made, key: key(2) }, made.sealed)).rejects.toThrow(/not those that were sealed/);
  await expect(openFile({ ...made, sha256: key(3) }, made.sealed)).rejects.toThrow(/not the one/);
  await expect(openFile({ ...made, key: key(2).slice(1) }, made.sealed)).rejects.toThrow(/32 bytes/);
});

test("a part needs its segments alone", async () => {
  const plain = file(3 * SEGMENT_BYTES + 100);
  const sealed = await bytesOf((await sealFile(new Blob([plain]), key(4))).sealed);
  const asked: [number, number][] = [];
  const read = async (from: number, to: number) => {
    asked.push([from, to]);
    return sealed.slice(from, to);
  };
  const ranges = [
    [0, 1],
    [0, plain.length],
    [SEGMENT_BYTES - 1, SEGMENT_BYTES + 1],
    [2 * SEGMENT_BYTES, 3 * SEGMENT_BYTES],
    [plain.length - 1, plain.length],
  ] as const;
  for (const [from, to] of ranges)
    expect(await openPart(key(4), [from, to], plain.length, read)).toEqual(plain.slice(from, to));
  expect(asked[0]).toEqual([0, SEGMENT_BYTES + 16]);
  await expect(openPart(key(4), [5, 5], plain.length, read)).rejects.toThrow(/not inside/);
  await expect(openPart(key(4), [0, plain.length + 1], plain.length, read)).rejects.toThrow(/not inside/);
});
