import type { Announcement, Stage, Standing, Terms, TrustStatus } from "@suki/inbox";
import type { Reply } from "./routes.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const BAD = /official|verified|suki/i;

/** What the platform knows of the business: kept for as long as the page lives. */
export class Account {
  readonly #now: () => number;
  trust: TrustStatus;
  terms: Terms;
  standing: Standing;
  announcements: Announcement[];

  constructor(now: () => number, name: string, phone: string) {
    this.#now = now;
    const at = now();
    this.trust = {
      name,
      name_passed: true,
      level: "plain",
      shown: { mark: "grey_question", title: name, labels: ["shop"], verification_pending: false },
      phone,
      phone_proven_at: at - 40 * DAY,
      terms: { accepted: 1, in_force: 1, due: null },
      stages: [this.#refused(at)],
      documents: [],
    };
    const legal = (title: string) => ({
      title,
      url: "https://network.example/legal",
      text: "What both sides may expect of each other.",
    });
    const current = {
      version: 1,
      in_force_at: at - 90 * DAY,
      terms: legal("Terms of service"),
      privacy: legal("Privacy policy"),
    };
    this.terms = { current, accepted_version: 1, accepted_at: at - 40 * DAY, due: null };
    this.standing = standing(at);
    const body = "From 1 December, messages within the window stay free, and utility templates inside it, too.";
    this.announcements = [
      {
        id: 2,
        at: at - 2 * DAY,
        from: "Suki",
        level: "confirmed",
        labels: ["official"],
        title: "Prices from December",
        body,
      },
    ];
  }

  #refused(at: number): Stage {
    return {
      subject: "verification",
      asked: "checked",
      state: "refused",
      since: at - 3 * DAY,
      criteria: [
        "The number stands in the company’s register or on its own site.",
        "The legal name is the one on the documents.",
      ],
      needed: ["A register extract that is younger than six months"],
      expected_at: null,
      reason: "The number in the request is another one than on the company’s site.",
      code: "number_mismatch",
      appeal_until: at + 10 * DAY,
      again_at: at - HOUR,
    };
  }

  /** Answers a call about the business, or null when it is about something else. */
  answer(method: string, path: string, body: Record<string, unknown>): Reply | null {
    switch (`${method} ${path}`) {
      case "GET /trust":
        return ok(this.trust);
      case "GET /terms":
        return ok(this.terms);
      case "POST /terms":
        this.terms = { ...this.terms, accepted_version: Number(body.version), accepted_at: this.#now(), due: null };
        return ok(this.terms);
      case "GET /standing":
        return ok(this.standing);
      case "POST /standing/appeals":
        return this.#appeal(Number(body.what));
      case "GET /announcements":
        return ok({ data: this.announcements, more: false });
      case "POST /name/check":
        return ok(check(String(body.name)));
      case "POST /name":
        return this.#stage("name", String(body.name));
      case "POST /verification":
        return this.#stage("verification", String(body.level));
      case "POST /trust/withdraw":
        return this.#move(String(body.subject), "withdrawn");
      case "POST /trust/appeal":
        return this.#move(String(body.subject), "appealed");
      case "POST /documents":
        this.trust.documents.push({
          id: this.trust.documents.length + 1,
          name: "document",
          media_type: "application/pdf",
          bytes: 2048,
          complete: true,
        });
        return { status: 201, body: this.trust.documents.at(-1) };
      default:
        return null;
    }
  }

  #stage(subject: Stage["subject"], asked: string): Reply {
    const at = this.#now();
    const stage: Stage = {
      subject,
      asked,
      state: "waiting",
      since: at,
      criteria: [],
      needed: [],
      expected_at: at + 8 * HOUR,
      reason: "",
      code: "",
      appeal_until: null,
      again_at: null,
    };
    this.trust = { ...this.trust, stages: [...this.trust.stages.filter((one) => one.subject !== subject), stage] };
    return ok(this.trust);
  }

  #move(subject: string, state: Stage["state"]): Reply {
    const stages = this.trust.stages.map((one) =>
      one.subject === subject ? { ...one, state, since: this.#now() } : one,
    );
    this.trust = { ...this.trust, stages };
    return ok(this.trust);
  }

  #appeal(what: number): Reply {
    const history = this.standing.history.map((one) => (one.id === what ? { ...one, appeal: "open" as const } : one));
    this.standing = { ...this.standing, history };
    return { status: 201, body: {} };
  }
}

const ok = (body: unknown): Reply => ({ status: 200, body });

function check(name: string) {
  const breaches = BAD.test(name)
    ? [
        {
          rule: "names.forbidden",
          message:
            "“official”, “verified” and the platform’s own name cannot stand in a name: they would claim a mark.",
        },
      ]
    : [];
  return { name: name.trim(), breaches, reviewed: false };
}

function standing(at: number): Standing {
  return {
    now: { limit: 250, quality: "green", high_throughput: false, restriction: null, ban: null },
    limit_since: at - 40 * DAY,
    used: 87,
    period_millis: DAY,
    figures: {
      points: 4,
      yellow_points: 20,
      red_points: 60,
      delivered: 1240,
      minimum_sample: 50,
      read: 1102,
      blocked: 2,
      reported: 1,
      within_millis: 7 * DAY,
    },
    next: {
      limit: 2000,
      by_verification: true,
      customers: 2000,
      have: 1240,
      within_millis: 30 * DAY,
      quality: "green",
    },
    history: [
      {
        id: 7,
        at: at - 6 * DAY,
        kind: "warning",
        cause: "reports",
        from: "",
        to: "",
        until: null,
        reason:
          "Three customers reported the same offer within a day. Write only to those who agreed; the next time outreach stops for a day.",
        lifted_at: null,
        appeal_until: at + 20 * DAY,
        appeal: "none",
      },
    ],
  };
}
