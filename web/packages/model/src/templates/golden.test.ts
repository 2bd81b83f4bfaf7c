import { readFileSync } from "node:fs";
import { fromBinary } from "@bufbuild/protobuf";
import { unbase64 } from "@suki/api";
import { TemplateSchema } from "@suki/api/gen";
import { expect, test } from "vitest";
import { render } from "./render.ts";
import type { Component, Rendered } from "./shapes.ts";

/** Written by the Rust renderer's own test: both have to show the same, and refuse the same. */
const file = new URL("../../../../../crates/protocol/golden/templates.json", import.meta.url);
const vectors = JSON.parse(readFileSync(file, "utf8")) as {
  components: Component[];
  sent: string;
  shown: Rendered | null;
}[];

const SENDER_WORDS = { currency: () => null, dateTime: () => null };

test.each(vectors.map((one, index) => [index, one] as const))(
  "vector %i is shown alike",
  (_, { components, sent, shown }) => {
    const template = fromBinary(TemplateSchema, unbase64(sent));
    if (shown === null) expect(() => render(components, template, SENDER_WORDS)).toThrow();
    else expect(render(components, template, SENDER_WORDS)).toEqual(shown);
  },
);
