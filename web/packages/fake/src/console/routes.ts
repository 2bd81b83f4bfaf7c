import type { Announcement, Business, Card, Case, CaseKind, Operator, Role, RowError, Trust } from "@suki/console-api";
import type { Kept, Store } from "./store.ts";

export type Reply = { status: number; body?: unknown };
type Body = Record<string, unknown>;

export const refuse = (status: number, code: string, title: string, detail = "", more: Body = {}): Reply => ({
  status,
  body: { ...more, code, title, detail, status },
});
const NOT_FOUND = refuse(404, "not_found", "There is no such thing.", "It may have been removed.");
const ok = (body: unknown): Reply => ({ status: 200, body });

/** Answers one call of the console's API. */
export function answer(store: Store, method: string, path: string, query: URLSearchParams, body: Body): Reply {
  const [first = "", id = "", then = "", what = "", verb = ""] = path
    .split("/")
    .filter(Boolean)
    .map(decodeURIComponent);
  switch (first) {
    case "me":
      return ok({ ...store.me, now: store.now() });
    case "sign-out":
      return { status: 204 };
    case "operators":
      return operators(store, method, id, then, body);
    case "queues":
      return ok({ data: queues(store), now: store.now() });
    case "cases":
      return id ? oneCase(store, id, then, body) : cases(store, query);
    case "businesses":
      return id ? business(store, id, then, what, verb, body) : businesses(store, query);
    case "rate-cards":
      return method === "GET"
        ? ok({ data: store.rateCards, currency: "USD", earliest: store.now() + 7 * 86_400_000 })
        : importCard(store, body);
    case "announcements":
      return method === "GET" ? ok({ data: store.announcements, next: null }) : announce(store, body);
    case "audit":
      return id === "verify" ? verify(store, query) : ok({ data: [...store.audit].reverse(), next: null });
    case "policy":
      return ok(POLICY);
    default:
      return NOT_FOUND;
  }
}

function operators(store: Store, method: string, id: string, then: string, body: Body): Reply {
  const link = () => `https://suki.example/console/#sign-in=csn_${store.operators.length}f00d`;
  if (method === "GET") return ok({ data: store.operators });
  if (method === "DELETE") {
    store.operators = store.operators.filter((one) => one.id !== id);
    return { status: 204 };
  }
  if (then) return ok({ sign_in_link: link() });
  const name = String(body.name ?? "").trim();
  if (store.operators.some((one) => one.name === name))
    return refuse(
      409,
      "conflict",
      "The request contradicts what is stored.",
      "somebody of this name works here already; decisions are told apart by the name, so give another",
    );
  const operator: Operator = { id: `opr_${store.operators.length + 1}`, name, role: body.role as Role };
  store.operators.push(operator);
  return { status: 201, body: { operator, sign_in_link: link() } };
}

function queues(store: Store) {
  const open = [...store.cases.values()].filter((one) => one.state === "open");
  const kinds = [...new Set(open.map((one) => one.kind))];
  return kinds.map((kind) => {
    const own = open.filter((one) => one.kind === kind);
    return { kind, open: own.length, oldest: Math.min(...own.map((one) => one.opened_at)) };
  });
}

function cases(store: Store, query: URLSearchParams): Reply {
  const state = query.get("state") ?? "open";
  const kind = query.get("kind") as CaseKind | null;
  const found = [...store.cases.values()].filter((one) => one.state === state && (!kind || one.kind === kind));
  found.sort((a, b) => (state === "open" ? a.opened_at - b.opened_at : b.opened_at - a.opened_at));
  return ok({ data: found.map((one) => store.row(one)), next: null });
}

function whole(store: Store, one: Kept): Case {
  const {
    standing: _s,
    trust_status: _t,
    templates: _p,
    ledger: _l,
    cases: _c,
    history: _h,
    ...card
  } = store.businesses.get(one.business) ?? BLANK;
  const earlier = [...store.cases.values()].filter((other) => other.business === one.business && other.id !== one.id);
  const first = one.first ? store.cases.get(one.first) : undefined;
  return {
    ...store.row(one),
    detail: one.detail,
    reported: one.reported,
    business: card,
    earlier: earlier.map((other) => store.row(other)),
    first_case: first ? store.row(first) : null,
    mine: one.claimed_by === store.me.operator.name && (one.claimed_until ?? 0) > store.now(),
  };
}

const BLANK: Card & Record<string, unknown> = {
  id: "",
  name: "",
  about: "",
  slug: "",
  hosted_by: "",
  trust: "plain",
  since: 0,
};

function oneCase(store: Store, id: string, then: string, body: Body): Reply {
  const one = store.cases.get(id);
  if (!one) return NOT_FOUND;
  if (!then) return ok(whole(store, one));
  if (one.state !== "open")
    return refuse(
      409,
      "conflict",
      "The request contradicts what is stored.",
      "this case is not open any more: somebody decided it, or the business withdrew it",
    );
  const others =
    one.claimed_by !== null && one.claimed_by !== store.me.operator.name && (one.claimed_until ?? 0) > store.now();
  if (others)
    return refuse(
      409,
      "conflict",
      "The request contradicts what is stored.",
      `${one.claimed_by} has this case; it is free again when he puts it back or his time ends`,
    );
  if (then === "release") {
    Object.assign(one, { claimed_by: null, claimed_until: null });
    return { status: 204 };
  }
  if (then === "claim") {
    Object.assign(one, { claimed_by: store.me.operator.name, claimed_until: store.claimUntil() });
    return ok(whole(store, one));
  }
  const reason = String(body.reason ?? "").trim();
  if (!reason)
    return refuse(
      422,
      "invalid",
      "The request is not allowed as it is.",
      "a reason has 1 to 1000 characters: the business is shown it and has to understand it",
    );
  const state = body.approve ? "approved" : "rejected";
  Object.assign(one, {
    state,
    reason,
    code: body.code ?? null,
    decided_at: store.now(),
    decided_by: store.me.operator.name,
    claimed_by: null,
    claimed_until: null,
  });
  store.record(
    "operator",
    `${one.kind}.${state}`,
    `${one.business} ${one.id} ${one.subject}`,
    `${body.code ?? "-"}: ${reason}`,
  );
  return ok(whole(store, one));
}

function businesses(store: Store, query: URLSearchParams): Reply {
  const wanted = (query.get("q") ?? "").toLocaleLowerCase();
  const data = [...store.businesses.values()].filter((one) =>
    `${one.name} ${one.slug}`.toLocaleLowerCase().includes(wanted),
  );
  return ok({ data, next: null });
}

function business(store: Store, id: string, then: string, what: string, verb: string, body: Body): Reply {
  const one = store.businesses.get(id);
  if (!one) return NOT_FOUND;
  if (!then) {
    const cases = [...store.cases.values()].filter((other) => other.business === id).map((other) => store.row(other));
    const history = store.audit.filter((record) => record.subject.startsWith(id)).reverse();
    return ok({ ...one, cases, history, ledger: store.me.duties.includes("money") ? one.ledger : null });
  }
  const reason = String(body.reason ?? "");
  if (then === "level") {
    one.trust = body.level as Trust;
    store.record("operator", "level.set", `${id} ${String(body.level)}`, reason);
  } else if (then === "templates") {
    return template(store, one, what, verb, body);
  } else if (then === "measures" && one.standing) {
    const entry = one.standing.history.find((known) => String(known.id) === what);
    if (verb === "lift" && entry) {
      entry.lifted_at = store.now();
      one.standing.now = { ...one.standing.now, restriction: null, ban: null };
      store.record("operator", "standing.lifted", id, reason);
    } else {
      const kind = String(body.kind);
      const until = body.length ? store.now() + Number.parseInt(String(body.length), 10) * 86_400_000 : null;
      const next = Math.max(0, ...one.standing.history.map((known) => known.id)) + 1;
      one.standing.history.unshift({
        id: next,
        at: store.now(),
        kind,
        cause: "operator",
        from: "",
        to: String(body.restriction ?? ""),
        until,
        reason,
        lifted_at: null,
        appeal: "none",
      });
      if (kind === "restriction")
        one.standing.now = { ...one.standing.now, restriction: { kind: String(body.restriction), until: until ?? 0 } };
      if (kind === "ban") one.standing.now = { ...one.standing.now, ban: { until, cause: "operator" } };
      store.record("operator", `standing.${kind}`, id, reason);
    }
  }
  return { status: 204 };
}

/** Ends an approved template, or announces that its category changes in a day. */
function template(store: Store, of: Business, id: string, verb: string, body: Body): Reply {
  const found = of.templates.find((one) => String(one.id) === id);
  if (!found) return NOT_FOUND;
  const subject = `${of.id} template ${id}`;
  if (verb === "disable") {
    found.status = "DISABLED";
    store.record("operator", "template.disabled", subject, String(body.reason));
    return { status: 204 };
  }
  found.correct_category = String(body.category);
  store.record("operator", "template.recategorised", subject, String(body.reason));
  return ok({ changes_at: store.now() + 86_400_000 });
}

/** Rows of a rate card are `market,category,rate`; whatever is no number is wrong. */
function importCard(store: Store, body: Body): Reply {
  const lines = String(body.rates ?? "")
    .trim()
    .split("\n");
  const errors: RowError[] = [];
  lines.slice(1).forEach((line, index) => {
    const [market = "", , rate = ""] = line.split(",");
    if (!market.trim())
      errors.push({ file: "rates", row: index + 2, column: "market", problem: "the market is missing" });
    if (!/^\d+(\.\d+)?$/.test(rate.trim()))
      errors.push({
        file: "rates",
        row: index + 2,
        column: "rate",
        problem: `“${rate.trim()}” is no amount: write it like 0.0732`,
      });
  });
  if (errors.length)
    return refuse(
      422,
      "rate_card",
      "The rate card is not imported.",
      "Nothing of it is kept. Correct the rows and import it again.",
      { errors },
    );
  store.rateCards.unshift({
    effective_at: Number(body.effective_at),
    imported_at: store.now(),
    imported_by: store.me.operator.name,
    in_force: false,
    markets: lines.length - 1,
  });
  store.record("operator", "rate_card.import", "USD", `${lines.length - 1} rows`);
  return { status: 204 };
}

function announce(store: Store, body: Body): Reply {
  const one: Announcement = {
    id: store.announcements.length + 2,
    at: store.now(),
    audience: String(body.audience),
    title: String(body.title),
    body: String(body.body),
    delivered: true,
  };
  store.announcements.unshift(one);
  store.record("operator", "announcement.posted", `announcement ${one.id} for ${one.audience}`, one.title);
  return { status: 201, body: { id: one.id } };
}

function verify(store: Store, query: URLSearchParams): Reply {
  const newest = store.audit.at(-1);
  const known = query.get("hash");
  const at = Number(query.get("seq"));
  const broken = known && store.audit.find((record) => record.seq === at)?.hash !== known;
  return ok({
    whole: !broken,
    seq: newest?.seq ?? 0,
    hash: newest?.hash ?? "",
    broken: broken ? { seq: at, what: "the chain up to it is not the one that was written down" } : null,
  });
}

const POLICY = {
  name: "meta-2026",
  sections: [
    {
      table: "window",
      about: "The customer-service window.",
      fields: [
        {
          name: "length",
          value: "24h",
          shape: "length of time",
          allowed: "1m to 30d",
          meaning: "How long it stays open.",
        },
        {
          name: "refreshed_by",
          value: ["customer"],
          shape: "list of customer or business",
          allowed: "",
          meaning: "Whose message inside the window starts it anew.",
        },
      ],
    },
    {
      table: "review",
      about: "How people decide about businesses in the console.",
      fields: [
        {
          name: "claim",
          value: "15m",
          shape: "length of time",
          allowed: "1m to 24h",
          meaning: "For how long a case that an operator has opened is kept for him; after that another may take it.",
        },
      ],
    },
  ],
};
