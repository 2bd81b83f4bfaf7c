import type { Words } from "@suki/api";

/** What a whole message that is one of the words means. */
export type Wish = "stop" | "resume";

/** A message with more characters than this is none of the words, however much of it is decoration. */
const LOOKED_AT = 120;

/** What a message means, if all of it is one of the words. */
export function recognise(text: string, words: Words): Wish | null {
  if ([...text].length > LOOKED_AT) return null;
  const folded = fold(text);
  if (folded === "") return null;
  if (words.stop.includes(folded)) return "stop";
  return words.resume.includes(folded) ? "resume" : null;
}

/** A text without what people write differently and mean alike: the same steps as `suki_types::words::fold`. */
export function fold(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f\u064b-\u065f\u0670\u0640\u200c\u200d]/g, "")
    .replace(/[\u0649\u06cc]/g, "\u064a")
    .replace(/\u0629/g, "\u0647")
    .replace(/[^\p{Alphabetic}\p{N}\u0980-\u09ff]+/gu, " ")
    .trim();
}
