import { type Body, orderBody, type Product } from "@suki/model";

/** The most of one thing in a cart (cloud-api.md, section 3e). */
export const MOST_OF_ONE = 99;

/** What something costs now. */
export function costs({ price1000, salePrice1000 }: Product): bigint {
  return salePrice1000 > 0n && salePrice1000 < price1000 ? salePrice1000 : price1000;
}

/** What a person has put together, until he sends it. Prices are those he was shown; the shop says what holds. */
export class Cart {
  #counts = $state.raw<ReadonlyMap<string, { product: Product; count: number }>>(new Map());

  count(product: Product): number {
    return this.#counts.get(product.retailerId)?.count ?? 0;
  }

  set(product: Product, count: number): void {
    const next = new Map(this.#counts);
    const bounded = Math.max(0, Math.min(MOST_OF_ONE, count));
    if (bounded === 0) next.delete(product.retailerId);
    else next.set(product.retailerId, { product, count: bounded });
    this.#counts = next;
  }

  get items(): { product: Product; count: number }[] {
    return [...this.#counts.values()];
  }

  get pieces(): number {
    return this.items.reduce((sum, one) => sum + one.count, 0);
  }

  /** In thousandths of the currency's unit. */
  get total(): bigint {
    return this.items.reduce((sum, { product, count }) => sum + costs(product) * BigInt(count), 0n);
  }

  /** The order as it is sent. */
  order(catalogId: string, text: string): Body {
    const items = this.items.map(({ product, count }) => ({
      retailerId: product.retailerId,
      quantity: count,
      price1000: costs(product),
      currency: product.currency,
      name: product.name,
    }));
    return orderBody({ catalogId, text, items });
  }
}
