import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { hex, unhex } from "@suki/api";
import {
  type Content,
  ContentSchema,
  EntryKind,
  HeaderSchema,
  MessageKind,
  ReceiptStatus,
  SealedSchema,
  type TemplateSchema,
} from "@suki/api/gen";
import { openContent } from "../mls/content.ts";
import type { Group } from "../mls/port.ts";
import { decodeJson, encodeJson, FakeDevice, type FakeKeyPackage } from "./fake-mls.ts";
import type { FakeBusinessPort, FakeCard, FakeConversation, FakeNetwork } from "./fake-network.ts";

type ContentInit = MessageInitShape<typeof ContentSchema>;

/** What a business has got. */
export interface Heard {
  conversation: FakeConversation;
  id: string;
  text: string;
  content: Content;
  name: string;
  replyTo: string;
}

/** A business in memory: makes the groups, hears and answers. */
export class FakeBusiness implements FakeBusinessPort {
  readonly account: string;
  readonly device: string;
  readonly card: FakeCard;
  readonly heard: Heard[] = [];
  readonly typed: boolean[] = [];
  readonly readUpTo: string[] = [];
  /** Voices of its own that were listened to. */
  readonly played: string[] = [];
  /** Does something with what was heard. */
  answer: (heard: Heard) => void = () => {};
  /** Answers a question that is no message. */
  respond: (kind: string, json: unknown) => unknown = () => ({});
  /** Delivery receipts by itself. */
  receipts = true;
  readonly #network: FakeNetwork;
  readonly #mls: FakeDevice;
  readonly #groups = new Map<string, Group>();
  readonly #history = new Map<string, MessageInitShape<typeof import("@suki/api/gen").HistoryItemSchema>[]>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(network: FakeNetwork, card: FakeCard) {
    this.#network = network;
    this.card = card;
    this.account = network.fresh();
    this.device = network.fresh();
    const me = { account: this.account, device: this.device, kind: "business" } as const;
    this.#mls = new FakeDevice(me, () => network.fresh());
    network.businesses.set(card.slug, this);
  }

  /** One thing after another, as the endpoint does. Resolves when it is done. */
  #serial(run: () => Promise<void>): Promise<void> {
    const mine = this.#queue.then(run);
    this.#queue = mine.catch(() => {});
    return mine;
  }

  idle(): Promise<unknown> {
    return this.#queue;
  }

  opened(conversation: FakeConversation): void {
    this.#groups.set(conversation.id, this.#mls.create(conversation.id));
    void this.#serial(() => {
      const devices = this.#network.siblings(conversation.customer).map((one) => one.id);
      return this.#change(conversation, devices, []);
    });
  }

  async #change(conversation: FakeConversation, add: string[], remove: string[]): Promise<void> {
    const packages = add.map((device) => decodeJson<FakeKeyPackage>(this.#network.claim(device)));
    const { group, message, welcome } = this.#mls.commit(this.#group(conversation), packages, remove);
    this.#groups.set(conversation.id, group);
    const welcomes = new Map(add.map((device) => [device, welcome]));
    conversation.groupInfo = this.#mls.groupInfo(group);
    this.#network.committed(conversation, this.#network.fresh(), message, welcomes, this.device);
  }

  #group(conversation: FakeConversation): Group {
    const group = this.#groups.get(conversation.id);
    if (!group) throw new Error("the business has no such group");
    return group;
  }

  message(conversation: FakeConversation, message: Uint8Array, at: number): void {
    void this.#serial(async () => {
      const { group, received } = await this.#mls.receive(this.#group(conversation), message);
      this.#groups.set(conversation.id, group);
      if (received.type !== "application") return;
      const { id, content } = await openContent(received.header, received.plaintext);
      const text = content.body.case === "text" ? content.body.value.body : "";
      const question = content.body.case === "exchange" ? content.body.value : null;
      if (question) {
        const json = await this.respond(question.kind, JSON.parse(new TextDecoder().decode(question.json)));
        const value = { id: question.id, kind: question.kind, answer: true, json: encodeJson(json) };
        await this.#send(conversation, { body: { case: "exchange", value } }, MessageKind.CONTROL);
        return;
      }
      this.#remember(conversation, id, at, false, content);
      if (this.receipts && content.body.case !== "reaction")
        this.#network.receipt(conversation, ReceiptStatus.DELIVERED, [id]);
      const heard = { conversation, id, text, content, name: content.senderName, replyTo: hex(content.replyTo) };
      this.heard.push(heard);
      this.answer(heard);
    });
  }

  #remember(conversation: FakeConversation, id: string, at: number, fromBusiness: boolean, content: ContentInit): void {
    const known = this.#history.get(conversation.id) ?? [];
    this.#history.set(conversation.id, [...known, { messageId: unhex(id), at: BigInt(at), fromBusiness, content }]);
  }

  commit(conversation: FakeConversation, message: Uint8Array): void {
    void this.#serial(async () => {
      const { group } = await this.#mls.receive(this.#group(conversation), message);
      this.#groups.set(conversation.id, group);
      conversation.groupInfo = this.#mls.groupInfo(group);
    });
  }

  deviceAdded(conversation: FakeConversation, device: string): void {
    // The device publishes its key packages when it logs in; until then there is nothing to add it with.
    const attempt = () => {
      if (!this.#network.devices.get(device)?.packages.length) {
        this.#network.clock.after(200, attempt);
        return;
      }
      void this.#serial(async () => {
        await this.#change(conversation, [device], []);
        const items = this.#history.get(conversation.id) ?? [];
        await this.#send(conversation, { body: { case: "history", value: { items } } }, MessageKind.CONTROL);
      });
    };
    attempt();
  }

  deviceRemoved(conversation: FakeConversation, device: string): void {
    void this.#serial(() => this.#change(conversation, [], [device]));
  }

  read(_conversation: FakeConversation, id: string, played: boolean): void {
    if (played) this.played.push(id);
    else this.readUpTo.push(id);
  }

  typing(_conversation: FakeConversation, on: boolean): void {
    this.typed.push(on);
  }

  /** Sends a template's parameters; its id. `header` may claim what is not so. */
  async template(
    conversation: FakeConversation,
    value: MessageInitShape<typeof TemplateSchema>,
    header: { templateId: string; category: string },
  ): Promise<string> {
    let id = "";
    await this.#serial(async () => {
      const content: ContentInit = { body: { case: "template", value } };
      id = await this.#send(conversation, content, MessageKind.TEMPLATE, undefined, header);
    });
    return id;
  }

  /** Sends anything; its id. Control messages are not part of the history. */
  async post(
    conversation: FakeConversation,
    body: NonNullable<ContentInit["body"]>,
    kind = MessageKind.SESSION,
    replyTo = "",
  ): Promise<string> {
    let id = "";
    await this.#serial(async () => {
      const content: ContentInit = { body, replyTo: unhex(replyTo) };
      id = await this.#send(conversation, content, kind);
      if (kind !== MessageKind.CONTROL) this.#remember(conversation, id, this.#network.clock.now(), true, content);
    });
    return id;
  }

  /** Sends a text; its id. */
  async say(conversation: FakeConversation, text: string, replyTo = "", at?: number): Promise<string> {
    let id = "";
    await this.#serial(async () => {
      const content: ContentInit = { body: { case: "text", value: { body: text } }, replyTo: unhex(replyTo) };
      id = await this.#send(conversation, content, MessageKind.SESSION, at);
      this.#remember(conversation, id, at ?? this.#network.clock.now(), true, content);
    });
    return id;
  }

  async #send(
    conversation: FakeConversation,
    content: ContentInit,
    kind: MessageKind,
    at?: number,
    claims: MessageInitShape<typeof HeaderSchema> = {},
  ): Promise<string> {
    const id = this.#network.fresh();
    const { header, plaintext } = await sealed(id, content, { ...claims, kind }, this.#network);
    const { group, message } = await this.#mls.encrypt(this.#group(conversation), header, plaintext);
    this.#groups.set(conversation.id, group);
    this.#network.tell(conversation.customer, {
      kind: EntryKind.MESSAGE,
      conversation: unhex(conversation.id),
      messageId: unhex(id),
      payload: message,
      fromDevice: unhex(this.device),
      at: BigInt(at ?? this.#network.clock.now()),
    });
    return id;
  }
}

async function sealed(
  id: string,
  content: ContentInit,
  claims: MessageInitShape<typeof HeaderSchema>,
  network: FakeNetwork,
) {
  const inner = toBinary(ContentSchema, create(ContentSchema, content));
  const commitmentKey = network.random(32);
  const key = await crypto.subtle.importKey("raw", commitmentKey, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const commitment = new Uint8Array(await crypto.subtle.sign("HMAC", key, inner));
  const header = create(HeaderSchema, {
    ...claims,
    messageId: unhex(id),
    commitment,
    sentAt: BigInt(network.clock.now()),
  });
  const plaintext = toBinary(SealedSchema, create(SealedSchema, { content: inner, commitmentKey }));
  // Read back, so that a mistake here shows here.
  fromBinary(ContentSchema, inner);
  return { header: toBinary(HeaderSchema, header), plaintext };
}
