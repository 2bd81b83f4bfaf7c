import { hex } from "@suki/api";
import { type Device, type Group, Mls, type NewKeyPackage, type Received } from "../index.ts";
import { bytes, Peer, view } from "./peer.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const utf8 = new TextEncoder();
const HEADER = utf8.encode("for the network");

/** A device of the customer that is, or will be, in the group. */
export class Phone {
  readonly device: Device;
  readonly id: Bytes;
  readonly secrets = new Map<string, Bytes>();
  held: Group | undefined;

  constructor(device: Device, id: Bytes) {
    this.device = device;
    this.id = id;
  }

  get group(): Group {
    if (!this.held) throw new Error("this device is in no group");
    return this.held;
  }

  async package(suite: number, lastResort = false): Promise<NewKeyPackage> {
    const [made] = await this.device.keyPackages(suite, 1, lastResort);
    if (!made) throw new Error("no key package was made");
    this.secrets.set(made.reference, view(made.secret));
    return made;
  }

  async join(welcome: Uint8Array): Promise<string> {
    const { group, used } = await this.device.join(welcome, async (reference) => this.secrets.get(reference) ?? null);
    this.held = group;
    return used;
  }

  async rejoin(groupInfo: Uint8Array): Promise<Bytes> {
    const { group, commit } = await this.device.rejoin(groupInfo);
    this.held = group;
    return commit;
  }

  async say(text: string): Promise<Bytes> {
    const { group, message } = await this.device.encrypt(this.group, view(HEADER), view(utf8.encode(text)));
    this.held = group;
    return message;
  }

  async receive(message: Uint8Array): Promise<Received> {
    const { group, received } = await this.device.receive(this.group, message);
    this.held = group;
    return received;
  }

  /** What an application message says. */
  async read(message: Uint8Array): Promise<string> {
    const received = await this.receive(message);
    if (received.type !== "application") throw new Error("this is no application message");
    return new TextDecoder().decode(received.plaintext);
  }
}

/** One conversation: the endpoint in Rust, the customer's devices here. */
export class World {
  readonly suite: number;
  readonly shop: Peer;
  readonly mls: Mls;
  conversation = "";
  endpoint = "";
  networkKey: Bytes = new Uint8Array();
  customer: Bytes = new Uint8Array();

  private constructor(suite: number, shop: Peer, mls: Mls) {
    this.suite = suite;
    this.shop = shop;
    this.mls = mls;
  }

  static async open(path: string, suite: number, mls = new Mls()): Promise<World> {
    const world = new World(suite, new Peer(path), mls);
    const made = await world.shop.ask("world", { suite, seed: suite });
    world.networkKey = bytes(made, "networkKey");
    world.customer = bytes(made, "customer");
    world.conversation = hex(bytes(made, "conversation"));
    world.endpoint = hex(bytes(made, "endpoint"));
    return world;
  }

  async phone(account: Uint8Array = this.customer): Promise<Phone> {
    const { seed, publicKey } = await this.mls.generate();
    const certified = await this.shop.ask("certify", { account, key: publicKey });
    const device = await this.mls.device(view(seed), bytes(certified, "certificate"), this.networkKey);
    return new Phone(device, bytes(certified, "device"));
  }

  /** Adds a device; those that are there already follow. */
  async add(phone: Phone, ...others: Phone[]): Promise<void> {
    const { message } = await phone.package(this.suite);
    const change = await this.shop.ask("add", { packages: [message] });
    await this.shop.ask("confirm");
    for (const other of others) await other.receive(bytes(change, "commit"));
    await phone.join(bytes(change, "welcome"));
  }

  /** A device in the group. */
  async joined(...others: Phone[]): Promise<Phone> {
    const phone = await this.phone();
    await this.add(phone, ...others);
    return phone;
  }

  async say(text: string): Promise<Bytes> {
    return bytes(await this.shop.ask("encrypt", { header: HEADER, plaintext: utf8.encode(text) }), "message");
  }

  /** What the endpoint reads in a message. */
  async read(message: Uint8Array): Promise<string> {
    const received = await this.shop.ask("receive", { message });
    return new TextDecoder().decode(bytes(received, "plaintext"));
  }
}
