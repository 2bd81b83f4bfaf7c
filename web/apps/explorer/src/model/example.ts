import { isFile, type Schema, type Schemas } from "./schema.ts";

/** So deep an example goes: schemas may hold themselves. */
const DEPTH = 6;

/** A value that a schema would take: its own example where it has one, else what there must be. */
export function sample(schemas: Schemas, schema: Schema, depth = 0): unknown {
  const whole = schemas.whole(schema);
  const given = [whole.example, whole.examples?.[0], whole.const, whole.default, whole.enum?.[0]];
  const found = given.find((one) => one !== undefined);
  if (found !== undefined || depth > DEPTH) return found ?? null;
  const ways = whole.oneOf ?? whole.anyOf;
  if (ways?.[0] && !whole.properties) return sample(schemas, ways[0], depth + 1);
  const type = [whole.type ?? (whole.properties ? "object" : "")].flat()[0];
  if (type === "object") return object(schemas, whole, depth);
  if (type === "array") return whole.items ? [sample(schemas, whole.items, depth + 1)] : [];
  if (type === "integer" || type === "number") return whole.minimum ?? 1;
  if (type === "boolean") return true;
  if (type === "null") return null;
  if (isFile(whole)) return "";
  return whole.format === "uri" ? "https://example.com/" : "";
}

function object(schemas: Schemas, schema: Schema, depth: number): Record<string, unknown> {
  const fields = schemas.fields(schema);
  const needed = fields.filter((field) => field.required);
  // Where nothing has to be there, all that is simple shows what there is.
  const shown = needed.length ? needed : depth === 0 ? fields.filter((field) => !schemas.deep(field.schema)) : [];
  return Object.fromEntries(shown.map((field) => [field.name, sample(schemas, field.schema, depth + 1)]));
}
