import type { Chat, Message, Operator, Role } from "@suki/inbox";
import { figures } from "./figures.ts";
import type { Life } from "./life.ts";
import { HELD, type Store } from "./store.ts";
import { sendTemplate, templates } from "./templates.ts";

export type Reply = { status: number; body?: unknown };
type Body = Record<string, unknown>;

const refuse = (status: number, code: string, title: string, detail = ""): Reply => ({
  status,
  body: { code, title, detail, status },
});
const NOT_FOUND = refuse(404, "not_found", "There is no such thing", "It may have been removed.");

/** Answers one call of the inbox API. */
export function answer(
  store: Store,
  life: Life,
  method: string,
  path: string,
  query: URLSearchParams,
  body: Body,
): Reply {
  const [first = "", id = "", then = ""] = path.split("/").filter(Boolean).map(decodeURIComponent);
  if (first === "me") return { status: 200, body: store.me };
  if (first === "sign-out") return { status: 204 };
  if (first === "password") return password(store, body);
  if (first === "operators") return operators(store, method, id, then, body);
  if (first !== "chats")
    return (
      store.account.answer(method, path, body) ??
      store.webhooks.answer(method, path, query, body) ??
      figures(path, query) ??
      templates(method, path, query, body) ??
      NOT_FOUND
    );
  if (!id) return chats(store, query);
  const chat = store.chats.get(id);
  if (!chat) return NOT_FOUND;
  if (!then) return { status: 200, body: chat };
  if (then === "messages") return method === "GET" ? page(store, chat, query) : send(store, life, chat, body);
  if (then === "template") {
    const message = sendTemplate(store, chat, body);
    life.sent(chat, message);
    return { status: 201, body: { ...message } };
  }
  if (then === "read") {
    chat.unread = 0;
    store.emit({ type: "read", chat: chat.id, unread: 0 });
    return { status: 204 };
  }
  if (then === "typing") return { status: 204 };
  return store.attached.answer(store, life, chat, then, body) ?? NOT_FOUND;
}

/** Takes a token, or an address with the password `pandesal`. */
export function signIn(store: Store, body: Body): Reply {
  if (typeof body.token === "string") {
    return body.token.startsWith("expired")
      ? refuse(
          401,
          "unauthorized",
          "This sign-in link no longer works",
          "It was used already or is older than a day. Ask a colleague for a new one.",
        )
      : { status: 200, body: store.me };
  }
  return body.password === "pandesal"
    ? { status: 200, body: store.me }
    : refuse(401, "unauthorized", "E-mail or password is wrong", "Check both, or ask a colleague for a sign-in link.");
}

function password(store: Store, body: Body): Reply {
  if (String(body.password ?? "").length < 10) {
    return refuse(422, "invalid", "The password is too short", "Take at least 10 characters.");
  }
  store.me.operator.has_password = true;
  return { status: 204 };
}

function operators(store: Store, method: string, id: string, then: string, body: Body): Reply {
  const link = () => `https://chat.panaderia-luna.example/inbox/#sign-in=sgn_${store.operators.length}k3v9q2m8x7w1`;
  if (method === "GET") return { status: 200, body: { data: store.operators } };
  if (method === "DELETE") {
    store.operators = store.operators.filter((one) => one.id !== id);
    return { status: 204 };
  }
  if (then === "sign-in-link") return { status: 200, body: { sign_in_link: link() } };
  const email = String(body.email ?? "");
  if (store.operators.some((one) => one.email === email)) {
    return refuse(409, "conflict", "A colleague has this e-mail already", "Each person needs an address of their own.");
  }
  const operator: Operator = {
    id: `opr_${store.operators.length + 1}`,
    name: String(body.name),
    email,
    role: body.role as Role,
    has_password: false,
  };
  store.operators.push(operator);
  return { status: 201, body: { operator, sign_in_link: link() } };
}

function chats(store: Store, query: URLSearchParams): Reply {
  const wanted = (query.get("q") ?? "").toLocaleLowerCase();
  const limit = Number(query.get("limit") ?? 50);
  const after = Number(query.get("before") ?? 0);
  const found = [...store.chats.values()]
    .filter(
      (chat) => !wanted || `${chat.contact.name} ${chat.contact.phone ?? ""}`.toLocaleLowerCase().includes(wanted),
    )
    .sort((a, b) => b.updated_at - a.updated_at);
  const data = found.slice(after, after + limit);
  return { status: 200, body: { data, next: after + limit < found.length ? String(after + limit) : null } };
}

function page(store: Store, chat: Chat, query: URLSearchParams): Reply {
  const list = store.list(chat.id);
  const before = query.get("before");
  const end = before ? list.findIndex((message) => message.id === before) : list.length;
  const start = Math.max(0, end - Number(query.get("limit") ?? 50));
  return { status: 200, body: { data: list.slice(start, end), more: start > 0 } };
}

function send(store: Store, life: Life, chat: Chat, body: Body): Reply {
  const list = store.list(chat.id);
  const known = list.find((message) => message.id === body.id);
  if (known) return { status: 201, body: known };
  if (!chat.window_until || chat.window_until <= store.now()) {
    return refuse(
      409,
      "window_closed",
      "The time to answer freely is over",
      `${chat.contact.name} has to write again before you can.`,
    );
  }
  const quoted = list.find((message) => message.id === body.reply_to);
  const message: Message = {
    id: String(body.id),
    wamid: `wamid.${body.id}`,
    chat: chat.id,
    from: "business",
    ...HELD,
    text: String(body.text),
    reply_to: quoted ? { id: quoted.id, text: quoted.text, from: quoted.from } : null,
    at: store.now(),
    order: (list.at(-1)?.order ?? 0) + 1,
    status: "pending",
    error: null,
    operator: { id: store.me.operator.id, name: store.me.operator.name },
    via: "inbox",
  };
  store.add(chat, message);
  life.sent(chat, message);
  return { status: 201, body: { ...message } };
}
