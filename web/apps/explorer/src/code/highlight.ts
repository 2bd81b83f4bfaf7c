export type Language = "bash" | "python" | "javascript" | "json";

/** A piece of code, and what kind of thing it is. */
export type Piece = { kind: "plain" | "key" | "text" | "number" | "word"; text: string };

const WORDS: Record<Language, readonly string[]> = {
  bash: ["curl"],
  python: ["import", "from", "print", "open", "None", "True", "False"],
  javascript: ["import", "from", "const", "await", "new", "null", "true", "false"],
  json: ["null", "true", "false"],
};

// Text in any quotes, a number, a word, or anything else.
const PIECES =
  /("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)|(-?\b\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\b)|([A-Za-z_]\w*)|([^"'`\w-]+|.)/gs;

/** Code in pieces; together they are the code. */
export function pieces(code: string, language: Language): Piece[] {
  const found: Piece[] = [];
  for (const { 0: text, 1: quoted, 2: number, 3: word, index } of code.matchAll(PIECES)) {
    const kind = quoted
      ? language === "json" && /^\s*:/.test(code.slice(index + text.length, index + text.length + 8))
        ? "key"
        : "text"
      : number
        ? "number"
        : word && WORDS[language].includes(word)
          ? "word"
          : "plain";
    const last = found.at(-1);
    if (last?.kind === kind) last.text += text;
    else found.push({ kind, text });
  }
  return found;
}
