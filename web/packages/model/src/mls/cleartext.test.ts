import { expect, test } from "vitest";
import { cleartext } from "./cleartext.ts";

const message = (format: number, ...rest: number[]) =>
  new Uint8Array([0, 1, 0, format, 16, ...Array<number>(16).fill(7), 0, 0, 0, 0, 0, 0, 0, 9, ...rest]);

test("a private message and an external commit show their cleartext", () => {
  expect(cleartext(message(2, 1, 3, 97, 97, 100, 0, 0))).toEqual({
    conversation: "07".repeat(16),
    epoch: 9,
    content: "application",
    authenticatedData: new Uint8Array([97, 97, 100]),
  });
  expect(cleartext(message(1, 4, 1, 42, 3))).toMatchObject({ content: "commit", epoch: 9 });
});

test("a length of two bytes is read", () => {
  const data = Array<number>(100).fill(1);
  expect(cleartext(message(2, 1, 0x40, 100, ...data)).authenticatedData.length).toBe(100);
});

test("every cut and every other kind is refused", () => {
  const whole = message(2, 1, 3, 97, 97, 100);
  for (let end = 0; end < whole.length; end += 1) expect(() => cleartext(whole.slice(0, end))).toThrow(RangeError);
  for (const wrong of [
    message(3, 1, 0),
    message(1, 1, 0, 3),
    message(2, 0, 0),
    message(2, 4, 0),
    message(2, 1, 0xc0),
  ]) {
    expect(() => cleartext(wrong)).toThrow(RangeError);
  }
});
