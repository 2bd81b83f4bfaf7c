import type { Business, Standing } from "@suki/console-api";

const DAY = 86_400_000;

function standing(at: number, over: Partial<Standing["now"]>, history: Standing["history"]): Standing {
  return {
    now: { limit: 2000, quality: "green", high_throughput: false, restriction: null, ban: null, ...over },
    used: 184,
    figures: { delivered: 4210, read: 3377, blocked: 12, reported: 3 },
    history: history.map((entry) => ({ ...entry, at: at + entry.at })),
  };
}

const entry = (
  id: number,
  at: number,
  kind: string,
  cause: string,
  more: Partial<Standing["history"][number]> = {},
) => ({
  id,
  at,
  kind,
  cause,
  from: "",
  to: "",
  until: null,
  reason: "",
  lifted_at: null,
  appeal: "none",
  ...more,
});

const TRUST = (name: string, level: "plain" | "checked" | "confirmed", at: number) => ({
  name,
  name_passed: true,
  level,
  phone: "63288123456",
  terms: { accepted: 1, in_force: 1 },
  stages: [
    { subject: "name", state: "approved", since: at - 200 * DAY },
    { subject: "number", state: level === "plain" ? "open" : "approved", since: at - 120 * DAY },
    { subject: "verification", state: level === "confirmed" ? "approved" : "waiting", since: at - 2 * DAY },
  ],
});

const luna = (at: number): Business => ({
  id: "acc_luna",
  name: "Panadería Luna",
  about: "Bread, cakes and coffee since 1987",
  slug: "panaderia-luna",
  hosted_by: "chat.luna.example",
  trust: "checked",
  since: at - 201 * DAY,
  standing: standing(at, {}, [
    entry(3, -14 * DAY, "tier", "customers_reached", { from: "250", to: "2000" }),
    entry(2, -40 * DAY, "quality", "feedback", { from: "yellow", to: "green" }),
  ]),
  trust_status: TRUST("Panadería Luna", "checked", at),
  templates: [
    {
      id: 9001,
      name: "order_ready",
      language: "en_US",
      category: "utility",
      status: "approved",
      quality: "green",
      explanation: "",
      correct_category: null,
    },
    {
      id: 9007,
      name: "order_ready",
      language: "fil",
      category: "utility",
      status: "pending",
      quality: "unknown",
      explanation: "",
      correct_category: null,
    },
  ],
  ledger: {
    month: "2026-11",
    currency: "USD",
    total: "41.85",
    reserved: "0.62",
    lines: [
      { market: "Philippines", category: "marketing", kind: "regular", count: 540, amount: "37.80" },
      { market: "Philippines", category: "utility", kind: "regular", count: 310, amount: "4.05" },
      { market: "Philippines", category: "service", kind: "free_customer_service", count: 1214, amount: "0.00" },
    ],
  },
  cases: [],
  history: [],
});

const pills = (at: number): Business => ({
  id: "acc_pills",
  name: "Healthy Life Shop",
  about: "Your way to a better you",
  slug: "healthy-life",
  hosted_by: "suki.example",
  trust: "plain",
  since: at - 33 * DAY,
  standing: standing(at, { limit: 250, quality: "red", restriction: { kind: "outreach", until: at + 4 * DAY } }, [
    entry(4, -3 * DAY, "restriction", "report_upheld", {
      until: at + 4 * DAY,
      to: "outreach",
      reason: "Your messages sell medicine, which the rules list as prohibited.",
      appeal: "open",
    }),
    entry(3, -3 * DAY, "quality", "feedback", { from: "yellow", to: "red" }),
    entry(2, -8 * DAY, "warning", "red_quality", { reason: "Many customers block you after your first message." }),
  ]),
  trust_status: TRUST("Healthy Life Shop", "plain", at),
  templates: [
    {
      id: 9011,
      name: "mega_sale_1111",
      language: "en_US",
      category: "utility",
      status: "pending",
      quality: "unknown",
      explanation: "",
      correct_category: null,
    },
  ],
  ledger: {
    month: "2026-11",
    currency: "USD",
    total: "129.20",
    reserved: "3.10",
    lines: [{ market: "Philippines", category: "marketing", kind: "regular", count: 1846, amount: "129.20" }],
  },
  cases: [],
  history: [],
});

const maria = (at: number): Business => ({
  id: "acc_maria",
  name: "Maria Santos",
  about: "",
  slug: "maria-santos",
  hosted_by: "suki.example",
  trust: "plain",
  since: at - 1 * DAY,
  standing: standing(at, { limit: 250, quality: "unknown" }, []),
  trust_status: { ...TRUST("Maria Santos", "plain", at), name_passed: false },
  templates: [],
  ledger: null,
  cases: [],
  history: [],
});

const taxi = (at: number): Business => ({
  id: "acc_taxi",
  name: "Taxi Manila",
  about: "A taxi in ten minutes",
  slug: "taxi-manila",
  hosted_by: "chat.taximanila.example",
  trust: "plain",
  since: at - 60 * DAY,
  standing: standing(at, { limit: 10_000 }, []),
  trust_status: TRUST("Taxi Manila", "plain", at),
  templates: [],
  ledger: null,
  cases: [],
  history: [],
});

/** The businesses of the fake network. */
export function businesses(at: number): Business[] {
  return [luna(at), pills(at), maria(at), taxi(at)];
}
