import type { Template, TemplateButton, TemplateParameter } from "@suki/api/gen";
import type { ButtonShape, Component, Rendered, RenderedButton, RenderedHeader } from "./shapes.ts";
import { pieces } from "./variables.ts";

/** The parameters do not fit the approved text: such a message is not shown. */
export class Mismatch extends Error {
  override readonly name = "Mismatch";
}

/** How a reader's language writes money and time; null for what it cannot, which then stands in the sender's words. */
export interface ReaderLocale {
  currency(code: string, amount1000: bigint): string | null;
  dateTime(at: bigint, dateOnly: boolean): string | null;
}

/** Money and time by the browser's own tables. `tag` is a language as `Intl` knows it. */
export function readerLocale(tag: string, timeZone?: string): ReaderLocale {
  const attempt = (run: () => string) => {
    try {
      return run();
    } catch {
      return null;
    }
  };
  return {
    // A decimal string keeps thousandths exact where a number would not.
    currency: (code, amount1000) =>
      attempt(() => new Intl.NumberFormat(tag, { style: "currency", currency: code }).format(decimal(amount1000))),
    dateTime: (at, dateOnly) =>
      attempt(() => {
        const style = dateOnly
          ? ({ dateStyle: "long" } as const)
          : ({ dateStyle: "long", timeStyle: "short" } as const);
        return new Intl.DateTimeFormat(tag, { ...style, ...(timeZone && { timeZone }) }).format(Number(at) * 1000);
      }),
  };
}

/** Thousandths as a decimal text that `Intl` reads exactly. */
function decimal(thousandths: bigint): Intl.StringNumericLiteral {
  const sign = thousandths < 0n ? "-" : "";
  const digits = (thousandths < 0n ? -thousandths : thousandths).toString().padStart(4, "0");
  return `${sign}${digits.slice(0, -3)}.${digits.slice(-3)}` as Intl.StringNumericLiteral;
}

interface Level {
  header: TemplateParameter[];
  body: TemplateParameter[];
  buttons: TemplateButton[];
}

type Of<T extends Component["type"]> = Extract<Component, { type: T }>;

function part<T extends Component["type"]>(components: Component[], type: T): Of<T> | undefined {
  return components.find((one) => one.type === type) as Of<T> | undefined;
}

/** Fills an approved template in, as `suki_protocol::template::render` does. Throws a `Mismatch` when something is missing. */
export function render(components: Component[], sent: Template, locale: ReaderLocale): Rendered {
  const cards = part(components, "CAROUSEL")?.cards ?? [];
  if (cards.length !== sent.cards.length) throw new Mismatch(`the template has ${cards.length} cards`);
  const offer = part(components, "LIMITED_TIME_OFFER")?.limited_time_offer;
  return {
    ...level(components, sent, locale),
    footer: part(components, "FOOTER")?.text ?? "",
    offer: offer ? { text: offer.text, until: offer.has_expiration ? Number(sent.offerExpiresAt) : 0 } : null,
    cards: cards.map((card, index) => level(card.components, sent.cards[index] as Level, locale)),
  };
}

/** Header, body and footer as one text: for lists and notifications. */
export function asText({ header, body, footer }: Rendered): string {
  return [header?.type === "text" ? header.text : "", body, footer].filter(Boolean).join("\n");
}

function level(components: Component[], sent: Level, locale: ReaderLocale) {
  const buttons = part(components, "BUTTONS")?.buttons ?? [];
  return {
    header: header(components, sent.header, locale),
    body: fill(part(components, "BODY")?.text ?? "", sent.body, locale),
    buttons: buttons.map((one, index) => button(one, index, sent.buttons)),
  };
}

function header(components: Component[], sent: TemplateParameter[], locale: ReaderLocale): RenderedHeader | null {
  const found = part(components, "HEADER");
  if (!found) return null;
  if (found.format === "TEXT") return { type: "text", text: fill(found.text ?? "", sent, locale) };
  const value = sent.length === 1 ? sent[0]?.value : undefined;
  if (found.format === "LOCATION" && value?.case === "location") {
    const { latitude, longitude, name, address } = value.value;
    return { type: "location", latitude, longitude, name, address };
  }
  if (found.format === "PRODUCT" && value?.case === "product") return { type: "product", product: value.value };
  if (["IMAGE", "VIDEO", "DOCUMENT", "GIF"].includes(found.format) && value?.case === "media") {
    const { kind, link, filename, media } = value.value;
    return { type: "media", kind, link, filename, ...(media && { media }) };
  }
  throw new Mismatch(`the header is ${found.format}, and another kind was sent`);
}

function fill(template: string, sent: TemplateParameter[], locale: ReaderLocale): string {
  let parts: ReturnType<typeof pieces>;
  try {
    parts = pieces(template);
  } catch (error) {
    throw new Mismatch(error instanceof Error ? error.message : "the text is not well formed");
  }
  return parts.map((piece) => ("text" in piece ? piece.text : value(piece.variable, sent, locale))).join("");
}

/** The parameter of this name, or at the place of this number, as its reader writes it. */
function value(name: string, sent: TemplateParameter[], locale: ReaderLocale): string {
  const placed = /^[0-9]+$/.test(name) ? sent[Number(name) - 1] : undefined;
  const found = sent.find((one) => one.name === name) ?? (placed?.name === "" ? placed : undefined);
  switch (found?.value.case) {
    case "text":
      return found.value.value;
    case "currency": {
      const { code, amount1000, fallback } = found.value.value;
      return locale.currency(code, amount1000) ?? fallback;
    }
    case "dateTime": {
      const { at, dateOnly, fallback } = found.value.value;
      return (at === 0n ? null : locale.dateTime(at, dateOnly)) ?? fallback;
    }
    default:
      throw new Mismatch(`the parameter ${name} is missing, or no text`);
  }
}

function button(shape: ButtonShape, index: number, sent: TemplateButton[]): RenderedButton {
  const own = sent.find((one) => one.index === index)?.parameters[0] ?? "";
  return { kind: shape.type, label: shape.text ?? "", value: pressed(shape, own) };
}

function pressed(shape: ButtonShape, own: string): string {
  switch (shape.type) {
    case "URL":
      return address(shape.url ?? "", own);
    case "PHONE_NUMBER":
      return shape.phone_number ?? "";
    case "QUICK_REPLY":
      return own || (shape.text ?? "");
    default:
      return own;
  }
}

function address(url: string, ending: string): string {
  try {
    return pieces(url)
      .map((piece) => ("text" in piece ? piece.text : ending))
      .join("");
  } catch {
    return url;
  }
}
