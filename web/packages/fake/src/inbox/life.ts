import type { Chat, Message } from "@suki/inbox";
import { HELD, opened, type Store } from "./store.ts";

const REPLIES = ["Thank you! 😊", "Perfect, see you then.", "Okay po, salamat!", "Can I also get a receipt?", "👍"];

/** What happens by itself: messages travel, customers read, type and answer. */
export class Life {
  readonly #store: Store;
  readonly #after: (milliseconds: number, run: () => void) => void;
  #count = 0;

  constructor(store: Store, after: (milliseconds: number, run: () => void) => void) {
    this.#store = store;
    this.#after = after;
  }

  /** The way of a message to a customer who is there; every other one answers. A text with "fail" fails. */
  sent(chat: Chat, message: Message): void {
    const { status } = { status: this.#store.status.bind(this.#store, chat, message) };
    if (/\bfail\b/i.test(message.text)) {
      const detail = `${chat.contact.name}'s device could not be reached for 30 days.`;
      this.#after(900, () => status("failed", { code: 131026, title: "Not delivered", detail }));
      return;
    }
    this.#after(350, () => status("sent"));
    this.#after(900, () => status("delivered"));
    this.#after(2_000, () => status("read"));
    if (this.#count++ % 2 === 0) this.answer(chat, REPLIES[this.#count % REPLIES.length] ?? "", 2_600);
  }

  /** The customer types for two seconds and then writes. */
  answer(chat: Chat, text: string, wait: number): void {
    const typing = (on: boolean) =>
      this.#store.emit({ type: "typing", chat: chat.id, who: "customer", operator: null, on });
    this.#after(wait, () => typing(true));
    this.#after(wait + 2_000, () => {
      typing(false);
      const now = this.#store.now();
      const list = this.#store.list(chat.id);
      chat.unread += 1;
      chat.window_until = opened(now);
      this.#store.add(chat, {
        id: `msg_${String(now).padStart(32, "0")}`,
        wamid: `wamid.${now}`,
        chat: chat.id,
        from: "customer",
        ...HELD,
        text,
        reply_to: null,
        at: now,
        order: (list.at(-1)?.order ?? 0) + 1,
        status: null,
        error: null,
        operator: null,
        via: "customer",
      });
    });
  }
}
