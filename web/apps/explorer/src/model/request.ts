/** A part of a form: text, or a file that may not be chosen yet. */
export type Part = { name: string; value: string } | { name: string; file: File | null };

/** What a request carries. */
export type Content =
  | { kind: "none" }
  | { kind: "json"; text: string }
  | { kind: "form"; fields: { name: string; value: string }[] }
  | { kind: "multipart"; parts: Part[] }
  | { kind: "bytes"; file: File | null };

/** A request as it would leave: what is sent and what is shown as code are made of the same. */
export type Prepared = {
  method: string;
  url: string;
  /** Beside the token's and the content's own. */
  headers: { name: string; value: string }[];
  credential: "token" | "cookie" | "none";
  content: Content;
};

/** How `fetch` is asked to send it. */
export function init(prepared: Prepared, token: string): RequestInit {
  const headers = new Headers();
  for (const { name, value } of prepared.headers) headers.set(name, value);
  if (prepared.credential === "token" && token) headers.set("Authorization", `Bearer ${token}`);
  const body = bodyOf(prepared.content);
  if (prepared.content.kind === "json") headers.set("Content-Type", "application/json");
  return {
    method: prepared.method,
    headers,
    credentials: prepared.credential === "cookie" ? "same-origin" : "omit",
    cache: "no-store",
    ...(body === null ? {} : { body }),
  };
}

function bodyOf(content: Content): BodyInit | null {
  switch (content.kind) {
    case "none":
      return null;
    case "json":
      return content.text;
    case "form":
      return new URLSearchParams(content.fields.map(({ name, value }) => [name, value]));
    case "bytes":
      return content.file;
    case "multipart": {
      const form = new FormData();
      for (const part of content.parts) {
        if ("value" in part) form.append(part.name, part.value);
        else if (part.file) form.append(part.name, part.file, part.file.name);
      }
      return form;
    }
  }
}
