import type { Prepared } from "../model/request.ts";
import { nameOf } from "./curl.ts";

/** The call with the `requests` library. */
export function python(prepared: Prepared): string {
  const { content, credential } = prepared;
  const headers = prepared.headers.map(({ name, value }) => `${literal(name)}: ${literal(value)}`);
  if (credential === "token") headers.unshift(`"Authorization": f"Bearer {os.environ['SUKI_TOKEN']}"`);
  if (credential === "cookie") headers.unshift(`"Cookie": os.environ["SUKI_COOKIE"]`);
  const lines = [literal(prepared.url)];
  const sent = contentLines(content, headers);
  if (headers.length === 1) lines.push(`headers={${headers[0]}}`);
  if (headers.length > 1) lines.push(`headers={\n${headers.map((one) => `        ${one},\n`).join("")}    }`);
  lines.push(...sent, "timeout=30");
  const imports = credential === "none" ? "import requests" : "import os\n\nimport requests";
  const call = `requests.${prepared.method.toLowerCase()}(\n${lines.map((line) => `    ${line},\n`).join("")})`;
  return `${imports}\n\nanswer = ${call}\nprint(answer.status_code, answer.text)`;
}

function contentLines(content: Prepared["content"], headers: string[]): string[] {
  switch (content.kind) {
    case "none":
      return [];
    case "json": {
      const value = parsed(content.text);
      if (value !== undefined) return [`json=${literal(value, 1)}`];
      headers.push('"Content-Type": "application/json"');
      return [`data=${literal(content.text)}`];
    }
    case "form":
      return [`data=${literal(pairs(content.fields), 1)}`];
    case "bytes":
      headers.push(`"Content-Type": ${literal(content.file?.type || "application/octet-stream")}`);
      return [`data=open(${literal(nameOf(content.file))}, "rb")`];
    case "multipart": {
      const fields = content.parts.flatMap((part) => ("value" in part ? [part] : []));
      const files = content.parts.flatMap((part) => ("file" in part ? [part] : []));
      const file = (one: { name: string; file: File | null }) => {
        const called = literal(nameOf(one.file));
        const type = one.file?.type ? `, ${literal(one.file.type)}` : "";
        return `${literal(one.name)}: (${called}, open(${called}, "rb")${type})`;
      };
      return [
        ...(fields.length ? [`data=${literal(pairs(fields), 1)}`] : []),
        ...(files.length ? [`files={${files.map(file).join(", ")}}`] : []),
      ];
    }
  }
}

function pairs(fields: { name: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(fields.map(({ name, value }) => [name, value]));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value as Python writes it, `depth` steps in. */
function literal(value: unknown, depth = 0): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  // Python reads JSON's own way of writing text.
  if (typeof value !== "object") return JSON.stringify(value);
  const array = Array.isArray(value);
  const inner = array
    ? value.map((one) => literal(one, depth + 1))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${literal(one, depth + 1)}`);
  const [open, close] = array ? ["[", "]"] : ["{", "}"];
  if (inner.length === 0) return open + close;
  const line = open + inner.join(", ") + close;
  if (line.length + depth * 4 <= 72 && !line.includes("\n")) return line;
  const step = "    ".repeat(depth);
  return `${open}\n${inner.map((one) => `${step}    ${one},\n`).join("")}${step}${close}`;
}
