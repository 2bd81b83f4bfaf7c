import type { Detail } from "@suki/console-api";
import { list, part, text, texts } from "./detail.ts";

export type Piece = { text: string; variable: boolean };
export type Face = {
  header: { kind: string; pieces: Piece[] } | null;
  body: Piece[];
  footer: string;
  buttons: { kind: string; text: string; to: string }[];
  cards: Face[];
};

/** A template's components as a customer would see them, with the examples in place of the variables. */
export function face(components: Detail[], filled: boolean): Face {
  const of = (type: string) => components.find((one) => text(one, "type").toUpperCase() === type);
  const header = of("HEADER");
  const body = of("BODY");
  const offer = of("LIMITED_TIME_OFFER");
  const lead = offer ? [{ text: `${text(part(offer, "limited_time_offer"), "text")}\n`, variable: false }] : [];
  return {
    header: header ? { kind: text(header, "format").toUpperCase() || "TEXT", pieces: pieces(header, filled) } : null,
    body: body ? [...lead, ...pieces(body, filled)] : lead,
    footer: text(of("FOOTER") ?? {}, "text"),
    buttons: list(of("BUTTONS") ?? {}, "buttons").map((one) => ({
      kind: text(one, "type").toUpperCase(),
      text: text(one, "text") || text(one, "example"),
      to: text(one, "url") || text(one, "phone_number"),
    })),
    cards: list(of("CAROUSEL") ?? {}, "cards").map((card) => face(list(card, "components"), filled)),
  };
}

function pieces(component: Detail, filled: boolean): Piece[] {
  const known = examples(component);
  const all: Piece[] = [];
  let at = 0;
  const written = text(component, "text");
  for (const found of written.matchAll(/\{\{\s*(\w+)\s*\}\}/g)) {
    if (found.index > at) all.push({ text: written.slice(at, found.index), variable: false });
    all.push({ text: (filled && known.get(found[1] ?? "")) || found[0], variable: true });
    at = found.index + found[0].length;
  }
  if (at < written.length) all.push({ text: written.slice(at), variable: false });
  return all;
}

function examples(component: Detail): Map<string, string> {
  const example = part(component, "example");
  const known = new Map<string, string>();
  for (const name of ["header_text_named_params", "body_text_named_params"])
    for (const one of list(example, name)) known.set(text(one, "param_name"), text(one, "example"));
  const rows = example.body_text;
  const row = Array.isArray(rows) && Array.isArray(rows[0]) ? { row: rows[0] } : {};
  [...texts(example, "header_text"), ...texts(row, "row")].forEach((value, index) => {
    known.set(String(index + 1), value);
  });
  return known;
}
