import { base64, unbase64, unprefixed } from "./ids.ts";

/** How far the network has checked a business. */
export type Trust = "plain" | "checked" | "confirmed";

/** Who a link leads to. */
export interface LinkCard {
  /** The business's account, hexadecimal. */
  business: string;
  name: string;
  about: string;
  trust: Trust;
  /** Who runs the endpoint that holds the business's keys. */
  hostedBy: string;
  slug: string;
  /** The network's Ed25519 key. */
  networkKey: Uint8Array<ArrayBuffer>;
  phoneRegistration: boolean;
}

/** What the network says when a device is registered. */
export interface Registered {
  account: string;
  device: string;
  certificate: Uint8Array<ArrayBuffer>;
  networkKey: Uint8Array<ArrayBuffer>;
  phone: string | null;
}

/** Why a call failed: the server's own answer, or `offline` when there was none, or `broken` when it made no sense. */
export class RegistrationError extends Error {
  override readonly name = "RegistrationError";
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  constructor(code: string, status: number, title: string, detail: string) {
    super(title);
    this.code = code;
    this.status = status;
    this.detail = detail;
  }
}

/** The calls a device makes before it can log in. */
export interface Registration {
  linkCard(slug: string): Promise<LinkCard>;
  guest(slug: string, signatureKey: Uint8Array, deviceName: string): Promise<Registered>;
  device(code: string, signatureKey: Uint8Array, deviceName: string): Promise<Registered>;
  phoneCode(phone: string, channel: "sms" | "voice"): Promise<{ expiresIn: number }>;
  phone(phone: string, code: string, signatureKey: Uint8Array, deviceName: string): Promise<Registered>;
}

type Fetch = (url: string, init?: RequestInit) => Promise<Response>;
type Json = Record<string, unknown>;

const PATIENCE_MILLIS = 20_000;

async function ask(fetcher: Fetch, url: string, body?: Json): Promise<Json> {
  const init: RequestInit = { signal: AbortSignal.timeout(PATIENCE_MILLIS), cache: "no-store", credentials: "omit" };
  if (body) {
    init.method = "POST";
    init.headers = { "content-type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetcher(url, init);
  } catch {
    throw new RegistrationError("offline", 0, "The server cannot be reached.", "");
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw problem(response.status, answer);
  if (typeof answer !== "object" || answer === null) throw broken(response.status);
  return answer as Json;
}

function problem(status: number, answer: unknown): RegistrationError {
  const { code, title, detail } = (typeof answer === "object" && answer !== null ? answer : {}) as Json;
  const text = (value: unknown) => (typeof value === "string" ? value : "");
  return new RegistrationError(text(code) || "broken", status, text(title) || `HTTP ${status}`, text(detail));
}

function broken(status: number): RegistrationError {
  return new RegistrationError("broken", status, "The server's answer could not be read.", "");
}

function text(json: Json, field: string): string {
  const value = json[field];
  if (typeof value !== "string") throw broken(200);
  return value;
}

function parse<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof RangeError ? broken(200) : error;
  }
}

function trust(value: string): Trust {
  if (value !== "plain" && value !== "checked" && value !== "confirmed") throw broken(200);
  return value;
}

function registered(json: Json): Registered {
  return parse(() => ({
    account: unprefixed("acc", text(json, "account")),
    device: unprefixed("dev", text(json, "device")),
    certificate: unbase64(text(json, "certificate")),
    networkKey: unbase64(text(json, "network_key")),
    phone: typeof json.phone === "string" ? json.phone : null,
  }));
}

/** Registration with the server at `base` (an origin, "" for the page's own). */
export function registration(base: string, fetcher: Fetch = (url, init) => fetch(url, init)): Registration {
  const post = (path: string, body: Json) => ask(fetcher, `${base}/v1/${path}`, body);
  const key = (signatureKey: Uint8Array, name: string) => ({
    signature_key: base64(signatureKey),
    device_name: [...name].slice(0, 75).join(""),
  });
  return {
    async linkCard(slug) {
      const json = await ask(fetcher, `${base}/v1/links/${encodeURIComponent(slug)}`);
      return parse(() => ({
        business: unprefixed("acc", text(json, "business")),
        name: text(json, "name"),
        about: text(json, "about"),
        trust: trust(text(json, "trust")),
        hostedBy: text(json, "hosted_by"),
        slug: text(json, "slug"),
        networkKey: unbase64(text(json, "network_key")),
        phoneRegistration: json.phone_registration === true,
      }));
    },
    guest: async (slug, signatureKey, name) => registered(await post("guests", { slug, ...key(signatureKey, name) })),
    device: async (code, signatureKey, name) => registered(await post("devices", { code, ...key(signatureKey, name) })),
    async phoneCode(phone, channel) {
      const json = await post("phone-codes", { phone, channel });
      if (typeof json.expires_in !== "number") throw broken(200);
      return { expiresIn: json.expires_in };
    },
    phone: async (phone, code, signatureKey, name) =>
      registered(await post("phones", { phone, code, ...key(signatureKey, name) })),
  };
}
