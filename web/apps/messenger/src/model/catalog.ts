import type { Messenger, Product } from "@suki/model";
import { productsOf } from "@suki/model";

/** A stretch of a catalogue. */
interface Page {
  products: Product[];
  /** Where the next page begins, "" on the last. */
  after: string;
}

/** A page of a business's catalogue, asked of its endpoint. Fails with `CallError`. */
export async function catalogPage(
  messenger: Messenger,
  conversation: string,
  catalogId: string,
  after: string,
): Promise<Page> {
  const question = { catalog_id: catalogId, ...(after && { after }) };
  const answer: unknown = JSON.parse(await messenger.ask(conversation, "catalog", JSON.stringify(question)));
  if (typeof answer !== "object" || answer === null) return { products: [], after: "" };
  const { products, next } = answer as { products?: unknown; next?: unknown };
  return { products: productsOf(products), after: typeof next === "string" ? next : "" };
}
