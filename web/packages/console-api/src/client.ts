import { ask, type Fetch } from "@suki/inbox";
import type * as c from "./types.ts";

/** The calls of the console's API. Each rejects with a Refusal or with Unreachable, and with nothing else. */
export class ConsoleClient {
  readonly #fetch: Fetch;
  readonly #base: string;

  constructor(fetch: Fetch, base = "/console/api") {
    this.#fetch = fetch;
    this.#base = base;
  }

  signIn = (token: string) => this.#post<c.Me>("/sign-in", { token });
  signOut = () => this.#post<void>("/sign-out", {});
  me = () => this.#get<c.Me>("/me");

  operators = async () => (await this.#get<{ data: c.Operator[] }>("/operators")).data;
  addOperator = (name: string, role: c.Role) =>
    this.#post<{ operator: c.Operator; sign_in_link: string }>("/operators", { name, role });
  signInLink = async (id: string) =>
    (await this.#post<{ sign_in_link: string }>(`/operators/${path(id)}/sign-in-link`, {})).sign_in_link;
  removeOperator = (id: string) => this.#call<void>("DELETE", `/operators/${path(id)}`);

  queues = () => this.#get<{ data: c.QueueCount[]; now: number }>("/queues");
  cases = (options: { state: c.CaseState; kind: c.CaseKind | null; cursor?: string | null }) =>
    this.#get<c.Page<c.NamedCase>>(`/cases?${query(options)}`);
  case = (id: string) => this.#get<c.Case>(`/cases/${path(id)}`);
  claim = (id: string) => this.#post<c.Case>(`/cases/${path(id)}/claim`, {});
  release = (id: string) => this.#post<void>(`/cases/${path(id)}/release`, {});
  decide = (id: string, decision: { approve: boolean; reason: string; code: string | null }) =>
    this.#post<c.Case>(`/cases/${path(id)}/decide`, decision);

  businesses = (options: { q: string; cursor?: string | null }) =>
    this.#get<c.Page<c.Card>>(`/businesses?${query(options)}`);
  business = (id: string) => this.#get<c.Business>(`/businesses/${path(id)}`);
  measure = (id: string, measure: c.Measure) => this.#post<void>(`/businesses/${path(id)}/measures`, measure);
  disableTemplate = (id: string, template: number, reason: string) =>
    this.#post<void>(`/businesses/${path(id)}/templates/${template}/disable`, { reason });
  /** Says when the category changes. */
  recategoriseTemplate = (id: string, template: number, category: string, reason: string) =>
    this.#post<{ changes_at: number }>(`/businesses/${path(id)}/templates/${template}/recategorise`, {
      category,
      reason,
    });
  lift = (id: string, entry: number, reason: string) =>
    this.#post<void>(`/businesses/${path(id)}/measures/${entry}/lift`, { reason });
  setLevel = (id: string, level: c.Trust, reason: string) =>
    this.#post<void>(`/businesses/${path(id)}/level`, { level, reason });
  /** Where a document of a verification is downloaded. */
  documentUrl = (business: string, number: number) => `${this.#base}/businesses/${path(business)}/documents/${number}`;

  rateCards = () => this.#get<c.RateCards>("/rate-cards");
  importRateCard = (card: { rates: string; tiers: string; effective_at: number }) =>
    this.#post<void>("/rate-cards", card);

  announcements = (before?: number | null) =>
    this.#get<c.Page<c.Announcement, number>>(`/announcements?${query({ before })}`);
  announce = (announcement: c.NewAnnouncement) => this.#post<{ id: number }>("/announcements", announcement);

  audit = (before?: number | null) => this.#get<c.Page<c.AuditRecord, number>>(`/audit?${query({ before })}`);
  verify = (known: { seq: number; hash: string } | null) =>
    this.#get<c.Verified>(`/audit/verify?${query(known ?? {})}`);

  policy = () => this.#get<c.Policy>("/policy");

  #get<T>(where: string): Promise<T> {
    return this.#call("GET", where);
  }
  #post<T>(where: string, body: unknown): Promise<T> {
    return this.#call("POST", where, body);
  }
  #call<T>(method: string, where: string, body?: unknown): Promise<T> {
    return ask(this.#fetch, method, this.#base + where, body);
  }
}

const path = encodeURIComponent;

/** What has a value, as a query. */
function query(values: Record<string, string | number | null | undefined>): string {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}
