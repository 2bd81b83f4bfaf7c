/** A piece of a text: plain, or with the address it leads to. */
export type Segment = { text: string; href?: string };

const CANDIDATE = /(?:https?:\/\/|www\.)[^\s<>"'`\u2026\u060c\u061b\u3002]+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+/giu;
const TRAILING = /[.,;:!?)\]}'"*_~]+$/u;

function trim(candidate: string): string {
  let text = candidate;
  for (;;) {
    const end = TRAILING.exec(text);
    if (!end) return text;
    const last = text.at(-1);
    // A closing bracket belongs to the address when it was opened inside it.
    if (last === ")" && count(text, "(") >= count(text, ")")) return text;
    if (last === "]" && count(text, "[") >= count(text, "]")) return text;
    text = text.slice(0, -1);
  }
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function address(text: string): string | undefined {
  if (!/^(https?:|www\.)/i.test(text)) return `mailto:${text}`;
  try {
    const url = new URL(/^www\./i.test(text) ? `https://${text}` : text);
    return url.protocol === "https:" || url.protocol === "http:" ? url.href : undefined;
  } catch {
    return undefined;
  }
}

/** Cuts a text into plain pieces and links. Only web and mail addresses become links, never another scheme. */
export function linkify(text: string): Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const shown = trim(match[0]);
    const href = address(shown);
    if (!href || match.index < from) continue;
    if (match.index > from) segments.push({ text: text.slice(from, match.index) });
    segments.push({ text: shown, href });
    from = match.index + shown.length;
  }
  if (from < text.length) segments.push({ text: text.slice(from) });
  return segments;
}

/** How many emoji a text consists of when it has nothing else; 0 when it has. More than three count as ordinary text. */
export function emojiOnly(text: string): number {
  const bare = text.replace(/\s/gu, "");
  if (!bare || bare.length > 48 || !/^\P{L}+$/u.test(bare) || /^[\d#*]+$/.test(bare)) return 0;
  const parts = [...new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(bare)];
  return parts.length <= 3 && parts.every((part) => /\p{Extended_Pictographic}|\p{RI}{2}|\u20e3/u.test(part.segment))
    ? parts.length
    : 0;
}
