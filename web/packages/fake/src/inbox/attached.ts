import type { Chat, MediaContent, Message, Upload } from "@suki/inbox";
import type { Life } from "./life.ts";
import type { Reply } from "./routes.ts";
import { HELD, type Store } from "./store.ts";

type Body = Record<string, unknown>;

/** The types of files that customers can be sent here. */
const KINDS: readonly [RegExp, MediaContent["kind"]][] = [
  [/^image\/(jpeg|png)$/, "image"],
  [/^video\/mp4$/, "video"],
  [/^audio\/(ogg|mpeg)$/, "audio"],
  [/^(application\/pdf|text\/plain)$/, "document"],
];

/** Files, places and emoji that operators send. */
export class FakeAttached {
  readonly #uploads = new Map<string, { about: Upload; bytes: Blob }>();
  readonly #files = new Map<string, Blob>();

  /** Takes a file; of a type that is not sent it says so. */
  upload(query: URLSearchParams, bytes: Blob): Reply {
    const type = query.get("type") ?? "";
    const kind = KINDS.find(([pattern]) => pattern.test(type))?.[1];
    if (!kind) {
      const detail = `files of the type ${type} cannot be sent; images are image/jpeg or image/png`;
      return { status: 422, body: { code: "rule_100", title: "This file cannot be sent", detail, status: 422 } };
    }
    const id = String(9_001 + this.#uploads.size);
    const filename = query.get("name") ?? "";
    const about: Upload = { id, kind, media_type: type, bytes: bytes.size, filename, width: 0, height: 0, preview: "" };
    this.#uploads.set(id, { about, bytes });
    return { status: 201, body: about };
  }

  /** The bytes of a message's own file. */
  file(message: string): Blob | undefined {
    return this.#files.get(message);
  }

  answer(store: Store, life: Life, chat: Chat, then: string, body: Body): Reply | null {
    if (then === "reactions") return this.#react(store, chat, body);
    const held = then === "media" ? this.#media(body) : then === "location" ? place(body) : null;
    if (!held) return null;
    const quoted = store.list(chat.id).find((message) => message.id === body.reply_to);
    const message: Message = {
      ...HELD,
      ...held,
      id: String(body.id),
      wamid: `wamid.${body.id}`,
      chat: chat.id,
      from: "business",
      text: String(body.caption ?? ""),
      reply_to: quoted ? { id: quoted.id, text: quoted.text, from: quoted.from } : null,
      at: store.now(),
      order: (store.list(chat.id).at(-1)?.order ?? 0) + 1,
      status: "pending",
      error: null,
      operator: { id: store.me.operator.id, name: store.me.operator.name },
      via: "inbox",
    };
    store.add(chat, message);
    life.sent(chat, message);
    return { status: 201, body: { ...message } };
  }

  #media(body: Body) {
    const found = this.#uploads.get(String(body.media));
    if (!found) return null;
    const { kind, media_type, bytes, filename } = found.about;
    this.#files.set(String(body.id), found.bytes);
    const caption = String(body.caption ?? "");
    const size = { width: 1200, height: 800, millis: 0, preview: "", voice: false };
    return { type: kind, content: { kind, media_type, bytes, filename, caption, ...size } };
  }

  #react(store: Store, chat: Chat, body: Body): Reply {
    const message = store.list(chat.id).find((one) => one.id === body.message);
    if (!message) return { status: 422, body: { code: "invalid", title: "No such message", detail: "", status: 422 } };
    const theirs = message.reactions.filter((one) => one.from === "customer");
    const mine = { from: "business" as const, emoji: String(body.emoji), at: store.now() };
    message.reactions = mine.emoji ? [...theirs, mine] : theirs;
    store.emit({ type: "message", chat: { ...chat }, message: { ...message } });
    return { status: 204 };
  }
}

function place(body: Body) {
  const { latitude, longitude } = body as { latitude: number; longitude: number };
  return { type: "location" as const, content: { latitude, longitude, name: "", address: "", url: "" } };
}
