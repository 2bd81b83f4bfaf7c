import { concat, hex, unhex } from "@suki/api";
import { cleartext } from "../mls/cleartext.ts";
import type { Group, Member, Mls, MlsDevice, NewKeyPackage, Received } from "../mls/port.ts";

/**
 * MLS without cryptography, for tests and for the app without a server: it keeps the rules (epochs, one use of every key,
 * members only, one leaf a device) and hides nothing.
 */
interface Inner {
  members: Member[];
  sent: number;
  /** What was received, as `epoch device number`: a second time it is refused. */
  seen: string[];
}

interface Frame {
  from: Member;
  number: number;
  plaintext?: string;
  added?: Member[];
  removed?: Member[];
  members?: Member[];
}

export interface FakeKeyPackage {
  reference: string;
  member: Member;
}

const text = new TextEncoder();
const PAST_EPOCHS = 2;
const FORMAT = { application: 1, commit: 3 } as const;

export const encodeJson = (value: unknown) => text.encode(JSON.stringify(value)) as Uint8Array<ArrayBuffer>;
export const decodeJson = <T>(bytes: Uint8Array) => JSON.parse(new TextDecoder().decode(bytes)) as T;

function vector(bytes: Uint8Array): Uint8Array {
  return bytes.length < 64
    ? concat(new Uint8Array([bytes.length]), bytes)
    : concat(new Uint8Array([0x40 | (bytes.length >> 8), bytes.length & 255]), bytes);
}

function envelope(group: Group, type: keyof typeof FORMAT, data: Uint8Array, frame: Frame): Uint8Array<ArrayBuffer> {
  const epoch = new Uint8Array(8);
  new DataView(epoch.buffer).setBigUint64(0, BigInt(group.epoch));
  const head = concat(new Uint8Array([0, 1, 0, 2]), vector(unhex(group.conversation)), epoch);
  return concat(head, new Uint8Array([FORMAT[type]]), vector(data), encodeJson(frame));
}

function body(message: Uint8Array, data: Uint8Array): Frame {
  const at = 4 + 17 + 8 + 1 + (data.length < 64 ? 1 : 2) + data.length;
  return decodeJson<Frame>(message.slice(at));
}

const inner = (group: Group) => group.inner as Inner;
const isSame = (a: Member) => (b: Member) => a.device === b.device;

export class FakeDevice implements MlsDevice {
  readonly me: Member;
  readonly #fresh: () => string;
  constructor(me: Member, fresh: () => string) {
    this.me = me;
    this.#fresh = fresh;
  }

  async sign(): Promise<Uint8Array> {
    return new Uint8Array(64);
  }

  /** The fake network signs nothing: what says `signed` counts. */
  async signedByNetwork(_bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return new TextDecoder().decode(signature) === "signed";
  }

  async keyPackages(_suite: number, count: number, _lastResort: boolean): Promise<NewKeyPackage[]> {
    return Array.from({ length: count }, () => {
      const reference = this.#fresh();
      const message = encodeJson({ reference, member: this.me } satisfies FakeKeyPackage);
      return { reference, message, secret: unhex(reference) };
    });
  }

  create(conversation: string): Group {
    return { conversation, epoch: 0, inner: { members: [this.me], sent: 0, seen: [] } satisfies Inner };
  }

  async join(welcome: Uint8Array, secret: (reference: string) => Promise<Uint8Array | null>) {
    const { references, conversation, epoch, members } = decodeJson<{
      references: string[];
      conversation: string;
      epoch: number;
      members: Member[];
    }>(welcome);
    for (const used of references) {
      const found = await secret(used);
      if (found && hex(found) === used) return { group: this.#at(conversation, epoch, members), used };
    }
    throw new Error("no key package of this welcome is here");
  }

  async rejoin(groupInfo: Uint8Array) {
    const info = decodeJson<{ conversation: string; epoch: number; members: Member[] }>(groupInfo);
    const members = [...info.members.filter((one) => one.device !== this.me.device), this.me];
    const before = this.#at(info.conversation, info.epoch, info.members);
    const removed = info.members.filter(isSame(this.me));
    const frame: Frame = { from: this.me, number: 0, added: [this.me], removed, members };
    const commit = envelope(before, "commit", new Uint8Array(), frame);
    return { group: this.#at(info.conversation, info.epoch + 1, members), commit };
  }

  #at(conversation: string, epoch: number, members: Member[]): Group {
    return { conversation, epoch, inner: { members, sent: 0, seen: [] } satisfies Inner };
  }

  /** A change of the members, its welcome and the group after it. */
  commit(group: Group, add: FakeKeyPackage[], remove: string[]) {
    const old = inner(group).members;
    const added = add.map((one) => one.member);
    const removed = old.filter((one) => remove.includes(one.device));
    const members = [...old.filter((one) => !remove.includes(one.device)), ...added];
    const after = this.#at(group.conversation, group.epoch + 1, members);
    const references = add.map((one) => one.reference);
    const frame: Frame = { from: this.me, number: 0, added, removed, members };
    return {
      group: after,
      message: envelope(group, "commit", new Uint8Array(), frame),
      welcome: encodeJson({ references, conversation: group.conversation, epoch: after.epoch, members }),
    };
  }

  groupInfo(group: Group): Uint8Array<ArrayBuffer> {
    return encodeJson({ conversation: group.conversation, epoch: group.epoch, members: inner(group).members });
  }

  async encrypt(group: Group, header: Uint8Array, plaintext: Uint8Array) {
    const { sent } = inner(group);
    const frame: Frame = { from: this.me, number: sent, plaintext: hex(plaintext) };
    const next = { ...group, inner: { ...inner(group), sent: sent + 1 } };
    return { group: next, message: envelope(group, "application", header, frame) };
  }

  async receive(group: Group, message: Uint8Array): Promise<{ group: Group; received: Received }> {
    const clear = cleartext(message);
    const frame = body(message, clear.authenticatedData);
    if (clear.conversation !== group.conversation) throw new Error("another group");
    if (clear.content === "commit") return this.#commit(group, clear.epoch, frame);
    if (clear.epoch > group.epoch || clear.epoch < group.epoch - PAST_EPOCHS) throw new Error("another epoch");
    if (!inner(group).members.some(isSame(frame.from))) throw new Error("not a member");
    const once = `${clear.epoch} ${frame.from.device} ${frame.number}`;
    if (inner(group).seen.includes(once)) throw new Error("the key was used before");
    const plaintext = unhex(frame.plaintext ?? "");
    return {
      group: { ...group, inner: { ...inner(group), seen: [...inner(group).seen, once] } },
      received: { type: "application", sender: frame.from, header: clear.authenticatedData, plaintext },
    };
  }

  #commit(group: Group, epoch: number, frame: Frame): { group: Group; received: Received } {
    if (epoch !== group.epoch) throw new Error("another epoch");
    const { added = [], removed = [], members = [], from } = frame;
    const ownRemoved = !members.some(isSame(this.me));
    const next: Inner = { ...inner(group), members, sent: 0 };
    return {
      group: { ...group, epoch: epoch + 1, inner: next },
      received: { type: "commit", sender: from, added, removed, ownRemoved },
    };
  }

  exportGroup(group: Group): Uint8Array<ArrayBuffer> {
    return encodeJson(group);
  }
  importGroup(state: Uint8Array): Group {
    return decodeJson<Group>(state);
  }
  members(group: Group): Member[] {
    return inner(group).members;
  }
  async safetyNumber(group: Group): Promise<string> {
    const devices = inner(group).members.map((one) => one.device);
    const digits = [...devices.sort().join("")].map((char) => Number.parseInt(char, 16) % 10).join("");
    return (digits.repeat(2).slice(-60).match(/.{5}/g) ?? []).join(" ");
  }
}

/** `fresh` makes ids of 32 hexadecimal digits. */
export function fakeMls(fresh: () => string): Mls {
  return {
    suites: [0x4d, 1],
    async generate() {
      const seed = unhex(fresh() + fresh());
      return { seed, publicKey: seed };
    },
    async device(_seed, certificate) {
      return new FakeDevice(decodeJson<Member>(certificate), fresh);
    },
  };
}
