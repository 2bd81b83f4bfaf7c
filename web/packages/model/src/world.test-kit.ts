import "fake-indexeddb/auto";
import { ManualClock } from "@suki/api";
import type { Env } from "./env.ts";
import type { Change } from "./events.ts";
import { Messenger } from "./messenger.ts";
import { asText } from "./templates/render.ts";
import { shown } from "./templates/settle.ts";
import { FakeBusiness } from "./testing/fake-business.ts";
import { FakeFiles } from "./testing/fake-files.ts";
import { fakeMls } from "./testing/fake-mls.ts";
import { FakeNetwork } from "./testing/fake-network.ts";
import { type HubTabs, TabsHub } from "./testing/fake-tabs.ts";
import type { Body, Message } from "./types.ts";

/** Numbers that follow from a seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let word = Math.imul(state ^ (state >>> 15), state | 1);
    word ^= word + Math.imul(word ^ (word >>> 7), word | 61);
    return ((word ^ (word >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Lets everything that is under way come to its end. */
export async function until(what: () => unknown | Promise<unknown>): Promise<void> {
  for (let turn = 0; turn < 20_000; turn += 1) {
    if (await what()) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  throw new Error(`it did not come to pass: ${what}`);
}

let databases = 0;

/** A network with one shop, and browsers. */
export class World {
  readonly clock = new ManualClock();
  readonly random: (length: number) => Uint8Array<ArrayBuffer>;
  readonly number: () => number;
  readonly network: FakeNetwork;
  readonly shop: FakeBusiness;
  readonly files: FakeFiles;
  readonly failures: unknown[] = [];
  /** What the person reads. */
  languages: readonly string[] = ["en"];

  constructor(seed = 1) {
    this.number = seeded(seed);
    this.random = (length) => Uint8Array.from({ length }, () => Math.floor(this.number() * 256));
    this.network = new FakeNetwork(this.clock, this.random);
    this.files = new FakeFiles(this.network);
    this.shop = new FakeBusiness(this.network, {
      name: "Shop",
      about: "Things",
      trust: "checked",
      hostedBy: "shop.example",
      slug: "shop",
      phoneRegistration: false,
    });
  }

  get env(): Env {
    return { clock: this.clock, random: this.random };
  }

  browser(): Browser {
    databases += 1;
    return new Browser(this, `test-${databases}`);
  }
}

/** A browser: its database and tabs outlive a page. */
export class Browser {
  readonly hub = new TabsHub();
  readonly ports: HubTabs[] = [];
  readonly changes: Change[] = [];
  constructor(
    readonly world: World,
    readonly name: string,
  ) {}

  async open(): Promise<Messenger> {
    const { env, network, failures } = this.world;
    const tabs = this.hub.tab();
    this.ports.push(tabs);
    const messenger = await Messenger.open({
      name: this.name,
      env,
      files: this.world.files,
      mls: fakeMls(() => network.fresh()),
      registration: network.registration,
      dial: network.dial,
      tabs,
      languages: () => this.world.languages,
      deviceName: "Browser",
      failed: (error) => failures.push(error),
    });
    messenger.listen((change) => this.changes.push(change));
    return messenger;
  }

  /** A page that talks with the shop already. */
  async chatting(): Promise<{ page: Messenger; chat: string }> {
    const page = await this.open();
    const chat = await page.start("shop", "Ana");
    await until(() => page.secured(chat));
    return { page, chat };
  }
}

/** A thread as a person sees it: who, what, and its ticks. */
export async function seen(page: Messenger, chat: string): Promise<string[]> {
  const { lines } = await page.page(chat, 1000);
  return lines.map(show);
}

/** Money and time as the sender wrote them. */
const PLAIN = { currency: () => null, dateTime: () => null };

function template(body: Body): string {
  const rendered = shown(body, PLAIN);
  if (rendered) return asText(rendered);
  return body.type === "template" ? `(${body.state})` : "";
}

function words(body: Body): string {
  switch (body.type) {
    case "text":
      return body.text;
    case "notice":
      return `(${body.notice})`;
    case "unreadable":
      return `(${body.why})`;
    case "template":
      return template(body);
    case "media":
      return `(${body.media.kind})`;
    default:
      return `(${body.type})`;
  }
}

function show({ from, body, status, reactions = [] }: Message): string {
  const said = reactions.filter((one) => one.emoji).map((one) => ` ${one.from}${one.emoji}`);
  return `${from}: ${words(body)}${said.join("")}${status ? ` [${status}]` : ""}`;
}
