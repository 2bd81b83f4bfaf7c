/** A JSON Schema, as far as this page reads it. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  prefixItems?: Schema[];
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
  format?: string;
  pattern?: string;
  contentMediaType?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
};

/** One field of an object, as a row that can be opened. */
export type Field = {
  name: string;
  required: boolean;
  schema: Schema;
};

/** Reads schemas of one document, whose references all lead into it. */
export class Schemas {
  readonly #root: unknown;

  constructor(root: unknown) {
    this.#root = root;
  }

  /** What a reference leads to; anything else as it is. */
  resolve<T extends object>(value: T & { $ref?: string }): T {
    let found: T & { $ref?: string } = value;
    for (let steps = 0; found.$ref !== undefined && steps < 16; steps++) {
      const target = pointed(this.#root, found.$ref);
      if (target === null) break;
      const { $ref: _, ...beside } = found;
      found = { ...(target as T), ...beside };
    }
    return found;
  }

  /** With what `allOf` adds put in. */
  whole(schema: Schema): Schema {
    const found = this.resolve(schema);
    if (!found.allOf) return found;
    const { allOf, ...own } = found;
    const parts = allOf.map((part) => this.whole(part));
    return {
      ...Object.assign({}, ...parts, own),
      properties: Object.assign({}, ...[...parts, own].map((part) => part.properties)),
      required: [own, ...parts].flatMap((part) => part.required ?? []),
    };
  }

  /** The ways that a value can be formed; one when there is no choice. */
  choices(schema: Schema): Schema[] {
    const whole = this.whole(schema);
    const ways = whole.oneOf ?? whole.anyOf;
    return ways?.length ? ways.map((way) => this.whole(way)) : [whole];
  }

  /** The object that a schema is about: itself, or what its array holds. */
  inner(schema: Schema): Schema {
    const whole = this.whole(schema);
    return whole.items ? this.inner(whole.items) : whole;
  }

  /** The fields of an object, those that there must be first. */
  fields(schema: Schema): Field[] {
    const whole = this.whole(schema);
    const required = new Set(whole.required);
    const all = Object.entries(whole.properties ?? {}).map(([name, one]) => ({
      name,
      required: required.has(name),
      schema: this.whole(one),
    }));
    return [...all.filter((field) => field.required), ...all.filter((field) => !field.required)];
  }

  /** Whether there is something to open. */
  deep(schema: Schema): boolean {
    const inner = this.inner(schema);
    if (Object.keys(inner.properties ?? {}).length) return true;
    return this.choices(inner).length > 1 && this.choices(inner).some((way) => this.deep(way));
  }

  /** Its type in the words of JSON Schema, which every reader of an API knows. */
  typeOf(schema: Schema): string {
    const whole = this.whole(schema);
    if (isFile(whole)) return "file";
    if (whole.items) return `array<${this.typeOf(whole.items)}>`;
    if (whole.const !== undefined) return JSON.stringify(whole.const);
    const ways = whole.oneOf ?? whole.anyOf;
    if (ways && !whole.properties) return [...new Set(ways.map((way) => this.typeOf(way)))].join(" | ");
    const types = [whole.type ?? (whole.properties ? "object" : "any")].flat().join(" | ");
    return whole.format ? `${types} (${whole.format})` : types;
  }
}

/** Whether a value is the bytes of a file. */
export function isFile(schema: Schema): boolean {
  return schema.format === "binary" || (schema.type === "string" && schema.contentMediaType !== undefined);
}

export type Bound = { of: "value" | "length" | "count"; low: number | null; high: number | null };

/** What bounds a value. */
export function bounds(schema: Schema): Bound[] {
  const all: Bound[] = [
    { of: "value", low: schema.minimum ?? null, high: schema.maximum ?? null },
    { of: "length", low: schema.minLength ?? null, high: schema.maxLength ?? null },
    { of: "count", low: schema.minItems ?? null, high: schema.maxItems ?? null },
  ];
  return all.filter((bound) => bound.low !== null || bound.high !== null);
}

/** The words that a value may be, or examples of them. */
export function words(schema: Schema): string[] {
  return (schema.enum ?? schema.examples ?? [])
    .filter((one) => typeof one === "string" || typeof one === "number")
    .map(String);
}

function pointed(root: unknown, reference: string): object | null {
  if (!reference.startsWith("#/")) return null;
  let found: unknown = root;
  for (const part of reference.slice(2).split("/")) {
    const name = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, name)) return null;
    found = (found as Record<string, unknown>)[name];
  }
  return typeof found === "object" ? found : null;
}
