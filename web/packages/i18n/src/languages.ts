/** A language the products speak, or one of the two pseudo-languages that tests and screenshots use. */
export type Language = {
  /** The tag written into the page and asked for with `?lang=`. */
  tag: string;
  /** The tag `Intl` formats dates, numbers and plurals with. */
  intl: string;
  dir: "ltr" | "rtl";
  /** Its own name, in itself. */
  name: string;
  /** How a pseudo-language changes the English text. */
  pseudo?: "longer" | "mirrored";
};

export const LANGUAGES: readonly Language[] = [
  { tag: "en", intl: "en", dir: "ltr", name: "English" },
  { tag: "fil", intl: "fil", dir: "ltr", name: "Filipino" },
  { tag: "bn", intl: "bn", dir: "ltr", name: "বাংলা" },
  { tag: "ru", intl: "ru", dir: "ltr", name: "Русский" },
  { tag: "ar", intl: "ar", dir: "rtl", name: "العربية" },
  { tag: "pl", intl: "pl", dir: "ltr", name: "Polski" },
];

export const PSEUDO: readonly Language[] = [
  { tag: "xx", intl: "en", dir: "ltr", name: "Longer", pseudo: "longer" },
  { tag: "ar-XB", intl: "ar", dir: "rtl", name: "Mirrored", pseudo: "mirrored" },
];

const ENGLISH: Language = { tag: "en", intl: "en", dir: "ltr", name: "English" };

/**
 * The language to speak: the one the address asks for (`?lang=`, pseudo-languages too), else the first of the
 * person's own languages that has a catalogue, else English. `available` holds the tags that have one.
 */
export function choose(search: string, preferred: readonly string[], available: ReadonlySet<string>): Language {
  const asked = new URLSearchParams(search).get("lang");
  const pseudo = PSEUDO.find((language) => language.tag === asked);
  if (pseudo) return pseudo;
  for (const tag of asked ? [asked, ...preferred] : preferred) {
    const base = primary(tag);
    const found = LANGUAGES.find((language) => language.tag === base && available.has(language.tag));
    if (found) return found;
  }
  return ENGLISH;
}

function primary(tag: string): string {
  const base = tag.toLowerCase().split("-")[0] ?? "";
  return base === "tl" ? "fil" : base;
}
