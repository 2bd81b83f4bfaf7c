import { DOCUMENT } from "./document.ts";

export { DOCUMENT } from "./document.ts";

export type FakeOptions = {
  after: (milliseconds: number, run: () => void) => void;
  /** `offline` never answers. */
  scene?: "usual" | "offline";
};

/** What reached the fake, as a test wants to look at it. */
export type Asked = {
  method: string;
  path: string;
  headers: Record<string, string>;
  credentials: string;
  /** A form's fields; of a file its name, type and size. */
  form: Record<string, string>;
  body: string;
};

export type FakeApi = {
  fetch: (input: string, init: RequestInit) => Promise<Response>;
  /** Everything that was asked, the document apart. */
  asked: Asked[];
  /** Refuses connections until called with true. */
  reachable: (yes: boolean) => void;
};

/** A server of the Cloud API inside the page, with a small OpenAPI document: for the explorer without a server. */
export function fakeApi({ after, scene = "usual" }: FakeOptions): FakeApi {
  const asked: Asked[] = [];
  let up = scene !== "offline";
  return {
    asked,
    reachable: (yes) => {
      up = yes;
    },
    async fetch(input, init) {
      const url = new URL(input);
      await wait(after, 60, init.signal ?? null);
      if (!up) throw new TypeError("unreachable");
      if (url.pathname === "/openapi.json") return respond(200, DOCUMENT);
      const one = await read(url, init);
      asked.push(one);
      return answer(one);
    },
  };
}

function answer({ method, path, headers, form, body }: Asked): Response {
  if (path === "/inbox/api/me") return respond(401, { error: "unauthorized", message: "Sign in first." });
  if (headers.authorization !== "Bearer good") {
    const error = { message: "Invalid OAuth access token", type: "OAuthException", code: 190, fbtrace_id: "AkJ" };
    return respond(401, { error });
  }
  if (path.endsWith("/messages")) {
    const to = String((JSON.parse(body) as { to?: unknown }).to ?? "");
    return respond(200, {
      messaging_product: "whatsapp",
      contacts: [{ input: to, wa_id: to.replace(/\D/g, "") }],
      messages: [{ id: "wamid.HBgMNjM5MTcxMjM0NTY3" }],
    });
  }
  if (path.endsWith("/media")) return respond(200, { id: "4412", held: form.file });
  if (path.includes("upload:")) return respond(200, { h: `4::${body.length}` });
  if (method === "DELETE") return respond(200, { success: true });
  if (path.endsWith("/77")) return new Response(new Blob([new Uint8Array(2048)], { type: "image/png" }));
  return respond(200, { id: path.split("/")[2], display_phone_number: "+63 917 123 4567" });
}

async function read(url: URL, init: RequestInit): Promise<Asked> {
  const form: Record<string, string> = {};
  if (init.body instanceof FormData) {
    for (const [name, value] of init.body) {
      form[name] = typeof value === "string" ? value : `${value.name} ${value.type} ${value.size}`;
    }
  }
  return {
    method: init.method ?? "GET",
    path: url.pathname + url.search,
    headers: Object.fromEntries(new Headers(init.headers)),
    credentials: init.credentials ?? "",
    form,
    body: init.body instanceof Blob ? await init.body.text() : typeof init.body === "string" ? init.body : "",
  };
}

function respond(status: number, body: unknown): Response {
  const headers = { "Content-Type": "application/json", "X-App-Usage": '{"call_count":1}' };
  return new Response(JSON.stringify(body), { status, headers, statusText: status === 200 ? "OK" : "Unauthorized" });
}

function wait(after: FakeOptions["after"], milliseconds: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(new DOMException("given up", "AbortError")));
    after(milliseconds, resolve);
  });
}
