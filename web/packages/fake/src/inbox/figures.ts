import type { Bill, Counts, Point, Team } from "@suki/inbox";
import type { Reply } from "./routes.ts";

const DAY = 86_400_000;

/** Counters that look like a shop's weeks: quiet on Mondays, busy on Saturdays, the same on every run. */
export function figures(path: string, query: URLSearchParams): Reply | null {
  if (path === "/statistics") return { status: 200, body: { points: points(query) } };
  if (path === "/statistics/team") return { status: 200, body: TEAM };
  const bill = /^\/bill\/([0-9]{4}-[0-9]{2})$/.exec(path);
  return bill ? { status: 200, body: billOf(bill[1] ?? "") } : null;
}

const TEAM: Team = {
  operators: [
    { operator: "opr_maria", name: "Maria Luna", sent: 412 },
    { operator: "opr_jun", name: "Jun Bautista", sent: 355 },
    { operator: null, name: "", sent: 190 },
    { operator: "opr_tess", name: "Tess Ocampo", sent: 88 },
  ],
  mood: { glad: 71, neither: 12, not_glad: 4 },
};

/** How much busier each day is. */
const WEEK = [4, 0, 6, 8, 9, 16, 20];

function counts(day: number, share = 1): Counts {
  const busy = (24 + ((day * 7) % 11) + (WEEK[day % 7] ?? 0)) * share;
  const of = (part: number) => Math.round(busy * part);
  return { sent: of(1), delivered: of(0.97), read: of(0.9), received: of(0.8), replied: of(0.42), visited: of(0.3) };
}

function sum(all: Counts[]): Counts {
  const total = { sent: 0, delivered: 0, read: 0, received: 0, replied: 0, visited: 0 };
  for (const one of all) for (const key of Object.keys(total) as (keyof Counts)[]) total[key] += one[key];
  return total;
}

function points(query: URLSearchParams): Point[] {
  const [from, to] = [Number(query.get("from")) / DAY, Number(query.get("to")) / DAY];
  const days = Array.from({ length: to - from }, (_, index) => from + index);
  const plain = { at: from * DAY, category: "", template: 0, country: "" };
  if (query.get("granularity") === "day") return days.map((day) => ({ ...plain, at: day * DAY, counts: counts(day) }));
  const part = (share: number) => sum(days.map((day) => counts(day, share)));
  switch (query.get("by")) {
    case "category":
      return [
        { ...plain, category: "service", counts: part(0.7) },
        { ...plain, category: "utility", counts: part(0.2) },
        { ...plain, category: "marketing", counts: part(0.1) },
      ];
    case "country":
      return [
        { ...plain, country: "PH", counts: part(0.85) },
        { ...plain, country: "AE", counts: part(0.15) },
      ];
    case "template":
      return [{ ...plain, template: 4_120_077, counts: part(0.2) }];
    default:
      return [{ ...plain, counts: part(1) }];
  }
}

function billOf(month: string): Bill {
  const currency = "USD";
  const line = (category: string, type: string, count: number, amount: number) => {
    return { market: "Philippines", category, type, tier: "", count, amount, currency };
  };
  const lines = [
    line("marketing", "regular", 120, 120 * 42_500),
    line("utility", "regular", 85, 85 * 7_900),
    line("utility", "free_customer_service", 310, 0),
    line("service", "free_customer_service", 1204, 0),
  ];
  const total = lines.reduce((all, one) => all + one.amount, 0);
  return { month, currency, total, reserved: 85_000, lines, services: [] };
}
