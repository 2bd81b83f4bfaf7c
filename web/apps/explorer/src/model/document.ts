import { type Schema, Schemas } from "./schema.ts";

export const METHODS = ["get", "post", "put", "patch", "delete"] as const;

export type Place = "path" | "query" | "header";

export type Parameter = {
  name: string;
  place: Place;
  description: string;
  required: boolean;
  schema: Schema;
};

/** An example of a body, by its name. */
export type Example = { name: string; value: unknown };

/** One way to write a body. */
export type Body = {
  mediaType: string;
  schema: Schema;
  examples: Example[];
};

export type Answer = {
  /** Such as `200` or `4XX`. */
  status: string;
  description: string;
  schema: Schema | null;
  /** What it may be refused with. */
  codes: Code[];
};

/** An error code that an operation may be refused with. */
export type Code = { code: string; title: string; description: string };

/** How a caller shows who he is: with a token, with this browser's cookies, or not at all. */
export type Credential = "token" | "cookie" | "none";

export type Operation = {
  id: string;
  method: string;
  /** Such as `/v23.0/{phone_number_id}/messages`. */
  path: string;
  /** What the path begins with because all of its server's do, such as `/v23.0`. */
  base: string;
  tag: string;
  summary: string;
  description: string;
  parameters: Parameter[];
  bodies: Body[];
  bodyRequired: boolean;
  answers: Answer[];
  credential: Credential;
};

export type Tag = {
  name: string;
  /** Its name where its group's stands above it. */
  short: string;
  description: string;
  operations: Operation[];
};

/** A face of the server: what is for programs, what is for the inbox, and so on. */
export type Group = { name: string; tags: Tag[] };

/** An OpenAPI document, read. */
export type Api = {
  title: string;
  version: string;
  description: string;
  groups: Group[];
  operations: Operation[];
  schemas: Schemas;
};

type Raw = Record<string, unknown>;

/** Reads an OpenAPI 3.1 document; throws when it is none. */
export function read(raw: unknown): Api {
  const root = object(raw);
  if (!text(root.openapi).startsWith("3.")) throw new Error("not an OpenAPI 3 document");
  const reader = new Reader(root);
  const operations = reader.operations();
  const info = object(root.info);
  return {
    title: text(info.title),
    version: text(info.version),
    description: text(info.description),
    groups: grouped(operations, root),
    operations,
    schemas: reader.schemas,
  };
}

/** The tags that have operations, by faces; what no face names stands at the end. */
function grouped(operations: Operation[], root: Raw): Group[] {
  const said = list(root.tags).map(object);
  const names = [...said.map((tag) => text(tag.name)), ...operations.map((operation) => operation.tag)];
  const groups = list(root["x-tagGroups"])
    .map(object)
    .map((group) => ({ name: text(group.name), names: list(group.tags).map(text) }));
  const named = new Set(groups.flatMap((group) => group.names));
  const rest = { name: "", names: [...new Set(names)].filter((name) => !named.has(name)) };
  return [...groups, rest]
    .map((group) => ({ name: group.name, tags: group.names.map((name) => tagged(name, group.name, said, operations)) }))
    .map((group) => ({ ...group, tags: group.tags.filter((tag) => tag.operations.length > 0) }))
    .filter((group) => group.tags.length > 0);
}

function tagged(name: string, group: string, said: Raw[], operations: Operation[]): Tag {
  // Below its face a tag need not say the face's name again.
  const short = name.startsWith(`${group}: `) ? name.slice(group.length + 2) : name;
  return {
    name,
    short: short.charAt(0).toUpperCase() + short.slice(1),
    description: text(said.find((tag) => tag.name === name)?.description),
    operations: operations.filter((operation) => operation.tag === name),
  };
}

class Reader {
  readonly #root: Raw;
  readonly schemas: Schemas;

  constructor(root: Raw) {
    this.#root = root;
    this.schemas = new Schemas(root);
  }

  operations(): Operation[] {
    return Object.entries(object(this.#root.paths)).flatMap(([path, item]) => {
      const found = this.#resolved(item);
      return METHODS.filter((method) => found[method]).map((method) => this.#operation(path, method, found));
    });
  }

  #operation(path: string, method: string, item: Raw): Operation {
    const raw = object(item[method]);
    const body = this.#resolved(raw.requestBody);
    const base = this.#base(raw, item);
    const security = list(raw.security ?? item.security ?? this.#root.security).map(object);
    return {
      id: text(raw.operationId) || `${method} ${path}`,
      method: method.toUpperCase(),
      // Several kinds of objects are called by their bare id: what stands behind # tells them apart in the document.
      path: base + path.replace(/#.*$/, ""),
      base,
      tag: text(list(raw.tags)[0]),
      summary: text(raw.summary) || path,
      description: text(raw.description),
      parameters: this.#parameters([...list(item.parameters), ...list(raw.parameters)]),
      bodies: this.#bodies(body),
      bodyRequired: body.required === true,
      answers: this.#answers(object(raw.responses)),
      credential: this.#credential(security),
    };
  }

  /** What stands before the path, without its last slash; other origins are not asked from this page. */
  #base(raw: Raw, item: Raw): string {
    const servers = list(raw.servers ?? item.servers ?? this.#root.servers).map(object);
    const url = text(servers[0]?.url);
    const path = /^https?:\/\/[^/]*(.*)$/.exec(url)?.[1] ?? url;
    return path.replace(/\/$/, "");
  }

  #parameters(raw: unknown[]): Parameter[] {
    const places = new Set<unknown>(["path", "query", "header"]);
    return raw
      .map((one) => this.#resolved(one))
      .filter((one) => places.has(one.in))
      .map((one) => ({
        name: text(one.name),
        place: one.in as Place,
        description: text(one.description),
        required: one.required === true,
        schema: this.schemas.whole(object(one.schema) as Schema),
      }));
  }

  #bodies(body: Raw): Body[] {
    return Object.entries(object(body.content)).map(([mediaType, content]) => {
      const { schema = {}, example, examples } = object(content);
      const whole = this.schemas.whole(object(schema) as Schema);
      const named = Object.entries(object(examples)).map(([name, one]) => {
        const found = this.#resolved(one);
        return { name: text(found.summary) || name, value: found.value };
      });
      if (example !== undefined) named.unshift({ name: "", value: example });
      const own = (whole.examples ?? []).map((value) => ({
        name: text(object(value).type) || text(object(value).status),
        value,
      }));
      return { mediaType, schema: whole, examples: named.length ? named : own };
    });
  }

  #answers(responses: Raw): Answer[] {
    return Object.entries(responses).map(([status, one]) => {
      const found = this.#resolved(one);
      const content = Object.values(object(found.content)).map(object);
      const schema = content[0]?.schema;
      return {
        status,
        description: text(found.description),
        schema: schema ? this.schemas.whole(object(schema) as Schema) : null,
        codes: content.flatMap((one) => this.#codes(object(one.examples))),
      };
    });
  }

  /** A refusal's examples are named by its codes. */
  #codes(examples: Raw): Code[] {
    return Object.entries(examples)
      .filter(([name]) => /^\d+$/.test(name))
      .map(([code, one]) => {
        const { summary, value } = this.#resolved(one);
        const details = text(object(object(object(value).error).error_data).details);
        return { code, title: text(summary), description: details === summary ? "" : details };
      });
  }

  #credential(security: Raw[]): Credential {
    const schemes = object(object(this.#root.components).securitySchemes);
    const found = security.flatMap((one) => Object.keys(one)).map((name) => this.#resolved(schemes[name]));
    if (found.some((scheme) => scheme.type === "http" || scheme.type === "oauth2")) return "token";
    return found.some((scheme) => scheme.in === "cookie") ? "cookie" : "none";
  }

  #resolved(value: unknown): Raw {
    return this.schemas.resolve(object(value) as Raw & { $ref?: string });
  }
}

function object(value: unknown): Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
