import type {
  Announcement,
  AuditRecord,
  Business,
  CaseKind,
  CaseRow,
  Detail,
  Duty,
  Me,
  NamedCase,
  Operator,
  RateCard,
  Reported,
  Role,
} from "@suki/console-api";
import { businesses } from "./businesses.ts";
import { decided, WAITING } from "./cases.ts";

const DAY = 86_400_000;
const CLAIM = 15 * 60_000;

const DUTIES: Record<Role, Duty[]> = {
  reviewer: ["look", "decide", "sanction"],
  finance: ["look", "money"],
  admin: ["look", "decide", "sanction", "money", "announce", "team"],
};

const REASONS: Record<CaseKind, string[]> = {
  name: [
    "NAME_INDIVIDUAL_ISSUE",
    "NAME_EMPLOYEE_ISSUE",
    "NAME_ENDCLIENT_NOTRELATED",
    "NAME_FORMAT_UNACCEPTABLE",
    "NAME_NOT_CONSISTENT",
    "UNKNOWN",
  ],
  verification: [
    "DOCUMENT_UNREADABLE",
    "DOCUMENT_EXPIRED",
    "DOCUMENT_OF_ANOTHER",
    "DATA_DIFFERS",
    "CONTACT_NOT_FOUND",
    "FORGED",
    "OTHER",
  ],
  number: ["NOT_THE_COMPANYS", "NOT_REACHABLE", "ALREADY_IN_USE", "OTHER"],
  template: ["ABUSIVE_CONTENT", "INCORRECT_CATEGORY", "INVALID_FORMAT", "PROMOTIONAL", "SCAM", "TAG_CONTENT_MISMATCH"],
  report: ["SPAM", "SCAM", "PROHIBITED_GOODS", "ABUSIVE_CONTENT", "NOT_PROVEN", "WITHIN_THE_RULES", "OTHER"],
  appeal: ["DECISION_WAS_WRONG", "CAUSE_REMOVED", "DECISION_STANDS", "NOTHING_NEW", "OTHER"],
};

type Kept = CaseRow & {
  business: string;
  decided_by: string | null;
  claimed_by: string | null;
  detail: Detail;
  reported: Reported[];
};

/** All that the fake network knows. */
export class Store {
  readonly now: () => number;
  readonly cases = new Map<string, Kept>();
  readonly businesses = new Map<string, Business>();
  me: Me;
  operators: Operator[];
  rateCards: RateCard[];
  announcements: Announcement[];
  audit: AuditRecord[] = [];

  constructor(now: () => number, role: Role, empty: boolean) {
    this.now = now;
    const at = now();
    const me: Operator = { id: "opr_ada", name: "Ada Lim", role };
    this.operators = [
      me,
      { id: "opr_bo", name: "Bo Cruz", role: "reviewer" },
      { id: "opr_fe", name: "Fe Ramos", role: "finance" },
    ];
    this.me = { operator: me, duties: DUTIES[role], reasons: REASONS, policy: "meta-2026", now: at };
    for (const business of businesses(at)) this.businesses.set(business.id, business);
    for (const [id, row] of decided(at)) this.cases.set(id, { ...row, claimed_by: null, detail: {}, reported: [] });
    for (const [index, told] of empty ? [] : WAITING.entries()) this.#open(told, `cas_${index + 1}`, at);
    this.rateCards = [
      { effective_at: at + 20 * DAY, imported_at: at - 2 * DAY, imported_by: "Fe Ramos", in_force: false, markets: 62 },
      { effective_at: at - 50 * DAY, imported_at: at - 70 * DAY, imported_by: "Fe Ramos", in_force: true, markets: 60 },
      { effective_at: 0, imported_at: 0, imported_by: "classic-usd", in_force: false, markets: 58 },
    ];
    this.announcements = [
      {
        id: 2,
        at: at - 6 * DAY,
        audience: "PH",
        title: "New prices in the Philippines from 10 December",
        body: "Marketing messages cost a tenth less from 10 December on. Nothing else changes, and you need not do anything.",
        delivered: true,
      },
    ];
    this.record("system", "price.import", "card USD", "62 markets");
    this.record(
      "operator",
      "report.approved",
      "acc_pills cas_old1 report 28",
      "PROHIBITED_GOODS: The messages sell medicine.",
    );
    this.record("system", "standing.restricted", "acc_pills", "outreach for 7 days: report_upheld");
    this.record("business", "standing.appealed", "acc_pills measure 4", "");
  }

  #open(told: (typeof WAITING)[number], id: string, at: number): void {
    this.cases.set(id, {
      id,
      kind: told.kind,
      state: "open",
      subject: told.subject,
      title: told.title ?? told.subject,
      business: told.business,
      opened_at: at - told.age,
      first: told.first ?? null,
      claimed_until: told.subject === "Maria Santos" ? at + CLAIM : null,
      claimed_by: told.subject === "Maria Santos" ? "Bo Cruz" : null,
      decided_at: null,
      decided_by: null,
      reason: null,
      code: null,
      detail: told.detail,
      reported: (told.reported ?? []).map((message) => ({ ...message, sent_at: at + message.sent_at })),
    });
  }

  record(kind: AuditRecord["actor"]["kind"], action: string, subject: string, detail: string): void {
    const seq = this.audit.length + 1;
    const name =
      kind === "operator"
        ? this.me.operator.name
        : kind === "business"
          ? this.nameOf(subject.split(" ")[0] ?? "")
          : null;
    const hash = Array.from({ length: 64 }, (_, place) => ((place * 7 + seq * 13) % 16).toString(16)).join("");
    this.audit.push({ seq, at: this.now(), actor: { kind, id: null, name }, action, subject, detail, hash });
  }

  nameOf(business: string): string {
    return this.businesses.get(business)?.name ?? "";
  }

  row(one: Kept): NamedCase {
    const { business, detail: _, reported: __, ...row } = one;
    return { ...row, business_name: this.nameOf(business) };
  }

  claimUntil(): number {
    return this.now() + CLAIM;
  }
}

export type { Kept };
