import type { Chat, Live, Me, Message, Operator, Status } from "@suki/inbox";
import { FakeAttached } from "./attached.ts";
import { Account } from "./business.ts";
import { nina, PEOPLE, type Person, past, regulars } from "./people.ts";
import { FakeWebhooks } from "./webhooks.ts";

const MINUTE = 60_000;
const WINDOW = 24 * 60 * MINUTE;

export const OPERATORS: Operator[] = [
  { id: "opr_maria", name: "Maria Luna", email: "maria@panaderia-luna.example", role: "owner", has_password: false },
  { id: "opr_jun", name: "Jun Bautista", email: "jun@panaderia-luna.example", role: "admin", has_password: true },
  { id: "opr_tess", name: "Tess Ocampo", email: "tess@panaderia-luna.example", role: "operator", has_password: true },
];

/** What a message of words alone holds besides. */
export const HELD = { type: "text" as const, content: null, reactions: [] as Message["reactions"], referral: null };

/** Everything the fake server knows. */
export class Store {
  readonly me: Me;
  operators: Operator[] = structuredClone(OPERATORS);
  readonly chats = new Map<string, Chat>();
  readonly messages = new Map<string, Message[]>();
  readonly listeners = new Set<(event: Live) => void>();
  readonly now: () => number;
  readonly account: Account;
  readonly attached = new FakeAttached();
  readonly webhooks: FakeWebhooks;

  constructor(now: () => number, scene: string) {
    this.now = now;
    this.me = {
      operator: this.operators[0] as Operator,
      business: {
        id: "biz_luna",
        name: "Panadería Luna",
        about: "Bread and sweets from a wood oven, since 1987",
        trust: "confirmed",
        slug: "panaderia-luna",
        hosted_by: "Panadería Luna",
        phone: "+63 2 8555 0110",
        customer_link: "https://chat.panaderia-luna.example/c/panaderia-luna",
      },
    };
    this.account = new Account(now, this.me.business.name, this.me.business.phone);
    this.webhooks = new FakeWebhooks(now);
    if (scene === "empty") return;
    for (const person of [...PEOPLE, ...(scene === "contents" ? [nina()] : []), ...regulars(40)]) this.#settle(person);
  }

  emit(event: Live): void {
    for (const listener of this.listeners) listener(event);
  }

  list(chat: string): Message[] {
    return this.messages.get(chat) ?? [];
  }

  find(id: string): Message | undefined {
    return [...this.messages.values()].flat().find((message) => message.id === id);
  }

  /** Adds a message and tells everyone, as the server does. */
  add(chat: Chat, message: Message): void {
    const list = this.messages.get(chat.id) ?? [];
    list.push(message);
    this.messages.set(chat.id, list);
    chat.last = {
      id: message.id,
      text: message.text,
      type: message.type,
      from: message.from,
      at: message.at,
      status: message.status,
    };
    chat.updated_at = message.at;
    this.emit({ type: "message", chat: { ...chat }, message: { ...message } });
  }

  status(chat: Chat, message: Message, status: Status, error: Message["error"] = null): void {
    message.status = status;
    message.error = error;
    if (chat.last?.id === message.id) chat.last.status = status;
    this.emit({ type: "status", chat: chat.id, ids: [message.id], status, at: this.now(), error });
  }

  #settle(person: Person): void {
    const id = person.id.replace("con_", "cht_");
    const now = this.now();
    const lines = person.id === "con_01ana" ? [...past(120), ...person.lines] : person.lines;
    const shift = lines.length - person.lines.length;
    const list: Message[] = [];
    lines.forEach((line, order) => {
      const quoted = line.replyTo === undefined ? undefined : list[line.replyTo + shift];
      const by = line.by === "api" ? undefined : this.operators.find((one) => one.id === `opr_${line.by}`);
      list.push({
        id: `msg_${id.slice(4)}${String(order).padStart(4, "0")}`.padEnd(36, "0"),
        wamid: `wamid.${id}${order}`,
        chat: id,
        from: line.from,
        ...HELD,
        ...line.more,
        text: line.text,
        reply_to: quoted ? { id: quoted.id, text: quoted.text, from: quoted.from } : null,
        at: now - line.ago * MINUTE,
        order: order + 1,
        status: line.from === "business" ? (line.status ?? "read") : null,
        error:
          line.status === "failed"
            ? { code: 131026, title: "Not delivered", detail: "Guest 4F2A's device could not be reached." }
            : null,
        operator: by ? { id: by.id, name: by.name } : null,
        via: line.from === "customer" ? "customer" : line.by === "api" ? "api" : "inbox",
      });
    });
    const last = list.at(-1) as Message;
    const asked = list.findLast((message) => message.from === "customer");
    this.messages.set(id, list);
    this.chats.set(id, {
      id,
      contact: { id: person.id, name: person.name, phone: person.phone, username: person.username },
      last: { id: last.id, text: last.text, type: last.type, from: last.from, at: last.at, status: last.status },
      unread: person.unread,
      window_until: asked ? asked.at + WINDOW : null,
      window_warning: false,
      updated_at: last.at,
    });
  }
}

export function opened(at: number): number {
  return at + WINDOW;
}
