import { create, toBinary } from "@bufbuild/protobuf";
import { TemplateSchema } from "@suki/api/gen";
import type { Message, Messenger } from "@suki/model";
import { describe, expect, it } from "vitest";
import { catalogPage, named, offerOf } from "./catalog.ts";

const BODY = { type: "BODY", text: "Fresh today" } as const;

/** A template with one button, as it came. */
function template(kind: string, value: string, product = ""): Message {
  const header = product ? [{ type: "HEADER", format: "PRODUCT" }] : [];
  const components = [...header, BODY, { type: "BUTTONS", buttons: [{ type: kind, text: "View" }] }];
  const sent = create(TemplateSchema, {
    name: "fresh",
    header: product ? [{ value: { case: "product", value: product } }] : [],
    buttons: value ? [{ index: 0, kind: kind.toLowerCase(), parameters: [value] }] : [],
  });
  const body = {
    type: "template",
    state: "shown",
    sent: toBinary(TemplateSchema, sent),
    text: { components },
  };
  return { body } as unknown as Message;
}
const button = (kind: string, value: string) => ({ kind, label: "View", value });

/** A messenger whose shop answers every question so; it keeps what was asked. */
function shop(answer: object) {
  const asked: unknown[] = [];
  const ask = async (_chat: string, _kind: string, json: string) => {
    asked.push(JSON.parse(json));
    return JSON.stringify(answer);
  };
  return { asked, messenger: { ask } as unknown as Messenger };
}
const goods = (id: string) => ({ catalog_id: "7", retailer_id: id, name: id, price_1000: "50000", currency: "PHP" });

describe("what a template's button sells (cloud-api.md, section 3b)", () => {
  it("is all there is, of a catalogue", () => {
    const value = JSON.stringify({ catalog_id: "7" });
    expect(offerOf(template("CATALOG", value), button("CATALOG", value))).toEqual({ kind: "whole", catalogId: "7" });
  });
  it("is what it names, by sections", () => {
    const items = [{ product_retailer_id: "ube" }, { product_retailer_id: "cho" }];
    const value = JSON.stringify({ catalog_id: "7", sections: [{ title: "Cakes", product_items: items }] });
    const shelves = [{ title: "Cakes", ids: ["ube", "cho"] }];
    expect(offerOf(template("MPM", value), button("MPM", value))).toEqual({ kind: "named", catalogId: "7", shelves });
  });
  it("is the product above it", () => {
    const found = offerOf(template("SPM", "", "ube"), button("SPM", ""));
    expect(found).toEqual({ kind: "named", catalogId: "", shelves: [{ title: "", ids: ["ube"] }] });
  });
  it("is nothing where it sells nothing, and a value that is no JSON harms nobody", () => {
    expect(offerOf(template("SPM", ""), button("SPM", ""))).toBeNull();
    expect(offerOf(template("MPM", "{"), button("MPM", "{"))).toEqual({ kind: "named", catalogId: "", shelves: [] });
  });
});

describe("asking the shop", () => {
  it("puts goods onto their shelves, without what is gone", async () => {
    const { asked, messenger } = shop({ catalog_id: "7", cart: false, products: [goods("ube")], next: "" });
    const shelves = [
      { title: "Cakes", ids: ["cho", "ube"] },
      { title: "Bread", ids: ["pan"] },
    ];
    const found = await named(messenger, "c", { kind: "named", catalogId: "", shelves });
    expect(asked).toEqual([{ ids: ["cho", "ube", "pan"] }]);
    expect(found.shelves.map((shelf) => [shelf.title, shelf.products.map((one) => one.retailerId)])).toEqual([
      ["Cakes", ["ube"]],
    ]);
    expect([found.catalogId, found.cart]).toEqual(["7", false]);
  });
  it("goes on where a page ended, and fails when the shop cannot", async () => {
    const { asked, messenger } = shop({ catalog_id: "7", products: [], next: "n" });
    expect((await catalogPage(messenger, "c", "7", "m")).after).toBe("n");
    expect(asked).toEqual([{ catalog_id: "7", after: "m" }]);
    await expect(catalogPage(shop({ error: "hidden" }).messenger, "c", "7", "")).rejects.toThrow("does not show");
  });
});
