import { parse } from "@formatjs/icu-messageformat-parser";
import { IntlMessageFormat } from "intl-messageformat";
import { isolate } from "./bidi.ts";
import { type Formats, formats } from "./format.ts";
import type { Key, Part } from "./keys.ts";
import { choose, LANGUAGES, type Language, PSEUDO } from "./languages.ts";
import { pseudo } from "./pseudo.ts";

type Catalogue = Record<string, string>;
export type Values = Record<string, string | number>;

const files = import.meta.glob<Catalogue>("../catalogues/*/*.json", { import: "default" });
const tags = new Set(Object.keys(files).map((path) => path.split("/")[2] ?? ""));

const ENGLISH: Language = { tag: "en", intl: "en", dir: "ltr", name: "English" };
let language = $state.raw<Language>(ENGLISH);
let catalogue = $state.raw<Catalogue>({});
const written = $derived<Formats>(formats(language.intl));
let parts: readonly Part[] = [];
let compiled = new Map<string, IntlMessageFormat>();

async function load(tag: string): Promise<Catalogue> {
  const found = parts.map((part) => files[`../catalogues/${tag}/${part}.json`]).filter((file) => file !== undefined);
  return Object.assign({}, ...(await Promise.all(found.map((file) => file())))) as Catalogue;
}

/**
 * Loads the parts of the catalogue an app shows, in the language that `choose` finds. Ends before the app is mounted,
 * so that no key is ever seen in place of its text.
 */
export async function start(
  wanted: readonly Part[],
  search = "",
  preferred: readonly string[] = [],
): Promise<Language> {
  parts = wanted;
  // A language counts for an app when all of its parts are there: half a translated page helps nobody.
  const whole = [...tags].filter((tag) => wanted.every((part) => files[`../catalogues/${tag}/${part}.json`]));
  await speak(choose(search, preferred, new Set(whole)).tag);
  return language;
}

/** Changes the language of everything on the page. What a translation lacks is shown in English. */
export async function speak(tag: string): Promise<void> {
  const next = [...LANGUAGES, ...PSEUDO].find((one) => one.tag === tag) ?? ENGLISH;
  const [english, own] = await Promise.all([load("en"), next.tag === "en" || next.pseudo ? {} : load(next.tag)]);
  compiled = new Map();
  catalogue = { ...english, ...own };
  language = next;
}

/** The language spoken now. */
export function current(): Language {
  return language;
}

/** Dates, numbers and spans in the language spoken now. */
export function fmt(): Formats {
  return written;
}

function message(key: Key): IntlMessageFormat {
  let format = compiled.get(key);
  if (!format) {
    const text = catalogue[key];
    if (text === undefined) throw new Error(`The catalogue part of "${key}" is not loaded: name it in start().`);
    const elements = parse(text, { locale: new Intl.Locale(language.intl) });
    format = new IntlMessageFormat(language.pseudo ? pseudo(elements, language.pseudo) : elements, language.intl);
    compiled.set(key, format);
  }
  return format;
}

/** The text of a key in the language spoken now, with its values put in. */
export function t(key: Key, values: Values = {}): string {
  const safe = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isolate(value, language.dir)]));
  return String(message(key).format(safe));
}
