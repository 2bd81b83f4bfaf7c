/** Counters and money of the inbox API. Amounts are whole millionths of the currency's unit. */

export type Granularity = "half_hour" | "day" | "month" | "total";
export type Dimension = "category" | "template" | "country";
export type Counts = {
  sent: number;
  delivered: number;
  read: number;
  received: number;
  replied: number;
  visited: number;
};
/** `category`, `template` and `country` are "" and 0 where not asked for. */
export type Point = { at: number; category: string; template: number; country: string; counts: Counts };
export type Team = {
  /** `operator` null: programs. The busiest first. */
  operators: { operator: string | null; name: string; sent: number }[];
  mood: { glad: number; neither: number; not_glad: number };
};

export type Quote = {
  amount: number;
  currency: string;
  model: "PMP" | "CBP";
  category: string;
  billable: boolean;
  market: string;
  tier: string;
  /** A sentence for people. */
  why: string;
  type: string;
};
export type BillLine = {
  market: string;
  category: string;
  type: string;
  tier: string;
  count: number;
  amount: number;
  currency: string;
};
export type Bill = {
  month: string;
  currency: string;
  total: number;
  /** Messages under way; not in the total. */
  reserved: number;
  lines: BillLine[];
  services: { at: number; service: string; amount: number; currency: string }[];
};
