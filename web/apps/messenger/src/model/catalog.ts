import { type Message, type Messenger, type Product, productsOf, type Rendered } from "@suki/model";
import type { StructuredButton } from "@suki/ui/logic";
import { filledIn } from "./words.ts";

export interface Shelf {
  title: string;
  products: Product[];
}

/** What a button opens: goods that came with it, goods that it names, or all there are. An empty `catalogId` is the shop's own. */
export type Offer =
  | { kind: "here"; catalogId: string; shelves: Shelf[] }
  | { kind: "named"; catalogId: string; shelves: { title: string; ids: string[] }[] }
  | { kind: "whole"; catalogId: string };

/** A stretch of a catalogue. */
interface Page {
  catalogId: string;
  products: Product[];
  /** Where the next page begins, "" on the last. */
  after: string;
  /** The shop takes orders out of a cart. */
  cart: boolean;
}

/** So many goods a question may name (cloud-api.md, section 3b). */
const MOST_NAMED = 30;

/** What the button of a message offers to buy; null for one that offers nothing. */
export function offerOf({ body }: Message, button: StructuredButton): Offer | null {
  if (body.type === "interactive") {
    const { action } = body.interactive;
    if (action.case === "catalog") return { kind: "whole", catalogId: action.value.catalogId };
    if (action.case === "products") {
      return { kind: "here", catalogId: action.value.catalogId, shelves: action.value.sections };
    }
    return action.case === "product"
      ? { kind: "here", catalogId: action.value.catalogId, shelves: [{ title: "", products: [action.value] }] }
      : null;
  }
  const shown = filledIn(body);
  return shown && ofTemplate(shown, button);
}

function ofTemplate(shown: Rendered, { kind, label, value }: StructuredButton): Offer | null {
  const told = objectOf(value);
  const catalogId = textOf(told.catalog_id);
  if (kind === "CATALOG") return { kind: "whole", catalogId };
  if (kind === "MPM") {
    const shelves = listOf(told.sections).map((section) => ({
      title: textOf(section.title),
      ids: listOf(section.product_items).map((item) => textOf(item.product_retailer_id)),
    }));
    return { kind: "named", catalogId, shelves };
  }
  if (kind !== "SPM") return null;
  // The product stands above the button: in the message's header, or in the card's.
  const holds = (one: StructuredButton) => one.kind === kind && one.label === label && one.value === value;
  const header = shown.header ?? shown.cards.find((card) => card.buttons.some(holds))?.header;
  const id = header?.type === "product" ? header.product : "";
  return id ? { kind: "named", catalogId, shelves: [{ title: "", ids: [id] }] } : null;
}

/** A page of a business's catalogue, asked of its endpoint. Fails with `CallError`, and when the shop says that it cannot. */
export function catalogPage(messenger: Messenger, chat: string, catalogId: string, after: string): Promise<Page> {
  return ask(messenger, chat, { ...(catalogId && { catalog_id: catalogId }), ...(after && { after }) });
}

/** The goods that a button names, as they are now, on their shelves; what is gone is left out. Fails as `catalogPage`. */
export async function named(
  messenger: Messenger,
  chat: string,
  { catalogId, shelves }: Offer & { kind: "named" },
): Promise<{ catalogId: string; shelves: Shelf[]; cart: boolean }> {
  const ids = shelves.flatMap((shelf) => shelf.ids).slice(0, MOST_NAMED);
  const page = await ask(messenger, chat, { ...(catalogId && { catalog_id: catalogId }), ids });
  const known = new Map(page.products.map((product) => [product.retailerId, product]));
  const filled = shelves.map(({ title, ids: on }) => ({ title, products: on.flatMap((id) => known.get(id) ?? []) }));
  return { catalogId: page.catalogId, shelves: filled.filter((shelf) => shelf.products.length > 0), cart: page.cart };
}

async function ask(messenger: Messenger, chat: string, question: object): Promise<Page> {
  const answer = objectOf(await messenger.ask(chat, "catalog", JSON.stringify(question)));
  if (answer.error !== undefined) throw new Error("the shop does not show its catalogue");
  return {
    catalogId: textOf(answer.catalog_id),
    products: productsOf(answer.products),
    after: textOf(answer.next),
    cart: answer.cart !== false,
  };
}

type Told = Record<string, unknown>;

function objectOf(json: string): Told {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === "object" && value !== null ? (value as Told) : {};
  } catch {
    return {};
  }
}

function listOf(value: unknown): Told[] {
  return Array.isArray(value) ? value.filter((one): one is Told => typeof one === "object" && one !== null) : [];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
