import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { curl } from "../code/curl.ts";
import { javascript } from "../code/javascript.ts";
import { python } from "../code/python.ts";
import { Call } from "./call.svelte.ts";
import { read } from "./document.ts";
import { Given } from "./given.svelte.ts";

const api = read(JSON.parse(readFileSync(new URL("../../../../../docs/openapi.json", import.meta.url), "utf8")));

it("reads the server's own document whole: every operation stands somewhere, and each can be written as code", () => {
  const listed = api.groups.flatMap((group) => group.tags.flatMap((tag) => tag.operations));
  expect(listed.length).toBe(api.operations.length);
  expect(new Set(api.operations.map((one) => one.id)).size).toBe(api.operations.length);
  const wrong = api.operations.flatMap((operation) => {
    const call = new Call(operation, new Given(), api.schemas, "https://chat.example.com");
    return operation.bodies.length === 0 ? check(call) : operation.bodies.flatMap((_, index) => check(call, index));
  });
  expect(wrong).toEqual([]);
});

/** What is wrong with a call as it stands at first. */
function check(call: Call, body = 0): string[] {
  call.choose(body);
  const { id } = call.operation;
  const wrong = call.problems.filter((problem) => problem.kind === "json").map((problem) => `${id}: ${problem.said}`);
  if (call.prepared.url.includes("#")) wrong.push(`${id}: ${call.prepared.url}`);
  for (const write of [curl, python, javascript]) if (!write(call.prepared).includes("https://")) wrong.push(id);
  return wrong;
}

it("knows who may call, and with which codes the Cloud API refuses", () => {
  const send = api.operations.find((operation) => operation.id === "messages.send");
  expect(send?.credential).toBe("token");
  expect(send?.answers.find((answer) => answer.status === "400")?.codes.map((code) => code.code)).toContain("131009");
  expect(send?.bodies[0]?.examples.map((example) => example.name)).toContain("template");
});
