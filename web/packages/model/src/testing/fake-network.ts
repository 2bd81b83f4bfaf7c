import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import type { Registration, SocketEvents } from "@suki/api";
import {
  type Clock,
  type Dial,
  freshId,
  hex,
  type LinkCard,
  type Registered,
  RegistrationError,
  unhex,
} from "@suki/api";
import {
  type ClientFrame,
  ClientFrameSchema,
  type Entry,
  EntryKind,
  EntrySchema,
  type EventSchema as Event,
  EventSchema,
  ReceiptSchema,
  type ReceiptStatus,
  RefusalCode,
  ServerFrameSchema,
  TrustLevel,
} from "@suki/api/gen";
import { cleartext } from "../mls/cleartext.ts";
import { headerId } from "../mls/content.ts";
import type { Member } from "../mls/port.ts";
import { decodeJson, encodeJson } from "./fake-mls.ts";

type Answer = NonNullable<MessageInitShape<typeof ServerFrameSchema>["body"]>;
type Body<C extends ClientFrame["body"]["case"]> = Extract<ClientFrame["body"], { case: C }>["value"];

export interface FakeCard extends Omit<LinkCard, "business" | "networkKey"> {}

interface Device {
  id: string;
  account: string;
  name: string;
  addedAt: number;
  log: Entry[];
  acked: bigint;
  packages: { suite: number; data: Uint8Array; lastResort: boolean }[];
  connections: Set<Connection>;
}

export interface FakeConversation {
  id: string;
  business: FakeBusinessPort;
  customer: string;
  epoch: number;
  groupInfo: Uint8Array;
  /** Message id → when it was accepted and from which device. */
  accepted: Map<string, { at: number; device: string }>;
  commits: Map<string, number>;
}

/** What the fake network needs of a business behind it. */
export interface FakeBusinessPort {
  readonly account: string;
  readonly device: string;
  readonly card: FakeCard;
  opened(conversation: FakeConversation): void;
  message(conversation: FakeConversation, message: Uint8Array, at: number): void;
  commit(conversation: FakeConversation, message: Uint8Array): void;
  deviceAdded(conversation: FakeConversation, device: string): void;
  deviceRemoved(conversation: FakeConversation, device: string): void;
  read(conversation: FakeConversation, id: string, played: boolean): void;
  typing(conversation: FakeConversation, on: boolean): void;
}

/** A connection of a device: frames leave in later microtasks, as over a wire. */
class Connection {
  device: Device | null = null;
  open = true;
  readonly #events: SocketEvents;
  constructor(events: SocketEvents) {
    this.#events = events;
  }
  say(body: Answer, request = 0): void {
    const data = toBinary(ServerFrameSchema, create(ServerFrameSchema, { request, body }));
    queueMicrotask(() => this.open && this.#events.message(data));
  }
  close(): void {
    if (!this.open) return;
    this.open = false;
    this.device?.connections.delete(this);
    queueMicrotask(() => this.#events.closed());
  }
}

/** The network in memory: what the real one does, as far as a customer's device sees it. Nothing survives the page. */
export class FakeNetwork {
  readonly clock: Clock;
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
  readonly devices = new Map<string, Device>();
  readonly conversations = new Map<string, FakeConversation>();
  readonly businesses = new Map<string, FakeBusinessPort>();
  readonly #connections = new Set<Connection>();
  readonly #codes = new Map<string, string>();
  #online = true;
  /** Answers calls by name: JSON in, JSON out; a `RefusalCode` refuses. What nobody answers is refused as unknown. */
  readonly calls = new Map<string, (request: never, account: string) => unknown>();
  /** Looks at every request before it is served: an answer takes the place of the real one, `drop` closes the connection. */
  fault: (frame: ClientFrame) => Answer | "drop" | "drop-after" | null = () => null;

  constructor(clock: Clock, random: (length: number) => Uint8Array<ArrayBuffer>) {
    this.clock = clock;
    this.random = random;
  }

  fresh(): string {
    return freshId(this.clock.now(), this.random);
  }

  set online(online: boolean) {
    this.#online = online;
    if (!online) this.drop();
  }

  /** Ends every connection. */
  drop(): void {
    for (const connection of [...this.#connections]) connection.close();
    this.#connections.clear();
  }

  get dial(): Dial {
    return (events) => {
      const connection = new Connection(events);
      if (this.#online) {
        this.#connections.add(connection);
        connection.say({ case: "challenge", value: { nonce: this.random(32) } });
      } else {
        connection.close();
      }
      return {
        send: (data) => {
          const frame = fromBinary(ClientFrameSchema, data);
          queueMicrotask(() => connection.open && this.#serve(connection, frame));
        },
        close: () => {
          connection.open = false;
          connection.device?.connections.delete(connection);
        },
      };
    };
  }

  get registration(): Registration {
    return {
      linkCard: async (slug) => this.#linkCard(slug),
      guest: async (slug, _key, name) => {
        this.#linkCard(slug);
        return this.#register(this.fresh(), name);
      },
      device: async (code, _key, name) => {
        this.#reachable();
        const account = this.#codes.get(code);
        if (!account) throw new RegistrationError("code", 403, "The code is wrong or has expired", "");
        this.#codes.delete(code);
        const registered = this.#register(account, name);
        for (const one of this.#of(account)) one.business.deviceAdded(one, registered.device);
        return registered;
      },
      phoneCode: async () => ({ expiresIn: 600 }),
      phone: async (_phone, _code, _key, name) => this.#register(this.fresh(), name),
    };
  }

  #reachable(): void {
    if (!this.#online) throw new RegistrationError("offline", 0, "The server cannot be reached.", "");
  }

  #linkCard(slug: string): LinkCard {
    this.#reachable();
    const business = this.businesses.get(slug);
    if (!business) throw new RegistrationError("unknown_link", 404, "There is no such link.", "");
    return { ...business.card, business: business.account, networkKey: new Uint8Array(32) };
  }

  #register(account: string, name: string): Registered {
    const id = this.fresh();
    const device: Device = {
      id,
      account,
      name,
      addedAt: this.clock.now(),
      log: [],
      acked: 0n,
      packages: [],
      connections: new Set(),
    };
    this.devices.set(id, device);
    const certificate = encodeJson({ account, device: id, kind: "person" } satisfies Member);
    return { account, device: id, certificate, networkKey: new Uint8Array(32), phone: null };
  }

  #of(account: string): FakeConversation[] {
    return [...this.conversations.values()].filter((one) => one.customer === account);
  }

  siblings(account: string): Device[] {
    return [...this.devices.values()].filter((one) => one.account === account);
  }

  /** Takes a key package of a device out, the last-resort one only when no other is left. */
  claim(device: string): Uint8Array {
    const packages = this.devices.get(device)?.packages ?? [];
    const at = packages.findIndex((one) => !one.lastResort);
    const claimed = at < 0 ? packages[0] : packages.splice(at, 1)[0];
    if (!claimed) throw new Error("the device has no key packages");
    return claimed.data;
  }

  /** Appends to a device's log and pushes it. */
  append(device: Device, entry: MessageInitShape<typeof EntrySchema>): void {
    const last = device.log.at(-1)?.seq ?? device.acked;
    const whole = create(EntrySchema, { ...entry, seq: last + 1n, at: entry.at ?? BigInt(this.clock.now()) });
    device.log.push(whole);
    for (const connection of device.connections) connection.say({ case: "entries", value: { entries: [whole] } });
  }

  /** Appends to every device of an account, but not to `except`. */
  tell(account: string, entry: MessageInitShape<typeof EntrySchema>, except = ""): void {
    for (const device of this.siblings(account)) if (device.id !== except) this.append(device, entry);
  }

  event(account: string, conversation: string, body: MessageInitShape<typeof Event>["body"]): void {
    const payload = toBinary(EventSchema, create(EventSchema, { body } as MessageInitShape<typeof EventSchema>));
    this.tell(account, { kind: EntryKind.EVENT, conversation: unhex(conversation), payload });
  }

  receipt(conversation: FakeConversation, status: ReceiptStatus, ids: string[]): void {
    const value = create(ReceiptSchema, { status, messageIds: ids.map(unhex), at: BigInt(this.clock.now()) });
    const payload = toBinary(ReceiptSchema, value);
    this.tell(conversation.customer, { kind: EntryKind.RECEIPT, conversation: unhex(conversation.id), payload });
  }

  typing(conversation: FakeConversation, on: boolean): void {
    const value = { conversation: unhex(conversation.id), on, fromAccount: unhex(conversation.business.account) };
    for (const device of this.siblings(conversation.customer)) {
      for (const connection of device.connections) connection.say({ case: "typing", value });
    }
  }

  #serve(connection: Connection, frame: ClientFrame): void {
    const fault = this.fault(frame);
    if (fault === "drop") {
      connection.close();
      return;
    }
    const answer = fault && fault !== "drop-after" ? fault : this.#answer(connection, frame);
    if (fault === "drop-after") {
      connection.close();
      return;
    }
    connection.say(answer, frame.request);
    if (answer.case === "loggedIn") this.#catchUp(connection);
  }

  #catchUp(connection: Connection): void {
    const { device } = connection;
    if (!device) return;
    device.connections.add(connection);
    const entries = device.log.filter((entry) => entry.seq > device.acked);
    if (entries.length > 0) connection.say({ case: "entries", value: { entries } });
  }

  #answer(connection: Connection, { body }: ClientFrame): Answer {
    if (body.case === "logIn") return this.#logIn(connection, hex(body.value.device));
    const { device } = connection;
    if (!device || !this.devices.has(device.id)) return refused(RefusalCode.NOT_LOGGED_IN);
    switch (body.case) {
      case "submit":
        return this.#submit(device, body.value);
      case "ack":
        return this.#ack(device, body.value.seq);
      case "publishKeyPackages":
        device.packages.push(...body.value.packages);
        return { case: "done", value: {} };
      case "openConversation":
        return this.#open(device, hex(body.value.business));
      case "listConversations":
        return { case: "conversations", value: { conversations: this.#of(device.account).map(wire) } };
      case "call":
        return this.#call(device, body.value);
      case "makeLinkCode":
        return this.#linkCode(device);
      case "listDevices":
        return {
          case: "devices",
          value: { devices: this.siblings(device.account).map((one) => wireDevice(one, device)) },
        };
      case "removeDevice":
        return this.#remove(device, hex(body.value.device));
      default:
        return this.#inConversation(device, body);
    }
  }

  #inConversation(device: Device, body: ClientFrame["body"]): Answer {
    const value = body.value as { conversation?: Uint8Array } | undefined;
    const conversation = value?.conversation && this.conversations.get(hex(value.conversation));
    if (!conversation || conversation.customer !== device.account) return { case: "done", value: {} };
    if (body.case === "read") conversation.business.read(conversation, hex(body.value.messageId), body.value.played);
    if (body.case === "typing") conversation.business.typing(conversation, body.value.on);
    if (body.case === "commit") return this.#commit(device, conversation, body.value);
    if (body.case !== "getGroupInfo") return { case: "done", value: {} };
    if (conversation.groupInfo.length === 0) return refused(RefusalCode.UNKNOWN);
    const { groupInfo, epoch, id } = conversation;
    return { case: "groupInfo", value: { conversation: unhex(id), epoch: BigInt(epoch), mlsMessage: groupInfo } };
  }

  #logIn(connection: Connection, id: string): Answer {
    const device = this.devices.get(id);
    if (!device) return refused(RefusalCode.UNKNOWN);
    connection.device = device;
    const left = device.packages.filter((one) => !one.lastResort).length / 2;
    const value = { acked: device.acked, now: BigInt(this.clock.now()), keyPackagesLeft: Math.floor(left) };
    return { case: "loggedIn", value };
  }

  #submit(device: Device, { mlsMessage }: Body<"submit">): Answer {
    const clear = cleartext(mlsMessage);
    const conversation = this.conversations.get(clear.conversation);
    const id = headerId(clear.authenticatedData);
    if (!conversation || !id) return refused(RefusalCode.MALFORMED);
    const known = conversation.accepted.get(id);
    if (known && known.device !== device.id) return refused(RefusalCode.CONFLICT);
    if (known) return accepted(id, known.at, conversation.epoch);
    if (clear.epoch + 2 < conversation.epoch) return refused(RefusalCode.STALE_EPOCH, conversation.epoch);
    const at = this.clock.now();
    conversation.accepted.set(id, { at, device: device.id });
    const entry = {
      kind: EntryKind.MESSAGE,
      conversation: unhex(conversation.id),
      messageId: unhex(id),
      payload: mlsMessage,
    };
    this.tell(device.account, { ...entry, fromDevice: unhex(device.id), at: BigInt(at) }, device.id);
    conversation.business.message(conversation, mlsMessage, at);
    return accepted(id, at, conversation.epoch);
  }

  #call(device: Device, { name, json }: Body<"call">): Answer {
    const answer = this.calls.get(name)?.(decodeJson<never>(json), device.account);
    if (answer === undefined) return refused(RefusalCode.UNKNOWN);
    if (typeof answer === "number") return refused(answer);
    return { case: "called", value: { json: encodeJson(answer) } };
  }

  #ack(device: Device, seq: bigint): Answer {
    if (seq > (device.log.at(-1)?.seq ?? device.acked)) return refused(RefusalCode.MALFORMED);
    if (seq > device.acked) device.acked = seq;
    return { case: "done", value: {} };
  }

  #open(device: Device, business: string): Answer {
    const known = this.#of(device.account).find((one) => one.business.account === business);
    if (known) return { case: "conversation", value: wire(known) };
    const found = [...this.businesses.values()].find((one) => one.account === business);
    if (!found) return refused(RefusalCode.UNKNOWN);
    const conversation: FakeConversation = {
      id: this.fresh(),
      business: found,
      customer: device.account,
      epoch: 0,
      groupInfo: new Uint8Array(),
      accepted: new Map(),
      commits: new Map(),
    };
    this.conversations.set(conversation.id, conversation);
    this.event(device.account, conversation.id, { case: "conversationOpened", value: wire(conversation) });
    found.opened(conversation);
    return { case: "conversation", value: wire(conversation) };
  }

  #commit(device: Device, conversation: FakeConversation, commit: Body<"commit">): Answer {
    const id = hex(commit.commitId);
    const known = conversation.commits.get(id);
    if (known !== undefined) return accepted(id, this.clock.now(), known);
    if (Number(commit.epoch) !== conversation.epoch) return refused(RefusalCode.EPOCH_CONFLICT, conversation.epoch);
    this.committed(conversation, id, commit.mlsMessage, new Map(), device.id);
    conversation.business.commit(conversation, commit.mlsMessage);
    return accepted(id, this.clock.now(), conversation.epoch);
  }

  /** A commit has won its epoch: everybody gets it, and who is new gets his welcome. */
  committed(
    conversation: FakeConversation,
    id: string,
    message: Uint8Array,
    welcomes: Map<string, Uint8Array>,
    from: string,
  ): void {
    conversation.epoch += 1;
    conversation.commits.set(id, conversation.epoch);
    const base = { conversation: unhex(conversation.id), messageId: unhex(id), fromDevice: unhex(from) };
    for (const device of this.siblings(conversation.customer)) {
      const welcome = welcomes.get(device.id);
      if (welcome) this.append(device, { ...base, kind: EntryKind.WELCOME, payload: welcome });
      else if (device.id !== from) this.append(device, { ...base, kind: EntryKind.COMMIT, payload: message });
    }
  }

  #linkCode(device: Device): Answer {
    const code = this.fresh().slice(-8).toUpperCase();
    this.#codes.set(code, device.account);
    return { case: "linkCode", value: { code, expiresAt: BigInt(this.clock.now() + 300_000) } };
  }

  #remove(device: Device, id: string): Answer {
    const gone = this.devices.get(id);
    if (!gone || gone.account !== device.account) return refused(RefusalCode.FORBIDDEN);
    this.event(device.account, "", {
      case: "deviceRemoved",
      value: { account: unhex(gone.account), device: unhex(id) },
    });
    this.devices.delete(id);
    for (const one of this.#of(device.account)) one.business.deviceRemoved(one, id);
    return { case: "done", value: {} };
  }
}

function wire(conversation: FakeConversation) {
  const { id, business, customer, epoch } = conversation;
  const { name, about, hostedBy, slug, trust } = business.card;
  const level = { plain: TrustLevel.PLAIN, checked: TrustLevel.CHECKED, confirmed: TrustLevel.CONFIRMED }[trust];
  return {
    id: unhex(id),
    business: unhex(business.account),
    customer: unhex(customer),
    epoch: BigInt(epoch),
    card: { business: unhex(business.account), name, about, hostedBy, slug, trust: level },
  };
}

function wireDevice(device: Device, current: Device) {
  const { id, addedAt, name } = device;
  return { id: unhex(id), addedAt: BigInt(addedAt), name, current: id === current.id };
}

function refused(code: RefusalCode, epoch = 0): Answer {
  return { case: "refused", value: { code, message: RefusalCode[code], epoch: BigInt(epoch) } };
}

function accepted(id: string, at: number, epoch: number): Answer {
  return { case: "accepted", value: { messageId: unhex(id), at: BigInt(at), epoch: BigInt(epoch) } };
}
