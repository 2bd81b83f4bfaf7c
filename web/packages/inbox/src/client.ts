import type {
  Announcement,
  Document,
  NameCheck,
  Standing,
  Subject,
  Terms,
  TrustStatus,
  Verification,
} from "./business.ts";
import type { Upload } from "./contents.ts";
import type { Bill, Dimension, Granularity, Point, Quote, Team } from "./figures.ts";
import type { Filling, Preview, Template } from "./templates.ts";
import type { Chat, Me, Message, Operator, Problem, Role } from "./types.ts";
import type { Delivery, DeliveryDetail, LogSearch, Replay, Webhook, WebhookDraft } from "./webhooks.ts";

/** The server understood and said no: `code` is for branching, `title` and `detail` are for people. */
export class Refusal extends Error {
  readonly code: string;
  readonly detail: string;
  readonly status: number;
  /** What else the problem says, such as the places in a file that are wrong. */
  readonly more: Readonly<Record<string, unknown>>;
  constructor(problem: Problem, more: Record<string, unknown> = {}) {
    super(problem.title);
    this.name = "Refusal";
    this.code = problem.code;
    this.detail = problem.detail;
    this.status = problem.status;
    this.more = more;
  }
}

/** There was no answer, or none that can be trusted: the same call may be tried again. */
export class Unreachable extends Error {
  constructor(cause?: unknown) {
    super("The server did not answer.", { cause });
    this.name = "Unreachable";
  }
}

export type Fetch = (input: string, init: RequestInit) => Promise<Response>;

/** The calls of the inbox API. Each rejects with a Refusal or with Unreachable, and with nothing else. */
export class InboxClient {
  readonly #fetch: Fetch;
  readonly #base: string;

  constructor(fetch: Fetch, base = "/inbox/api") {
    this.#fetch = fetch;
    this.#base = base;
  }

  signInWithToken = (token: string) => this.#post<Me>("/sign-in", { token });
  signInWithPassword = (email: string, password: string) => this.#post<Me>("/sign-in", { email, password });
  signOut = () => this.#post<void>("/sign-out", {});
  me = () => this.#get<Me>("/me");
  setPassword = (password: string, current?: string) =>
    this.#post<void>("/password", current === undefined ? { password } : { password, current });

  operators = async () => (await this.#get<{ data: Operator[] }>("/operators")).data;
  invite = (name: string, email: string, role: Role) =>
    this.#post<{ operator: Operator; sign_in_link: string }>("/operators", { name, email, role });
  signInLink = async (id: string) =>
    (await this.#post<{ sign_in_link: string }>(`/operators/${encodeURIComponent(id)}/sign-in-link`, {})).sign_in_link;
  removeOperator = (id: string) => this.#call<void>("DELETE", `/operators/${encodeURIComponent(id)}`, {});

  trust = () => this.#get<TrustStatus>("/trust");
  terms = () => this.#get<Terms>("/terms");
  acceptTerms = (version: number) => this.#post<Terms>("/terms", { version });
  checkName = (name: string) => this.#post<NameCheck>("/name/check", { name });
  askForName = (name: string) => this.#post<TrustStatus>("/name", { name });
  sendNumberCode = (phone: string, channel: "sms" | "voice") =>
    this.#post<{ expires_in_millis: number }>("/number/code", { phone, channel });
  proveNumber = (phone: string, code: string) => this.#post<TrustStatus>("/number", { phone, code });
  upload = (file: Blob, name: string) =>
    ask<Document>(this.#fetch, "POST", `${this.#base}/documents?name=${encodeURIComponent(name)}`, file);
  verify = (request: Verification) => this.#post<TrustStatus>("/verification", request);
  withdrawTrust = (subject: Subject) => this.#post<TrustStatus>("/trust/withdraw", { subject });
  appealTrust = (subject: Subject, text: string) => this.#post<TrustStatus>("/trust/appeal", { subject, text });
  announcements = (before?: number) => {
    const query = new URLSearchParams({ limit: "20" });
    if (before !== undefined) query.set("before", String(before));
    return this.#get<{ data: Announcement[]; more: boolean }>(`/announcements?${query}`);
  };

  standing = () => this.#get<Standing>("/standing");
  appealStanding = (what: number, text: string) => this.#post<void>("/standing/appeals", { what, text });

  /** Counters of a stretch of time, in milliseconds. */
  statistics = async (from: number, to: number, granularity: Granularity, by: readonly Dimension[] = []) => {
    const query = new URLSearchParams({ from: String(from), to: String(to), granularity, by: by.join(",") });
    return (await this.#get<{ points: Point[] }>(`/statistics?${query}`)).points;
  };
  team = (from: number, to: number) => this.#get<Team>(`/statistics/team?from=${from}&to=${to}`);
  /** The bill of a month such as `2026-11`. */
  bill = (month: string) => this.#get<Bill>(`/bill/${month}`);
  /** What a message would cost in a chat now. */
  price = (category: string, chat: string) => this.#get<Quote>(`/price?${new URLSearchParams({ category, chat })}`);
  /** Where files of the API lie, for links. */
  file = (path: string) => `${this.#base}${path}`;

  templates = (wanted: { q?: string; status?: string } = {}) => {
    const query = new URLSearchParams({ limit: "50" });
    for (const [name, value] of Object.entries(wanted)) if (value) query.set(name, value);
    return this.#get<{ data: Template[]; next: string | null; total: number; allowed: number }>(`/templates?${query}`);
  };
  createTemplate = (draft: Pick<Template, "name" | "language" | "category" | "components">) =>
    this.#post<Template>("/templates", draft);
  deleteTemplate = (id: string) => this.#call<void>("DELETE", `/templates/${encodeURIComponent(id)}`, {});
  appealTemplate = (id: string, text: string) =>
    this.#post<Template>(`/templates/${encodeURIComponent(id)}/appeal`, { text });
  previewTemplate = (id: string, components: Filling[]) =>
    this.#post<Preview>(`/templates/${encodeURIComponent(id)}/preview`, { components });
  sendTemplate = (chat: string, message: { id: string; template: string; components: Filling[] }) =>
    this.#post<Message>(`/chats/${encodeURIComponent(chat)}/template`, message);

  webhooks = () => this.#get<{ data: Webhook[]; fields: string[] }>("/webhooks");
  addWebhook = (draft: Partial<WebhookDraft>) => this.#post<Webhook>("/webhooks", draft);
  changeWebhook = (id: string, change: Partial<WebhookDraft>) =>
    this.#post<Webhook>(`/webhooks/${encodeURIComponent(id)}`, change);
  removeWebhook = (id: string) => this.#call<void>("DELETE", `/webhooks/${encodeURIComponent(id)}`, {});
  testWebhook = (id: string, field: string) =>
    this.#post<{ seq: number }>(`/webhooks/${encodeURIComponent(id)}/test`, { field });
  replayWebhooks = (id: string, what: Replay) =>
    this.#post<{ queued: number; next: number | null }>(`/webhooks/${encodeURIComponent(id)}/replay`, what);
  webhookLog = (search: LogSearch) => {
    const query = new URLSearchParams({ limit: "50" });
    for (const [name, value] of Object.entries(search)) if (value) query.set(name, String(value));
    return this.#get<{ data: Delivery[]; next: number | null }>(`/webhooks/log?${query}`);
  };
  webhookDelivery = (seq: number) => this.#get<DeliveryDetail>(`/webhooks/log/${seq}`);

  chats = (options: { q?: string; before?: string | null; limit?: number } = {}) => {
    const query = new URLSearchParams({ limit: String(options.limit ?? 50) });
    if (options.before) query.set("before", options.before);
    if (options.q) query.set("q", options.q);
    return this.#get<{ data: Chat[]; next: string | null }>(`/chats?${query}`);
  };
  chat = (id: string) => this.#get<Chat>(`/chats/${encodeURIComponent(id)}`);
  messages = (chat: string, options: { before?: string; limit?: number } = {}) => {
    const query = new URLSearchParams({ limit: String(options.limit ?? 50) });
    if (options.before) query.set("before", options.before);
    return this.#get<{ data: Message[]; more: boolean }>(`/chats/${encodeURIComponent(chat)}/messages?${query}`);
  };
  send = (chat: string, message: { id: string; text: string; reply_to?: string }) =>
    this.#post<Message>(`/chats/${encodeURIComponent(chat)}/messages`, message);
  /** Brings a file to the server; it can be sent for 30 days. */
  uploadMedia = (file: Blob, name: string) => {
    const query = new URLSearchParams({ type: file.type, name });
    const bytes = file.slice(0, file.size, "application/octet-stream");
    return ask<Upload>(this.#fetch, "POST", `${this.#base}/media?${query}`, bytes);
  };
  sendMedia = (chat: string, message: { id: string; media: string; caption?: string; reply_to?: string }) =>
    this.#post<Message>(`/chats/${encodeURIComponent(chat)}/media`, message);
  sendPlace = (chat: string, message: { id: string; latitude: number; longitude: number; reply_to?: string }) =>
    this.#post<Message>(`/chats/${encodeURIComponent(chat)}/location`, message);
  /** Puts an emoji on a message; "" takes it back. */
  react = (chat: string, reaction: { id: string; message: string; emoji: string }) =>
    this.#post<void>(`/chats/${encodeURIComponent(chat)}/reactions`, reaction);
  /** A file of a message, by its place among the message's files. */
  fileOf = (message: string, place: number, signal?: AbortSignal) =>
    askFile(this.#fetch, `${this.#base}/messages/${encodeURIComponent(message)}/files/${place}`, signal);
  read = (chat: string, upTo: string) => this.#post<void>(`/chats/${encodeURIComponent(chat)}/read`, { up_to: upTo });
  typing = (chat: string, on: boolean) => this.#post<void>(`/chats/${encodeURIComponent(chat)}/typing`, { on });

  #get<T>(path: string): Promise<T> {
    return this.#call("GET", path);
  }

  #post<T>(path: string, body: unknown): Promise<T> {
    return this.#call("POST", path, body);
  }

  #call<T>(method: string, path: string, body?: unknown): Promise<T> {
    return ask<T>(this.#fetch, method, this.#base + path, body);
  }
}

/** One call of a JSON API of ours. Rejects with a Refusal or with Unreachable, and with nothing else. */
export async function ask<T>(fetch: Fetch, method: string, url: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method, credentials: "same-origin" };
  if (body instanceof Blob) {
    init.headers = { "Content-Type": body.type };
    init.body = body;
  } else if (body !== undefined) {
    init.headers = { "Content-Type": "application/json" };
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (error) {
    throw new Unreachable(error);
  }
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return undefined as T;
  try {
    return (await response.json()) as T;
  } catch (error) {
    throw new Unreachable(error);
  }
}

/** The bytes of a file. Rejects as `ask` does, and when the signal says so. */
async function askFile(fetch: Fetch, url: string, signal?: AbortSignal): Promise<Blob> {
  let response: Response;
  try {
    response = await fetch(url, { method: "GET", credentials: "same-origin", ...(signal && { signal }) });
    if (response.ok) return await response.blob();
  } catch (error) {
    signal?.throwIfAborted();
    throw new Unreachable(error);
  }
  throw await refusal(response);
}

// A proxy's error page is no refusal of ours: the message may still go through the next time.
async function refusal(response: Response): Promise<Refusal | Unreachable> {
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  if (!problem || typeof problem.code !== "string") {
    return response.status === 401
      ? new Refusal({ code: "signed_out", title: "Signed out", detail: "", status: 401 })
      : new Unreachable(response.status);
  }
  const { code, title = code, detail = "", ...more } = problem;
  return new Refusal({ code, title, detail, status: response.status }, more);
}
