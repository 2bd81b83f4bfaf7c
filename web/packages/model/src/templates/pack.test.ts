import { expect, test } from "vitest";
import { exactly } from "./pack.ts";
import type { Pack } from "./shapes.ts";

const pack = {
  name: "sale",
  languages: [{ language: "en_US", templateId: 7, version: 2, category: "MARKETING", components: [] }],
} as unknown as Pack;

test("a message's category has to be the text's, and marketing is marketing by whichever way it came", () => {
  for (const category of ["marketing", "marketing_lite", null])
    expect(exactly(pack, 7, 2, category)).toBe(pack.languages[0]);
  for (const category of ["utility", "utility_lite", ""]) expect(exactly(pack, 7, 2, category)).toBeNull();
  expect(exactly(pack, 7, 1, "marketing")).toBeNull();
});
