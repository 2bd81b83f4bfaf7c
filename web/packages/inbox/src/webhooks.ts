/** What the inbox API tells of webhooks, as docs/INBOX-API.md describes it. */
export type WebhookFilter = {
  /** None: all. */
  fields: string[];
  /** Of customers' messages; null: all, none: no messages. */
  types: string[] | null;
  /** Of the business's messages; null: all, none: no statuses. */
  statuses: string[] | null;
  chats: string[];
};

export type Webhook = {
  id: string;
  /** Those of apps are changed over the Cloud API. */
  kind: "app" | "endpoint";
  name: string;
  /** Where messages go; null: nowhere. */
  url: string | null;
  account_url: string | null;
  enabled: boolean;
  /** Whose secret signs; null: its own. */
  app: string | null;
  filter: WebhookFilter;
  created_at: number | null;
  failing: { since: number; failures: number; next_at: number } | null;
  waiting: number;
};

export type WebhookDraft = {
  name: string;
  url: string;
  verify_token: string;
  secret: string;
  enabled: boolean;
  filter: WebhookFilter;
};

export type DeliveryState = "waiting" | "taken" | "given_up" | "dropped";
export type DeliveryResult = DeliveryState | "failing";

export type Delivery = {
  seq: number;
  hook: string;
  chat: string | null;
  field: string;
  /** A message's type or a status. */
  kind: string;
  /** A wamid. */
  message: string | null;
  origin: "live" | "replay" | "test";
  replay_of: number | null;
  state: DeliveryState;
  attempts: number;
  created_at: number;
  tried_at: number | null;
  next_at: number | null;
  http_status: number | null;
  took_millis: number;
  reason: string;
};

export type DeliveryTry = {
  attempt: number;
  at: number;
  http_status: number | null;
  took_millis: number;
  answer: string;
  reason: string;
};

export type DeliveryDetail = Delivery & { body: string; signature: string | null; tries: DeliveryTry[] };

export type LogSearch = {
  hook?: string;
  contact?: string;
  message?: string;
  field?: string;
  kind?: string;
  result?: DeliveryResult;
  before?: number;
};

/** What is told again: deliveries by their places, or a range of one receiver's. */
export type Replay =
  | { seqs: number[] }
  | { from: number; to?: number; of?: string; only_lost?: boolean; from_seq?: number };
