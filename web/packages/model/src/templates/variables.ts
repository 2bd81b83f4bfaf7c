/** A stretch of a text: words that stay, or a variable. */
export type Piece = { text: string } | { variable: string };

/** Cuts a text into words and variables, `{{1}}` or `{{first_name}}`. Throws a `RangeError` when brackets enclose no name. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  const push = (words: string) => {
    if (words.includes("}}")) throw new RangeError("two curly brackets have no partner");
    if (words) found.push({ text: words });
  };
  let rest = text;
  for (let start = rest.indexOf("{{"); start >= 0; start = rest.indexOf("{{")) {
    const end = rest.indexOf("}}", start + 2);
    const name = end < 0 ? "" : rest.slice(start + 2, end).replace(/^ +| +$/g, "");
    if (!/^[a-z0-9_]+$/.test(name)) throw new RangeError("between double curly brackets stands a number or a name");
    push(rest.slice(0, start));
    found.push({ variable: name });
    rest = rest.slice(end + 2);
  }
  push(rest);
  return found;
}

/** The different variables of a text, in the order of their first place; none when the text is not well formed. */
export function variables(text: string): string[] {
  try {
    return [...new Set(pieces(text).flatMap((piece) => ("variable" in piece ? [piece.variable] : [])))];
  } catch {
    return [];
  }
}
