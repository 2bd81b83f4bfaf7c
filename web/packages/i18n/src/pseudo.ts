import { type MessageFormatElement, TYPE } from "@formatjs/icu-messageformat-parser";

const ACCENTS: Record<string, string> = {
  a: "á",
  b: "ƀ",
  c: "ç",
  d: "ð",
  e: "é",
  g: "ĝ",
  h: "ĥ",
  i: "í",
  j: "ĵ",
  k: "ķ",
  l: "ļ",
  n: "ñ",
  o: "ó",
  p: "þ",
  r: "ŕ",
  s: "š",
  t: "ţ",
  u: "ú",
  w: "ŵ",
  y: "ý",
  z: "ž",
  A: "Á",
  B: "Ɓ",
  C: "Ç",
  D: "Ð",
  E: "É",
  G: "Ĝ",
  I: "Í",
  L: "Ļ",
  N: "Ñ",
  O: "Ó",
  R: "Ŕ",
  S: "Š",
  T: "Ţ",
  U: "Ú",
  W: "Ŵ",
  Y: "Ý",
  Z: "Ž",
};
const RIGHT_TO_LEFT_OVERRIDE = "\u202e";
const POP = "\u202c";

function longer(text: string): string {
  const accented = [...text].map((character) => ACCENTS[character] ?? character).join("");
  const letters = text.replace(/\P{L}/gu, "").length;
  // In words of six, as real languages grow: one endless word would break every line.
  const more = "~".repeat(Math.ceil(letters * 0.4)).replace(/~{6}(?=~)/g, "~~~~~~ ");
  return letters < 2 ? accented : `${accented}${more}`;
}

function mirrored(text: string): string {
  return text.replace(/\p{L}[\p{L}\p{N}'’-]*/gu, (word) => `${RIGHT_TO_LEFT_OVERRIDE}${word}${POP}`);
}

/** Changes the words of a parsed message and leaves its arguments, so that plurals and names still work. */
export function pseudo(elements: MessageFormatElement[], how: "longer" | "mirrored"): MessageFormatElement[] {
  const change = how === "longer" ? longer : mirrored;
  return elements.map((element) => {
    if (element.type === TYPE.literal) return { ...element, value: change(element.value) };
    if (element.type === TYPE.plural || element.type === TYPE.select) {
      const options = Object.fromEntries(
        Object.entries(element.options).map(([name, option]) => [
          name,
          { ...option, value: pseudo(option.value, how) },
        ]),
      );
      return { ...element, options } as MessageFormatElement;
    }
    if (element.type === TYPE.tag) return { ...element, children: pseudo(element.children, how) };
    return element;
  });
}
