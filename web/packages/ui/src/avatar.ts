/** How many avatar colours there are. */
export const AVATAR_COLOURS = 12;

/** One or two letters that stand for a name: the first of its first and last word; none when it has no letter. */
export function initials(name: string): string {
  const words = name
    .trim()
    .split(/\s+/u)
    .filter((word) => /^[^\p{L}\p{N}]*\p{L}/u.test(word));
  const letter = (word: string) => {
    const segments = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(word)];
    return segments.find((segment) => /\p{L}/u.test(segment.segment))?.segment ?? "";
  };
  const first = words[0] ? letter(words[0]) : "";
  const last = words.length > 1 ? letter(words[words.length - 1] ?? "") : "";
  // Joined scripts have no initials: two of their letters side by side would read as a word.
  return /[\u0590-\u08ff\u0900-\u0dff]/.test(first) ? first : (first + last).toLocaleUpperCase();
}

/** The colour of an id, the same on every device and after every rename: 0 to `AVATAR_COLOURS - 1`. */
export function colourOf(id: string): number {
  let hash = 2166136261;
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619) >>> 0;
  // Ids differ in few letters: what the high bits know has to reach the low ones.
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b) >>> 0;
  return ((hash ^ (hash >>> 15)) >>> 0) % AVATAR_COLOURS;
}
