import { concat, unbase64, unprefixed } from "@suki/api";
import type { Component, Pack, PackText } from "./shapes.ts";
import { variables } from "./variables.ts";

/** A pack as the network gives it: base64 of the exact bytes, and the network's signature of them. */
export interface SignedPack {
  body: string;
  signature: string;
}

/** Why a pack does not count: not signed by the network, not readable, or another one than was asked for. */
export class PackError extends Error {
  override readonly name = "PackError";
  readonly why: "forged" | "malformed" | "other";
  constructor(why: "forged" | "malformed" | "other") {
    super(`the pack is ${why}`);
    this.why = why;
  }
}

const CONTEXT = new TextEncoder().encode("suki/pack/1");

interface WirePack {
  business: string;
  name: string;
  serial: number;
  issued_at: number;
  refresh_millis: number;
  retry_millis: number;
  fallback: "sender" | "refuse";
  languages: (Omit<PackText, "templateId"> & { template_id: number })[];
}

/** Opens a pack of this business and name. `verify` checks an Ed25519 signature by the network. Fails with `PackError`. */
export async function openPack(
  signed: SignedPack,
  business: string,
  name: string,
  verify: (bytes: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>) => Promise<boolean>,
): Promise<Pack> {
  let body: Uint8Array<ArrayBuffer>;
  let signature: Uint8Array<ArrayBuffer>;
  try {
    [body, signature] = [unbase64(signed.body), unbase64(signed.signature)];
  } catch {
    throw new PackError("malformed");
  }
  if (!(await verify(concat(CONTEXT, body), signature))) throw new PackError("forged");
  let pack: Pack;
  try {
    pack = told(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) as WirePack);
  } catch {
    throw new PackError("malformed");
  }
  if (pack.business !== business || pack.name !== name) throw new PackError("other");
  return pack;
}

function told(wire: WirePack): Pack {
  return {
    business: unprefixed("acc", wire.business),
    name: wire.name,
    serial: wire.serial,
    issuedAt: wire.issued_at,
    refreshMillis: wire.refresh_millis,
    retryMillis: wire.retry_millis,
    fallback: wire.fallback,
    languages: wire.languages.map(({ language, template_id: templateId, version, category, components }) => {
      return { language, templateId, version, category, components };
    }),
  };
}

const base = (language: string) => language.toLowerCase().split(/[_-]/)[0] ?? "";
const plain = (language: string) => language.toLowerCase().replaceAll("-", "_");

/** The newest text in a reader's language: with its region, without one, or with another one; null when the pack lacks it. */
export function forReader(pack: Pack, language: string): PackText | null {
  const newest = (fits: (text: PackText) => boolean) =>
    pack.languages
      .filter(fits)
      .reduce<PackText | null>((best, one) => (best && best.version >= one.version ? best : one), null);
  return (
    newest((text) => plain(text.language) === plain(language)) ??
    newest((text) => plain(text.language) === base(language)) ??
    newest((text) => base(text.language) === base(language))
  );
}

/** What a message names: its text, or null when the pack does not have it, or has it in another category. */
export function exactly(pack: Pack, templateId: number, version: number, category: string | null): PackText | null {
  const found = pack.languages.find((one) => one.templateId === templateId && one.version === version);
  // What a program sends over the Cloud API's marketing_messages is marketing to whoever reads it.
  const named = category === "marketing_lite" ? "marketing" : category;
  return found && (named === null || found.category.toLowerCase() === named) ? found : null;
}

/** The text that a reader gets: in the first of his languages that the pack has with the same variables, else as the pack says. */
export function chosen(
  pack: Pack,
  sender: PackText,
  readerLanguage: boolean,
  languages: readonly string[],
): PackText | null {
  if (!readerLanguage) return sender;
  for (const language of languages) {
    const found = forReader(pack, language);
    if (found && isAlike(found.components, sender.components)) return found;
  }
  return pack.fallback === "sender" ? sender : null;
}

/** Whether the parameters of the one fill the other, too. */
function isAlike(a: Component[], b: Component[]): boolean {
  return shape(a) === shape(b);
}

function shape(components: Component[]): string {
  const sorted = (text: string | undefined) => variables(text ?? "").sort();
  return JSON.stringify(
    components
      .map((one): unknown => {
        switch (one.type) {
          case "HEADER":
            return ["H", one.format, sorted(one.text)];
          case "BODY":
            return ["B", sorted(one.text)];
          case "FOOTER":
            return null;
          case "BUTTONS":
            return ["K", one.buttons.map((button) => [button.type, variables(button.url ?? "").length])];
          case "CAROUSEL":
            return ["C", one.cards.map((card) => shape(card.components))];
          case "LIMITED_TIME_OFFER":
            return ["L", one.limited_time_offer.has_expiration === true];
          default:
            return one;
        }
      })
      .filter((one) => one !== null),
  );
}
