import type { Chat, Message, Template } from "@suki/inbox";
import type { Reply } from "./routes.ts";
import type { Store } from "./store.ts";

const TEMPLATES: Template[] = [
  {
    id: "4120077",
    name: "order_ready",
    language: "en_US",
    category: "UTILITY",
    status: "APPROVED",
    parameter_format: "POSITIONAL",
    components: [
      { type: "BODY", text: "Hello {{1}}, your order {{2}} is ready. We are open until eight." },
      { type: "FOOTER", text: "Panadería Luna" },
    ],
  },
  {
    id: "4120078",
    name: "weekend_box",
    language: "fil",
    category: "MARKETING",
    status: "APPROVED",
    parameter_format: "POSITIONAL",
    components: [{ type: "BODY", text: "May bagong weekend box na kami!" }],
  },
];

/** Lists templates, and shows one filled in. */
export function templates(
  method: string,
  path: string,
  query: URLSearchParams,
  body: Record<string, unknown>,
): Reply | null {
  if (path === "/templates" && method === "GET") {
    const wanted = (query.get("q") ?? "").toLowerCase();
    const data = TEMPLATES.filter((one) => JSON.stringify(one).toLowerCase().includes(wanted));
    return { status: 200, body: { data, next: null, total: TEMPLATES.length, allowed: 250 } };
  }
  if (path === "/templates" && method === "POST") return propose(body);
  const one = /^\/templates\/([0-9]+)$/.exec(path);
  if (one && method === "DELETE") {
    TEMPLATES.splice(
      TEMPLATES.findIndex((each) => each.id === one[1]),
      1,
    );
    return { status: 204 };
  }
  const preview = /^\/templates\/([0-9]+)\/preview$/.exec(path);
  if (preview) {
    const text = written(preview[1] ?? "", body);
    return { status: 200, body: { text, characters: { body: text.length, text: text.length } } };
  }
  if (path !== "/price") return null;
  const billable = query.get("category") === "marketing";
  const why = billable
    ? "A marketing message to the Philippines."
    : "Within the window, and to customers who wait for it, utility is free.";
  return { status: 200, body: { amount: billable ? 42_500 : 0, currency: "USD", billable, why } };
}

function propose(body: Record<string, unknown>): Reply {
  const draft = body as unknown as Template;
  if (!/^[a-z0-9_]+$/.test(draft.name)) {
    const detail = "A template's name has 1 to 512 characters out of a to z, 0 to 9 and _.";
    return {
      status: 422,
      body: { code: "rule_100", title: "The template is not allowed as it is.", detail, status: 422 },
    };
  }
  const template: Template = {
    ...draft,
    id: String(4_120_080 + TEMPLATES.length),
    status: "PENDING",
    parameter_format: "POSITIONAL",
  };
  TEMPLATES.push(template);
  return { status: 201, body: template };
}

/** A template on its way to a customer: the window does not matter. */
export function sendTemplate(store: Store, chat: Chat, body: Record<string, unknown>): Message {
  const message: Message = {
    id: String(body.id),
    wamid: `wamid.${body.id}`,
    chat: chat.id,
    from: "business",
    type: "template",
    content: null,
    template: null,
    reactions: [],
    referral: null,
    text: written(String(body.template), body),
    reply_to: null,
    at: store.now(),
    order: (store.list(chat.id).at(-1)?.order ?? 0) + 1,
    status: "pending",
    error: null,
    operator: { id: store.me.operator.id, name: store.me.operator.name },
    via: "inbox",
  };
  store.add(chat, message);
  return message;
}

function written(id: string, { components = [] }: Record<string, unknown>): string {
  const sent = components as { type: string; parameters: { text: string }[] }[];
  const values = sent.find((one) => one.type === "body")?.parameters.map((one) => one.text) ?? [];
  const template = TEMPLATES.find((one) => one.id === id);
  const texts = template?.components.flatMap((one) => one.text ?? []) ?? [];
  return texts.join("\n").replace(/\{\{(\d)\}\}/g, (_, place) => values[Number(place) - 1] ?? "");
}
