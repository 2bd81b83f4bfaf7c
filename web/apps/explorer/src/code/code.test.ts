import { describe, expect, it } from "vitest";
import type { Prepared } from "../model/request.ts";
import { curl } from "./curl.ts";
import { pieces } from "./highlight.ts";
import { javascript } from "./javascript.ts";
import { python } from "./python.ts";

const message: Prepared = {
  method: "POST",
  url: "https://chat.example.com/v23.0/1010/messages",
  headers: [],
  credential: "token",
  content: { kind: "json", text: '{"to": "63917", "text": {"body": "It\'s ready"}, "preview": true, "ttl": null}' },
};
const photo = new File(["x"], "bread.jpg", { type: "image/jpeg" });
const upload: Prepared = {
  ...message,
  url: "https://chat.example.com/v23.0/1010/media",
  content: {
    kind: "multipart",
    parts: [
      { name: "messaging_product", value: "whatsapp" },
      { name: "file", file: photo },
    ],
  },
};

describe("curl", () => {
  it("quotes what a shell would read, and never shows the token", () => {
    expect(curl(message)).toBe(`curl -X POST 'https://chat.example.com/v23.0/1010/messages' \\
  -H "Authorization: Bearer $SUKI_TOKEN" \\
  -H 'Content-Type: application/json' \\
  -d '{"to": "63917", "text": {"body": "It'\\''s ready"}, "preview": true, "ttl": null}'`);
  });
  it("names files", () => {
    expect(curl(upload)).toContain(`--form-string 'messaging_product=whatsapp' \\
  -F 'file=@"bread.jpg";type=image/jpeg'`);
  });
  it("sends a piece as it is, with its headers", () => {
    const piece: Prepared = {
      ...message,
      headers: [{ name: "file_offset", value: "0" }],
      content: { kind: "bytes", file: null },
    };
    expect(curl(piece)).toContain(`-H 'file_offset: 0' \\
  -H 'Content-Type: application/octet-stream' \\
  --data-binary '@FILE'`);
  });
});

describe("Python", () => {
  it("writes JSON as Python's own values", () => {
    expect(python(message)).toBe(`import os

import requests

answer = requests.post(
    "https://chat.example.com/v23.0/1010/messages",
    headers={"Authorization": f"Bearer {os.environ['SUKI_TOKEN']}"},
    json={
        "to": "63917",
        "text": {"body": "It's ready"},
        "preview": True,
        "ttl": None,
    },
    timeout=30,
)
print(answer.status_code, answer.text)`);
  });
  it("opens files", () => {
    expect(python(upload)).toContain(`    data={"messaging_product": "whatsapp"},
    files={"file": ("bread.jpg", open("bread.jpg", "rb"), "image/jpeg")},`);
  });
  it("sends what is no JSON as it stands", () => {
    expect(python({ ...message, content: { kind: "json", text: "{" } })).toContain('    data="{",');
  });
});

describe("JavaScript", () => {
  it("writes a module for Node", () => {
    expect(javascript(message)).toBe(`const answer = await fetch("https://chat.example.com/v23.0/1010/messages", {
  method: "POST",
  headers: {
    Authorization: \`Bearer \${process.env.SUKI_TOKEN}\`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({
    to: "63917",
    text: { body: "It's ready" },
    preview: true,
    ttl: null,
  }),
});
console.log(answer.status, await answer.text());`);
  });
  it("opens files", () => {
    expect(javascript(upload)).toContain(`import { openAsBlob } from "node:fs";

const body = new FormData();
body.append("messaging_product", "whatsapp");
body.append("file", await openAsBlob("bread.jpg", { type: "image/jpeg" }), "bread.jpg");
`);
  });
  it("needs no options for a plain read", () => {
    const read: Prepared = { ...message, method: "GET", credential: "none", content: { kind: "none" } };
    expect(javascript(read).split("\n")[0]).toBe(
      'const answer = await fetch("https://chat.example.com/v23.0/1010/messages");',
    );
  });
});

describe("colours", () => {
  it("lose no sign of the code and know keys from texts", () => {
    const code = '{"a": "b\\"c", "n": -1.5e3, \'x: true}';
    const found = pieces(code, "json");
    expect(found.map((piece) => piece.text).join("")).toBe(code);
    expect(found.filter((piece) => piece.kind === "key").map((piece) => piece.text)).toEqual(['"a"', '"n"']);
    expect(found.find((piece) => piece.kind === "number")?.text).toBe("-1.5e3");
  });
});
