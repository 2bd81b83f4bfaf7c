/** The console's API as docs/CONSOLE-API.md describes it. Times are milliseconds since 1970 on the network's clock. */

export type Role = "reviewer" | "finance" | "admin";
export type Duty = "look" | "decide" | "sanction" | "money" | "announce" | "team";
export type CaseKind = "name" | "verification" | "number" | "template" | "report" | "appeal";
export type CaseState = "open" | "approved" | "rejected" | "withdrawn";
export type Trust = "plain" | "checked" | "confirmed";
export type Quality = "unknown" | "green" | "yellow" | "red";

export type Operator = { id: string; name: string; role: Role };

export type Me = {
  operator: Operator;
  duties: Duty[];
  /** The codes an operator chooses from, by kind of case. */
  reasons: Record<CaseKind, string[]>;
  /** What the rules in force are called. */
  policy: string;
  now: number;
};

export type QueueCount = { kind: CaseKind; open: number; oldest: number };

export type CaseRow = {
  id: string;
  kind: CaseKind;
  state: CaseState;
  /** What of the business it is about, as the programs name it. */
  subject: string;
  /** The same for people. */
  title: string;
  opened_at: number;
  /** The case an appeal is against. */
  first: string | null;
  claimed_until: number | null;
  decided_at: number | null;
  reason: string | null;
  code: string | null;
};

export type NamedCase = CaseRow & { business_name: string; claimed_by: string | null; decided_by: string | null };

export type Card = {
  id: string;
  name: string;
  about: string;
  slug: string;
  hosted_by: string;
  trust: Trust;
  since: number;
};

/** What one has to know to decide; what is in it depends on the kind of the case. */
export type Detail = Readonly<Record<string, unknown>>;

/** A message that a customer showed with his report; that the business sent it is proven. */
export type Reported = { message_id: string; sent_at: number; template: number; text: string };

export type Case = NamedCase & {
  detail: Detail;
  /** Of a report: its messages. */
  reported: Reported[];
  business: Card;
  earlier: CaseRow[];
  first_case: NamedCase | null;
  /** Whether whoever asks has it before him. */
  mine: boolean;
};

export type StandingEntry = {
  id: number;
  at: number;
  kind: string;
  cause: string;
  from: string;
  to: string;
  until: number | null;
  reason: string;
  lifted_at: number | null;
  appeal: string;
};

export type Standing = {
  now: {
    limit: number | null;
    quality: Quality;
    high_throughput: boolean;
    restriction: { kind: string; until: number } | null;
    ban: { until: number | null; cause: string } | null;
  };
  used: number;
  figures: { delivered: number; read: number; blocked: number; reported: number };
  history: StandingEntry[];
};

export type Stage = { subject: string; state: string; since: number | null; reason?: string };

export type TrustStatus = {
  name: string;
  name_passed: boolean;
  level: Trust;
  phone: string | null;
  terms: { accepted: number; in_force: number };
  stages: Stage[];
};

export type TemplateRow = {
  id: number;
  name: string;
  language: string;
  category: string;
  status: string;
  quality: string;
  explanation: string;
  /** The category that it will have soon: its business was told. */
  correct_category: string | null;
};

/** What a business owes for a month, in the currency's own writing. */
export type Ledger = {
  month: string;
  currency: string;
  total: string;
  reserved: string;
  lines: { market: string; category: string; kind: string; count: number; amount: string }[];
};

export type AuditRecord = {
  seq: number;
  at: number;
  actor: { kind: "system" | "operator" | "business"; id: string | null; name: string | null };
  action: string;
  subject: string;
  detail: string;
  hash: string;
};

export type Business = Card & {
  standing: Standing | null;
  trust_status: TrustStatus | null;
  templates: TemplateRow[];
  /** Null when the operator's role does not include money. */
  ledger: Ledger | null;
  cases: CaseRow[];
  history: AuditRecord[];
};

export type Measure = {
  kind: "warning" | "restriction" | "ban";
  /** What a restriction forbids. */
  restriction?: "outreach" | "messages";
  /** How long, such as `7d`; a ban without it is for ever. */
  length?: string;
  reason: string;
};

export type RateCard = {
  /** 0: the test tariff that comes with the program. */
  effective_at: number;
  imported_at: number;
  imported_by: string;
  in_force: boolean;
  markets: number;
};

export type RateCards = { data: RateCard[]; currency: string; earliest: number };

/** A place in a file that is wrong. */
export type RowError = { file: "rates" | "tiers"; row: number; column: string; problem: string };

export type Announcement = {
  id: number;
  at: number;
  audience: string;
  title: string;
  body: string;
  delivered: boolean;
};

/** `all`, a country's two letters, or a level. */
export type NewAnnouncement = { audience: string; title: string; body: string };

export type Verified = { whole: boolean; seq: number; hash: string; broken: { seq: number; what: string } | null };

export type PolicyField = { name: string; value: unknown; shape: string; allowed: string; meaning: string };
export type Policy = { name: string; sections: { table: string; about: string; fields: PolicyField[] }[] };

export type Page<T, C = string> = { data: T[]; next: C | null };
