import type { Delivery, DeliveryDetail, Webhook } from "@suki/inbox";
import type { Reply } from "./routes.ts";

const HOUR = 3_600_000;
const ALL = { fields: [], types: null, statuses: null, chats: [] };

/** Receivers of events and the log of what they were told. */
export class FakeWebhooks {
  readonly #now: () => number;
  #hooks: Webhook[];
  #log: DeliveryDetail[];

  constructor(now: () => number) {
    this.#now = now;
    const at = now();
    this.#hooks = [
      hook("10615", "app", "Till", "https://till.panaderia-luna.example/hook", { fields: ["messages"] }),
      {
        ...hook("20771", "endpoint", "Order book", "https://orders.panaderia-luna.example/suki", { statuses: [] }),
        created_at: at - 40 * HOUR,
        failing: { since: at - 3 * HOUR, failures: 31, next_at: at + HOUR / 4 },
        waiting: 2,
      },
    ];
    this.#log = [
      delivery(1, "10615", "text", at - 5 * HOUR, "taken"),
      delivery(2, "10615", "sent", at - 4 * HOUR, "taken"),
      delivery(3, "20771", "text", at - 3 * HOUR, "waiting"),
      delivery(4, "20771", "image", at - 2 * HOUR, "waiting"),
    ];
  }

  answer(method: string, path: string, query: URLSearchParams, body: Record<string, unknown>): Reply | null {
    const [first, id = "", then = ""] = path.split("/").filter(Boolean);
    if (first !== "webhooks") return null;
    if (!id) return method === "GET" ? this.#list() : this.#add(body);
    if (id === "log") return then ? this.#detail(Number(then)) : this.#search(query);
    const found = this.#hooks.find((one) => one.id === id);
    if (!found) return { status: 404, body: { code: "not_found", title: "No such endpoint", detail: "", status: 404 } };
    if (then === "test") return this.#tell(found, String(body.field), "test");
    if (then === "replay") return this.#replay(found, body);
    if (method === "DELETE") {
      this.#hooks = this.#hooks.filter((one) => one !== found);
      return { status: 204 };
    }
    Object.assign(found, known(body));
    return { status: 200, body: found };
  }

  #list(): Reply {
    const fields = [
      "account_alerts",
      "account_update",
      "message_template_status_update",
      "messages",
      "user_preferences",
    ];
    return { status: 200, body: { data: this.#hooks, fields } };
  }

  #add(body: Record<string, unknown>): Reply {
    if (body.verify_token !== "verify-me") {
      const detail =
        "the callback answered with status 403. It must answer GET with status 200 and the value of hub.challenge";
      return {
        status: 502,
        body: { code: "callback", title: "The callback did not do its part", detail, status: 502 },
      };
    }
    const made = {
      ...hook(`3${this.#hooks.length}004`, "endpoint", "", "", {}),
      ...known(body),
      created_at: this.#now(),
    };
    this.#hooks.push(made);
    return { status: 201, body: made };
  }

  #search(query: URLSearchParams): Reply {
    const result = query.get("result");
    const data = this.#log.filter(
      (one) =>
        (!query.get("hook") || one.hook === query.get("hook")) &&
        (!query.get("field") || one.field === query.get("field")) &&
        (!query.get("message") || one.message === query.get("message")) &&
        (!result || one.state === result || (result === "failing" && one.state === "waiting" && one.attempts > 0)),
    );
    return { status: 200, body: { data: data.toReversed(), next: null } };
  }

  #detail(seq: number): Reply {
    const found = this.#log.find((one) => one.seq === seq);
    return found
      ? { status: 200, body: found }
      : { status: 404, body: { code: "not_found", title: "", detail: "", status: 404 } };
  }

  #replay(to: Webhook, body: Record<string, unknown>): Reply {
    const named = Array.isArray(body.seqs) ? (body.seqs as number[]) : null;
    const again = this.#log.filter((one) =>
      named ? named.includes(one.seq) : one.hook === to.id && one.state !== "waiting",
    );
    for (const one of again) this.#tell(to, one.field, "replay", one);
    return { status: 202, body: { queued: again.length, next: null } };
  }

  #tell(to: Webhook, field: string, origin: Delivery["origin"], of?: Delivery): Reply {
    const seq = this.#log.length + 1;
    const made = delivery(seq, to.id, of?.kind ?? "", this.#now(), "taken");
    this.#log.push({ ...made, field, origin, replay_of: of?.seq ?? null });
    return { status: 202, body: { seq } };
  }
}

function hook(
  id: string,
  kind: Webhook["kind"],
  name: string,
  url: string,
  filter: Partial<Webhook["filter"]>,
): Webhook {
  const app = kind === "app" ? id : "10615";
  return {
    id,
    kind,
    name,
    url,
    account_url: null,
    enabled: true,
    app,
    filter: { ...ALL, ...filter },
    created_at: null,
    failing: null,
    waiting: 0,
  };
}

function known(body: Record<string, unknown>): Partial<Webhook> {
  const { name, url, enabled, filter } = body as Partial<Webhook>;
  return {
    ...(name === undefined ? {} : { name }),
    ...(url === undefined ? {} : { url }),
    ...(enabled === undefined ? {} : { enabled }),
    ...(filter === undefined ? {} : { filter }),
  };
}

function delivery(seq: number, hookId: string, kind: string, at: number, state: Delivery["state"]): DeliveryDetail {
  const taken = state === "taken";
  const value = {
    messaging_product: "whatsapp",
    messages: [{ from: "639171234567", type: kind, text: { body: "Two ensaymada, please" } }],
  };
  const http_status = taken ? 200 : 503;
  const reason = taken ? "" : "the receiver answered 503; only 200 means that it has taken it";
  return {
    seq,
    hook: hookId,
    chat: "cht_01ana",
    field: "messages",
    kind,
    message: `wamid.${seq}`,
    origin: "live",
    replay_of: null,
    state,
    attempts: taken ? 1 : 7,
    created_at: at,
    tried_at: at + 40,
    next_at: taken ? null : at + 4 * HOUR,
    http_status,
    took_millis: 38,
    reason,
    body: JSON.stringify({
      object: "whatsapp_business_account",
      entry: [{ id: "1066", changes: [{ field: "messages", value }] }],
    }),
    signature: "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    tries: [
      {
        attempt: taken ? 1 : 7,
        at: at + 40,
        http_status,
        took_millis: 38,
        answer: taken ? "" : "Service Unavailable",
        reason,
      },
    ],
  };
}
