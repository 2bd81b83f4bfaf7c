import { SvelteMap } from "svelte/reactivity";
import type { Body, Operation, Parameter } from "./document.ts";
import { sample } from "./example.ts";
import type { Given } from "./given.svelte.ts";
import type { Content, Part, Prepared } from "./request.ts";
import { type Field, isFile, type Schemas } from "./schema.ts";

/** A body as fields of a form, as JSON, or as one file. */
export type Way = "json" | "form" | "multipart" | "bytes";

/** What is wrong with a call as it stands. */
export type Problem =
  | { kind: "missing"; name: string }
  | { kind: "json"; said: string }
  | { kind: "file"; name: string };

/** A call of one operation, as the visitor writes it. */
export class Call {
  readonly operation: Operation;
  readonly #given: Given;
  readonly #schemas: Schemas;
  readonly #origin: string;
  /** Parameters of the query and headers, by their names. */
  readonly values = new SvelteMap<string, string>();
  /** Fields of a form, by their names. */
  readonly fields = new SvelteMap<string, string>();
  readonly files = new SvelteMap<string, File>();
  /** Which of the operation's bodies is written. */
  chosen = $state(0);
  /** The body as JSON. */
  text = $state("");

  constructor(operation: Operation, given: Given, schemas: Schemas, origin: string) {
    this.operation = operation;
    this.#given = given;
    this.#schemas = schemas;
    this.#origin = origin;
    for (const { name, schema, place } of operation.parameters) {
      const first = schema.const ?? schema.default;
      if (first !== undefined && place !== "path") this.values.set(name, String(first));
      else if (first !== undefined && !given.places.has(name)) given.places.set(name, String(first));
    }
    this.choose(0);
  }

  get body(): Body | null {
    return this.operation.bodies[this.chosen] ?? null;
  }

  get way(): Way | null {
    return this.body && wayOf(this.body.mediaType);
  }

  /** The fields of the body's form. */
  get form(): Field[] {
    return this.body ? this.#schemas.fields(this.body.schema) : [];
  }

  /** Writes another of the operation's bodies, beginning with its example. */
  choose(index: number): void {
    this.chosen = index;
    const body = this.body;
    if (!body) return;
    const first = body.examples[0]?.value ?? sample(this.#schemas, body.schema);
    if (this.way === "json") this.take(first);
    else this.#fill(first);
  }

  /** Puts an example in place of what was written. */
  take(value: unknown): void {
    if (this.way === "json") this.text = JSON.stringify(value, null, 2);
    else this.#fill(value);
  }

  #fill(value: unknown): void {
    this.fields.clear();
    if (typeof value !== "object" || value === null) return;
    for (const [name, one] of Object.entries(value)) {
      if (one !== "" && one !== null) this.fields.set(name, typeof one === "string" ? one : JSON.stringify(one));
    }
  }

  value(parameter: Parameter): string {
    return (parameter.place === "path" ? this.#given.places : this.values).get(parameter.name) ?? "";
  }

  set(parameter: Parameter, value: string): void {
    (parameter.place === "path" ? this.#given.places : this.values).set(parameter.name, value);
  }

  /** What would leave now. */
  get prepared(): Prepared {
    const headers = this.operation.parameters
      .filter((parameter) => parameter.place === "header" && this.value(parameter))
      .map((parameter) => ({ name: parameter.name, value: this.value(parameter) }));
    return {
      method: this.operation.method,
      url: this.#url(),
      headers,
      credential: this.operation.credential,
      content: this.#content(),
    };
  }

  #url(): string {
    const path = this.operation.path.replace(/\{([^}]+)\}/g, (place, name) => {
      const value = this.#given.places.get(name)?.trim();
      // Upload sessions are written with their colon.
      return value ? encodeURIComponent(value).replaceAll("%3A", ":") : place;
    });
    const query = this.operation.parameters
      .filter((parameter) => parameter.place === "query" && this.value(parameter) !== "")
      .map((parameter) => `${encodeURIComponent(parameter.name)}=${encodeURIComponent(this.value(parameter))}`);
    return this.#origin + path + (query.length ? `?${query.join("&")}` : "");
  }

  #content(): Content {
    switch (this.way) {
      case null:
        return { kind: "none" };
      case "json":
        return this.text.trim() ? { kind: "json", text: this.text } : { kind: "none" };
      case "bytes":
        return { kind: "bytes", file: this.files.get("") ?? null };
      case "form":
        return { kind: "form", fields: this.#parts().flatMap((part) => ("value" in part ? [part] : [])) };
      case "multipart":
        return { kind: "multipart", parts: this.#parts() };
    }
  }

  #parts(): Part[] {
    return this.form.flatMap(({ name, required, schema }): Part[] => {
      if (isFile(schema)) {
        const file = this.files.get(name) ?? null;
        return file || required ? [{ name, file }] : [];
      }
      const value = this.fields.get(name) ?? "";
      return value ? [{ name, value }] : [];
    });
  }

  /** What stands against sending it; the server is asked about everything else. */
  get problems(): Problem[] {
    const found: Problem[] = this.operation.parameters
      .filter((parameter) => parameter.required && !this.value(parameter).trim())
      .map((parameter) => ({ kind: "missing", name: parameter.name }));
    const { content } = this.prepared;
    if (content.kind === "json") {
      const said = wrongJson(content.text);
      if (said !== null) found.push({ kind: "json", said });
    }
    if (content.kind === "bytes" && !content.file) found.push({ kind: "file", name: "" });
    if (content.kind === "multipart") {
      for (const part of content.parts) if ("file" in part && !part.file) found.push({ kind: "file", name: part.name });
    }
    return found;
  }
}

/** How a body of a media type is written. */
export function wayOf(mediaType: string): Way {
  if (/[/+]json\b/.test(mediaType)) return "json";
  if (mediaType === "multipart/form-data") return "multipart";
  return mediaType === "application/x-www-form-urlencoded" ? "form" : "bytes";
}

/** What is wrong with a text that should be JSON, in the words of the browser. */
function wrongJson(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
