import { type Clock, hex } from "@suki/api";
import { ReceiptStatus } from "@suki/api/gen";
import type { Message, Messenger, MessengerOptions } from "@suki/model";
import {
  FakeBusiness,
  type FakeConversation,
  FakeFiles,
  FakeNetwork,
  FakeRelations,
  fakeMls,
  SoloTabs,
  servePacks,
} from "@suki/model/testing";

/**
 * The app without a server: `?scene=` chooses what it shows (`full` by default; `structured` with templates, `contents` with everything else that a shop can send, `new`, `one`, `removed`), `?at=` where its clock begins, so
 * that screenshots stay the same. Everything is forgotten with the page.
 */
const query = new URLSearchParams(location.search);
const scene = query.get("scene") ?? "full";
const DAY = 86_400_000;
const MINUTE = 60_000;

// While the past is played, the clock stands where the story is.
let now: number | null = null;
const begun = Date.now();
const origin = Number(query.get("at")) || begun;
const clock: Clock = {
  now: () => now ?? origin + (Date.now() - begun),
  after(millis, run) {
    const timer = setTimeout(run, millis);
    return () => clearTimeout(timer);
  },
};
let salt = 7;
const random = (length: number) => {
  return Uint8Array.from({ length }, () => {
    salt = (Math.imul(salt, 1_664_525) + 1_013_904_223) >>> 0;
    return salt >>> 24;
  });
};
const network = new FakeNetwork(clock, random);
const relations = new FakeRelations(network);
const files = new FakeFiles(network);

const nena = shop(
  "aling-nena",
  "Aling Nena’s Panaderya",
  "checked",
  "suki.panaderya.ph",
  "Fresh pandesal from five in the morning. Orders until eight in the evening, pick-up or by tricycle.\nTaft Avenue 2127, Manila",
);
const noor = shop("noor", "مخبز نور", "confirmed", "inbox.noor.example", "خبز طازج كل صباح");
const bazar = shop("deshi-bazar", "দেশি বাজার", "plain", "bazar.example", "মুদি, সবজি, মাছ");
const repair = shop(
  "fixit",
  "Fix-It Phone & Laptop Repair, Quezon Avenue Branch",
  "checked",
  "hosting.example",
  "We repair phones, laptops and tablets.",
);

function shop(slug: string, name: string, trust: "plain" | "checked" | "confirmed", hostedBy: string, about: string) {
  return new FakeBusiness(network, { slug, name, trust, hostedBy, about, phoneRegistration: false });
}

servePacks(network, {
  [`${nena.account}/order_ready`]: [
    {
      language: "en_US",
      id: 101,
      category: "UTILITY",
      components: [
        { type: "HEADER", format: "TEXT", text: "Order {{1}}" },
        { type: "BODY", text: "Your order is ready for pick-up. Please pay {{1}} when you come, before {{2}}." },
        { type: "FOOTER", text: "Aling Nena’s Panaderya, Taft Avenue" },
        {
          type: "BUTTONS",
          buttons: [
            { type: "QUICK_REPLY", text: "I’m on my way" },
            { type: "QUICK_REPLY", text: "Keep it until tomorrow" },
            { type: "URL", text: "Show the order", url: "https://suki.panaderya.ph/orders/{{1}}" },
          ],
        },
      ],
    },
  ],
  [`${nena.account}/weekend`]: [
    {
      language: "en_US",
      id: 102,
      category: "MARKETING",
      components: [
        { type: "LIMITED_TIME_OFFER", limited_time_offer: { text: "Weekend boxes, 20% off", has_expiration: true } },
        { type: "BODY", text: "Hello {{1}}! This weekend’s boxes are packed on Friday night." },
        { type: "BUTTONS", buttons: [{ type: "COPY_CODE" }] },
        {
          type: "CAROUSEL",
          cards: [
            "Ensaymada box, twelve pieces",
            "Ube and cheese pandesal, thirty pieces",
            "Birthday cake, serves ten",
          ].map((text) => ({
            components: [
              { type: "BODY", text },
              { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: "Order this" }] },
            ],
          })),
        },
      ],
    },
  ],
});

export async function options(): Promise<MessengerOptions> {
  await new Promise<void>((resolve) => {
    const erased = indexedDB.deleteDatabase("suki-fake");
    erased.onsuccess = erased.onerror = erased.onblocked = () => resolve();
  });
  now = origin - 3 * DAY;
  Object.assign(globalThis, { fake: { network, files, relations, nena, noor, bazar, repair } });
  return {
    name: "suki-fake",
    env: { clock, random },
    mls: fakeMls(() => network.fresh()),
    files,
    registration: network.registration,
    dial: network.dial,
    tabs: new SoloTabs(),
    languages: () => [new URLSearchParams(location.search).get("reads") ?? "en"],
    deviceName: "Chrome on Android",
    failed: (error) => console.error(error),
  };
}

/** Plays the story of the scene. */
export async function play(messenger: Messenger): Promise<void> {
  if (scene === "full" || scene === "structured" || scene === "contents" || scene === "one" || scene === "removed")
    await story(messenger);
  now = null;
  for (const one of [nena, noor, bazar, repair])
    one.answer = ({ conversation, id }) => void answer(one, conversation, id);
  if (scene === "removed") for (const id of [...network.devices.keys()]) network.devices.delete(id);
  if (scene === "removed") network.drop();
}

async function settle(done: () => Promise<boolean>): Promise<void> {
  while (!(await done())) await new Promise<void>((resolve) => setTimeout(resolve, 1));
}

/** One conversation, told line by line: `>` is the person, `<` the business, `@` moves the clock on by minutes. */
class Story {
  readonly #messenger: Messenger;
  readonly #shop: FakeBusiness;
  #chat = "";
  #conversation!: FakeConversation;
  #ids: string[] = [];

  constructor(messenger: Messenger, business: FakeBusiness) {
    this.#messenger = messenger;
    this.#shop = business;
  }

  async begin(at: number): Promise<this> {
    now = at;
    this.#chat = await this.#messenger.start(this.#shop.card.slug, "Ana");
    this.#conversation = network.conversations.get(this.#chat) as FakeConversation;
    await settle(() => this.#messenger.secured(this.#chat));
    return this;
  }

  async tell(...lines: string[]): Promise<this> {
    for (const line of lines) {
      now = (now ?? origin) + MINUTE;
      const reply = /^(.)(\d+)? ([\s\S]*)$/.exec(line);
      if (!reply) throw new Error(`the story says: ${line}`);
      const [, who, index, words = ""] = reply;
      if (who === "@") now += Number(words) * MINUTE;
      else await this.#line(who === ">", words, index === undefined ? null : (this.#ids[Number(index)] ?? null));
    }
    return this;
  }

  async #line(mine: boolean, words: string, replyTo: string | null): Promise<void> {
    if (!mine) this.#ids.push(await this.#shop.say(this.#conversation, words, replyTo ?? ""));
    else this.#ids.push(await this.#messenger.send(this.#chat, words, replyTo));
    const id = this.#ids.at(-1) ?? "";
    await settle(async () => {
      const message = await this.#messenger.message(this.#chat, id);
      return message !== null && message.status !== "queued" && message.status !== "sent";
    });
  }

  /** An order and an offer, as a shop's programs send them. */
  async structured(): Promise<void> {
    const text = (value: string) => ({ value: { case: "text", value } as const });
    const currency = { case: "currency", value: { code: "PHP", amount1000: 1_240_000n, fallback: "₱1,240" } } as const;
    const dateTime = {
      case: "dateTime",
      value: { at: BigInt(Math.floor((origin + 5 * 60 * MINUTE) / 1000)), fallback: "8 pm" },
    } as const;
    await this.#shop.template(
      this.#conversation,
      {
        name: "order_ready",
        language: "en_US",
        header: [text("2127")],
        body: [{ value: currency }, { value: dateTime }],
        buttons: [{ index: 2, kind: "url", parameters: ["2127"] }],
      },
      { templateId: "101.1", category: "utility" },
    );
    await this.#shop.template(
      this.#conversation,
      {
        name: "weekend",
        language: "en_US",
        body: [text("Ana")],
        buttons: [{ index: 0, kind: "copy_code", parameters: ["BOX20"] }],
        cards: [{}, {}, {}],
        offerExpiresAt: BigInt(origin + 3 * DAY),
      },
      { templateId: "102.1", category: "marketing" },
    );
  }

  /** Everything else that a shop can send. */
  async contents(): Promise<void> {
    const { contents } = await import("./fake-contents.ts");
    await contents(this.#shop, this.#conversation, files, () => {
      now = (now ?? origin) + MINUTE / 10;
    });
  }

  read(index: number): this {
    network.receipt(this.#conversation, ReceiptStatus.READ, [this.#ids[index] ?? ""]);
    return this;
  }

  async seen(): Promise<this> {
    const { lines } = await this.#messenger.page(this.#chat, 1);
    const last = lines[0] as Message | undefined;
    if (last) await this.#messenger.markRead(last);
    return this;
  }

  async draft(text: string): Promise<this> {
    await this.#messenger.write(this.#chat, text);
    return this;
  }
}

async function story(messenger: Messenger): Promise<void> {
  const panaderya = await new Story(messenger, nena).begin(origin - 2 * DAY - 90 * MINUTE);
  await panaderya.tell(
    "> Good morning po! Do you still have ensaymada today?",
    "< Good morning, Ana! Yes, still warm 🙂",
    "< How many should I keep for you?",
    "> A dozen please. And two loaves of the wheat bread, if you bake it on weekdays.",
    "<3 Wheat bread on Tuesday and Friday. I can keep one for Friday, then you don’t have to queue.",
    "> Perfect, thank you!",
    "@ 1400",
    "< Your order is ready. The list and the prices are here: https://suki.panaderya.ph/orders/2127 — pay when you come, or by GCash.",
    "> 👍",
    "> I’ll be there at half past four.",
    "@ 1200",
    "> Hello! For my daughter’s birthday I would need forty small cupcakes, half ube and half chocolate, on Saturday before noon. Is that possible, and what would it cost with delivery to Malate?",
  );
  await panaderya.read(9).seen();
  await panaderya.tell(
    "< Happy birthday to her! 🎂 Forty is no problem.",
    "<9 Ube ₱35, chocolate ₱32 each, delivery free within Malate.",
    "< Shall I write her name on a small board?",
  );
  if (scene === "structured") await panaderya.structured();
  if (scene === "contents") await panaderya.contents();
  if (scene === "one") return;
  const bakery = await new Story(messenger, noor).begin(origin - DAY - 300 * MINUTE);
  await bakery.tell(
    "> مرحبا، هل لديكم خبز القمح الكامل؟",
    "< أهلاً وسهلاً! نعم، طازج كل صباح من الساعة السادسة.",
    "> شكراً جزيلاً",
  );
  await bakery.seen();
  const market = await new Story(messenger, bazar).begin(origin - 26 * 60 * MINUTE);
  await market.tell("> ইলিশ মাছ কত করে?", "< আজ কেজি ৯০০ টাকা। কালকে দাম একটু কমতে পারে।");
  await market.seen();
  await market.draft("তাহলে কাল দুই কেজি");
  const phones = await new Story(messenger, repair).begin(origin - 200 * MINUTE);
  await phones.tell(
    "> My screen is cracked, model A54. How much and how long?",
    "< ₱3,200 with the original part, ready the same day if you bring it before 11.",
    "> I’ll come tomorrow.",
  );
  await phones.seen();
}

async function answer(business: FakeBusiness, conversation: FakeConversation, id: string): Promise<void> {
  const pause = (millis: number) => new Promise<void>((resolve) => setTimeout(resolve, millis));
  await pause(700);
  network.receipt(conversation, ReceiptStatus.READ, [id]);
  await pause(500);
  network.typing(conversation, true);
  await pause(1600);
  await business.say(conversation, "Thank you! We’ll get back to you in a moment.", hex(new Uint8Array()));
}
