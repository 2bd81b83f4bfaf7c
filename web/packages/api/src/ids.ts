/**
 * Ids are 16 bytes on the wire and 32 hexadecimal digits inside the app. Registration writes them with a prefix that says
 * of what they are the id.
 */
export type Prefix = "acc" | "dev" | "cnv" | "msg" | "cmt";

/** The lower-case hexadecimal digits of bytes. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** The bytes of hexadecimal digits. Throws a `RangeError` for anything else. */
export function unhex(text: string): Uint8Array<ArrayBuffer> {
  if (text.length % 2 !== 0 || /[^0-9a-f]/.test(text)) throw new RangeError("expected lower-case hexadecimal digits");
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

/** A new id of 16 bytes as hexadecimal digits: 48 bits of the time, then random ones, so that later ids sort later. */
export function freshId(now: number, random: (length: number) => Uint8Array): string {
  return Math.max(0, Math.floor(now)).toString(16).padStart(12, "0").slice(-12) + hex(random(10));
}

/** The digits of an id written with its prefix, as in `acc_018f…`. Throws a `RangeError` when it is not one of that kind. */
export function unprefixed(prefix: Prefix, text: string): string {
  const digits = text.startsWith(`${prefix}_`) ? text.slice(prefix.length + 1) : "";
  if (!/^[0-9a-f]{32}$/.test(digits)) throw new RangeError(`expected ${prefix}_ and 32 hexadecimal digits`);
  return digits;
}

/** An id as calls and registration write it. */
export function prefixed(prefix: Prefix, digits: string): string {
  return `${prefix}_${digits}`;
}

/** Standard base64, as registration writes bytes. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

/** The bytes of standard base64. Throws a `RangeError` for anything else. */
export function unbase64(text: string): Uint8Array<ArrayBuffer> {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new RangeError("expected standard base64");
  }
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** Several byte strings, one after another. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Whether two byte strings are the same. Not for secrets: the time it takes depends on where they differ. */
export function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
