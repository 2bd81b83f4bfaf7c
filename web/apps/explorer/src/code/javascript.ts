import type { Content, Prepared } from "../model/request.ts";
import { nameOf } from "./curl.ts";

/** The call with `fetch`, as a module for Node. */
export function javascript(prepared: Prepared): string {
  const { content, credential } = prepared;
  const headers = prepared.headers.map(({ name, value }) => `${key(name)}: ${JSON.stringify(value)}`);
  if (credential === "token") headers.unshift(`Authorization: \`Bearer \${process.env.SUKI_TOKEN}\``);
  if (credential === "cookie") headers.unshift("Cookie: process.env.SUKI_COOKIE");
  const type = typeOf(content);
  if (type) headers.push(`"Content-Type": ${JSON.stringify(type)}`);
  const { before, body, imports } = carried(content);
  const options = [
    ...(prepared.method === "GET" ? [] : [`method: ${JSON.stringify(prepared.method)}`]),
    ...(headers.length === 1 ? [`headers: { ${headers[0]} }`] : []),
    ...(headers.length > 1 ? [`headers: {\n${headers.map((one) => `    ${one},\n`).join("")}  }`] : []),
    ...(body ? [`body${body === "body" ? "" : `: ${body}`}`] : []),
  ];
  const init = options.length ? `, {\n${options.map((one) => `  ${one},\n`).join("")}}` : "";
  const call = `const answer = await fetch(${JSON.stringify(prepared.url)}${init});`;
  return [...imports, ...before, call, "console.log(answer.status, await answer.text());"].join("\n");
}

function typeOf(content: Content): string | null {
  if (content.kind === "json") return "application/json";
  return content.kind === "bytes" ? content.file?.type || "application/octet-stream" : null;
}

function carried(content: Content): { imports: string[]; before: string[]; body: string | null } {
  const read = 'import { openAsBlob } from "node:fs";\n';
  switch (content.kind) {
    case "none":
      return { imports: [], before: [], body: null };
    case "json":
      return { imports: [], before: [], body: json(content.text) };
    case "form": {
      const all = Object.fromEntries(content.fields.map(({ name, value }) => [name, value]));
      return { imports: [], before: [], body: `new URLSearchParams(${literal(all, 1)})` };
    }
    case "bytes":
      return { imports: [read], before: [], body: `await openAsBlob(${JSON.stringify(nameOf(content.file))})` };
    case "multipart": {
      const parts = content.parts.map((part) => {
        const name = JSON.stringify(part.name);
        if ("value" in part) return `body.append(${name}, ${JSON.stringify(part.value)});`;
        const called = JSON.stringify(nameOf(part.file));
        const type = part.file?.type ? `, { type: ${JSON.stringify(part.file.type)} }` : "";
        return `body.append(${name}, await openAsBlob(${called}${type}), ${called});`;
      });
      const imports = content.parts.some((part) => "file" in part) ? [read] : [];
      return { imports, before: ["const body = new FormData();", ...parts], body: "body" };
    }
  }
}

function json(text: string): string {
  try {
    return `JSON.stringify(${literal(JSON.parse(text), 1)})`;
  } catch {
    return JSON.stringify(text);
  }
}

/** A value as JavaScript writes it, `depth` steps in. */
function literal(value: unknown, depth: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const array = Array.isArray(value);
  const inner = array
    ? value.map((one) => literal(one, depth + 1))
    : Object.entries(value).map(([name, one]) => `${key(name)}: ${literal(one, depth + 1)}`);
  const [open, close] = array ? ["[", "]"] : ["{", "}"];
  if (inner.length === 0) return open + close;
  const line = array ? `[${inner.join(", ")}]` : `{ ${inner.join(", ")} }`;
  if (line.length + depth * 2 <= 72 && !line.includes("\n")) return line;
  const step = "  ".repeat(depth);
  return `${open}\n${inner.map((one) => `${step}  ${one},\n`).join("")}${step}${close}`;
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}
