import type { Prepared } from "../model/request.ts";

/** The call as a command line. */
export function curl(prepared: Prepared): string {
  const parts = [`curl ${prepared.method === "GET" ? "" : `-X ${prepared.method} `}${quote(prepared.url)}`];
  if (prepared.credential === "token") parts.push('-H "Authorization: Bearer $SUKI_TOKEN"');
  if (prepared.credential === "cookie") parts.push('-H "Cookie: $SUKI_COOKIE"');
  for (const { name, value } of prepared.headers) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  const { content } = prepared;
  switch (content.kind) {
    case "json":
      parts.push("-H 'Content-Type: application/json'", `-d ${quote(content.text)}`);
      break;
    case "form":
      parts.push(...content.fields.map(({ name, value }) => `--data-urlencode ${quote(`${name}=${value}`)}`));
      break;
    case "multipart":
      for (const part of content.parts) {
        // `--form-string` leaves a value alone that begins like the name of a file.
        if ("value" in part) parts.push(`--form-string ${quote(`${part.name}=${part.value}`)}`);
        else parts.push(`-F ${quote(`${part.name}=@"${nameOf(part.file)}"${typed(part.file)}`)}`);
      }
      break;
    case "bytes":
      parts.push(`-H ${quote(`Content-Type: ${content.file?.type || "application/octet-stream"}`)}`);
      parts.push(`--data-binary ${quote(`@${nameOf(content.file)}`)}`);
  }
  return parts.join(" \\\n  ");
}

/** A file that is not chosen yet has a name that says so. */
export function nameOf(file: File | null): string {
  return file?.name || "FILE";
}

function typed(file: File | null): string {
  return file?.type ? `;type=${file.type}` : "";
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
