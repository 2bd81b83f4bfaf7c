import { DOCUMENT } from "@suki/fake/api";
import { describe, expect, it } from "vitest";
import { Call } from "./call.svelte.ts";
import { read } from "./document.ts";
import { sample } from "./example.ts";
import { Given } from "./given.svelte.ts";
import { init } from "./request.ts";
import { bounds, Schemas } from "./schema.ts";
import { found } from "./search.ts";

const api = read(DOCUMENT);
const operation = (id: string) => {
  const one = api.operations.find((operation) => operation.id === id);
  if (!one) throw new Error(`no operation ${id}`);
  return one;
};
const call = (id: string, given = new Given()) => new Call(operation(id), given, api.schemas, "https://s");

describe("a document", () => {
  it("is read by its tags, in their order", () => {
    const tags = (group: (typeof api.groups)[number]) => group.tags.map((tag) => [tag.short, tag.operations.length]);
    expect(api.groups.map((group) => [group.name, tags(group)])).toEqual([
      [
        "Cloud API",
        [
          ["Messages", 2],
          ["Media", 3],
          ["Templates", 1],
        ],
      ],
      ["", [["Inbox", 1]]],
    ]);
  });
  it("says where calls go and who may make them", () => {
    expect(operation("messages.send").path).toBe("/v23.0/{phone_number_id}/messages");
    expect(operation("messages.send").credential).toBe("token");
    expect(operation("media.get").path).toBe("/v23.0/{media_id}");
    expect(operation("inbox.me").path).toBe("/inbox/api/me");
    expect(operation("inbox.me").credential).toBe("cookie");
  });
  it("follows references and gives up on circles and what is missing", () => {
    const error = operation("messages.send").answers.find((answer) => answer.status === "401")?.schema;
    expect(api.schemas.deep(error ?? {})).toBe(true);
    const round = new Schemas({ a: { $ref: "#/a" } });
    expect(round.typeOf({ $ref: "#/a" })).toBe("any");
    expect(round.typeOf({ $ref: "#/none/there" })).toBe("any");
  });
  it("refuses what is none", () => {
    expect(() => read({ swagger: "2.0" })).toThrow("OpenAPI");
    expect(() => read(null)).toThrow("OpenAPI");
  });
  it("knows the codes of each refusal", () => {
    const refused = operation("messages.send").answers.find((answer) => answer.status === "400");
    expect(refused?.codes[0]).toEqual({
      code: "131009",
      title: "Parameter value is not valid",
      description: "One or more values are not right.",
    });
  });
  it("is searched by words, paths, parameters and codes", () => {
    const ids = (search: string) =>
      found(api.groups, search).flatMap((group) => group.tags.flatMap((tag) => tag.operations.map((one) => one.id)));
    expect(ids("upload piece")).toEqual(["uploads.append"]);
    expect(ids("131047")).toEqual(["messages.send"]);
    expect(ids("waba_id")).toEqual(["message_templates.delete"]);
    expect(ids("nonsense")).toEqual([]);
  });
});

describe("schemas", () => {
  it("have an example: their own, or what there must be", () => {
    const schemas = new Schemas({});
    expect(sample(schemas, { type: "object", examples: [{ a: 1 }] })).toEqual({ a: 1 });
    const made = { type: "object", required: ["a"], properties: { a: { type: "integer", minimum: 3 }, b: {} } };
    expect(sample(schemas, made)).toEqual({ a: 3 });
    expect(sample(schemas, { type: "array", items: { const: "x" } })).toEqual(["x"]);
  });
  it("end an example that holds itself", () => {
    const self = { type: "object", required: ["in"], properties: { in: { $ref: "#/self" } } };
    expect(JSON.stringify(sample(new Schemas({ self }), self)).length).toBeLessThan(100);
  });
  it("join what allOf adds", () => {
    const schemas = new Schemas({});
    const all = schemas.fields({
      properties: { a: { type: "string" } },
      allOf: [{ required: ["b"], properties: { b: { type: "integer" } } }],
    });
    expect(all.map((field) => [field.name, field.required])).toEqual([
      ["b", true],
      ["a", false],
    ]);
  });
  it("say their type and bounds", () => {
    const schemas = new Schemas({});
    expect(schemas.typeOf({ type: ["string", "integer"] })).toBe("string | integer");
    expect(schemas.typeOf({ items: { type: "string", format: "uri" } })).toBe("array<string (uri)>");
    expect(bounds({ minLength: 1, maxLength: 4096 })).toEqual([{ of: "length", low: 1, high: 4096 }]);
  });
});

describe("a call", () => {
  it("says what is missing until it is there", () => {
    const given = new Given();
    const one = call("messages.send", given);
    expect(one.problems).toEqual([{ kind: "missing", name: "phone_number_id" }]);
    given.places.set("phone_number_id", "1010");
    expect(one.problems).toEqual([]);
    expect(one.prepared.url).toBe("https://s/v23.0/1010/messages");
    one.text = "{";
    expect(one.problems[0]?.kind).toBe("json");
  });
  it("carries what stands in paths to the next call", () => {
    const given = new Given();
    given.places.set("phone_number_id", "7/8");
    expect(call("phone_number.get", given).prepared.url).toBe("https://s/v23.0/7%2F8");
  });
  it("leaves empty parameters out and writes others safely", () => {
    const given = new Given();
    given.places.set("waba_id", "5");
    const one = call("message_templates.delete", given);
    const name = one.operation.parameters.find((parameter) => parameter.name === "name");
    if (name) one.set(name, "a&b");
    expect(one.prepared.url).toBe("https://s/v23.0/5/message_templates?name=a%26b");
  });
  it("sends forms with files, and the token in its header alone", () => {
    const given = new Given();
    given.places.set("phone_number_id", "1010");
    const one = call("media.upload", given);
    expect(one.problems).toEqual([{ kind: "file", name: "file" }]);
    one.files.set("file", new File(["abc"], "a.txt", { type: "text/plain" }));
    expect(one.problems).toEqual([]);
    const sent = init(one.prepared, "secret");
    expect(new Headers(sent.headers).get("authorization")).toBe("Bearer secret");
    expect((sent.body as FormData).get("messaging_product")).toBe("whatsapp");
    expect((sent.body as FormData).get("file")).toBeInstanceOf(File);
    expect(sent.credentials).toBe("omit");
  });
  it("gives the token to no call that does not ask for one", () => {
    const sent = init(call("inbox.me").prepared, "secret");
    expect(new Headers(sent.headers).has("authorization")).toBe(false);
    expect(sent.credentials).toBe("same-origin");
  });
});
