import { base64, concat } from "@suki/api";
import { RefusalCode } from "@suki/api/gen";
import { expect, test } from "vitest";
import { readerLocale, render } from "./templates/render.ts";
import type { FakeConversation } from "./testing/fake-network.ts";
import { seen, until, World } from "./world.test-kit.ts";

const DAY = 86_400_000;
const TEXTS: Record<string, string> = { en_US: "Your order {{1}} is ready.", fil: "Handa na ang order mong {{1}}." };

/** A shop with a pack "order" in English and Filipino, on a network that counts how often it is fetched. */
class PackWorld extends World {
  serial = 1;
  fetched = 0;
  fallback = "sender";
  texts = TEXTS;
  refuse = false;
  /** What is done to the signed bytes on their way. */
  tamper = (body: string) => body;

  constructor() {
    super();
    const { calls } = this.network;
    calls.set("pack.list", () => ({ packs: [{ name: "order", serial: this.serial }], next: "" }));
    calls.set("pack.get", (request: { business: string; name: string }) => this.#pack(request));
  }

  #pack({ business, name }: { business: string; name: string }): unknown {
    this.fetched += 1;
    if (this.refuse || name !== "order") return RefusalCode.UNAVAILABLE;
    const languages = Object.entries(this.texts).map(([language, text], index) => {
      const components = [{ type: "BODY", text }];
      return {
        language,
        template_id: 100 + index,
        version: 1,
        category: "UTILITY",
        parameter_format: "POSITIONAL",
        components,
      };
    });
    const pack = {
      business,
      name,
      serial: this.serial,
      issued_at: this.clock.now(),
      refresh_millis: 31 * DAY,
      retry_millis: 300_000,
      fallback: this.fallback,
      languages,
    };
    const signature = base64(new TextEncoder().encode("signed"));
    return { body: base64(new TextEncoder().encode(this.tamper(JSON.stringify(pack)))), signature };
  }

  conversation(chat: string): FakeConversation {
    const found = this.network.conversations.get(chat);
    if (!found) throw new Error("no conversation");
    return found;
  }

  order(chat: string, readerLanguage: boolean, header = { templateId: "100.1", category: "utility" }): Promise<string> {
    const body = [{ value: { case: "text", value: "2127" } as const }];
    return this.shop.template(
      this.conversation(chat),
      { name: "order", language: "en_US", readerLanguage, body },
      header,
    );
  }
}

test("R79: one send, and each customer reads it in his language", async () => {
  const world = new PackWorld();
  world.languages = ["fil-PH", "en"];
  const { page, chat } = await world.browser().chatting();
  await world.order(chat, true);
  await until(async () => (await seen(page, chat))[0] === "business: Handa na ang order mong 2127.");
  await world.order(chat, false);
  await until(async () => (await seen(page, chat))[1] === "business: Your order 2127 is ready.");
  expect((await page.chats())[0]).toMatchObject({ unread: 2 });
  expect(world.failures).toEqual([]);
});

test("R80: packs are fetched in the background when the conversation opens", async () => {
  const world = new PackWorld();
  await world.browser().chatting();
  await until(() => world.fetched === 1);
});

test("R81, R82: a pack is fetched again after 31 days, and a failed download within five minutes", async () => {
  const world = new PackWorld();
  world.refuse = true;
  const { page, chat } = await world.browser().chatting();
  await until(() => world.fetched === 1);
  await world.order(chat, false);
  await until(async () => (await seen(page, chat))[0] === "business: (waiting)");
  await until(() => world.fetched === 2);
  world.refuse = false;
  world.clock.advance(300_000);
  await until(async () => (await seen(page, chat))[0] === "business: Your order 2127 is ready.");
  expect(world.fetched).toBe(3);
  for (let day = 0; day < 30; day += 1) {
    world.clock.advance(DAY);
    await until(() => {
      world.clock.advance(1000);
      return page.connection === "online";
    });
  }
  expect(world.fetched).toBe(3);
  world.clock.advance(2 * DAY);
  await until(() => {
    world.clock.advance(10_000);
    return world.fetched === 4;
  });
});

test("a changed pack is refused, and its message waits rather than show other words", async () => {
  const world = new PackWorld();
  const { page, chat } = await world.browser().chatting();
  await until(() => world.fetched === 1);
  world.serial = 2;
  world.texts = { ...TEXTS, pl: "Zamówienie {{1}} gotowe." };
  const body = [{ value: { case: "text", value: "1" } as const }];
  // Signed by nobody: the fake network signs with the word `signed` alone.
  const { calls } = world.network;
  const honest = calls.get("pack.get");
  calls.set("pack.get", (request: never, account) => ({
    ...(honest?.(request, account) as object),
    signature: base64(concat()),
  }));
  await world.shop.template(
    world.conversation(chat),
    { name: "order", language: "pl", body },
    { templateId: "102.1", category: "utility" },
  );
  await until(() => world.failures.length === 1);
  expect(String(world.failures[0])).toContain("forged");
  expect(await seen(page, chat)).toEqual(["business: (waiting)"]);
});

test("what is not what its header claims is refused, and never shown as free text", async () => {
  const world = new PackWorld();
  const { page, chat } = await world.browser().chatting();
  await until(() => world.fetched === 1);
  await world.order(chat, false, { templateId: "100.1", category: "marketing" });
  await world.order(chat, false, { templateId: "999.1", category: "utility" });
  await world.order(chat, false, { templateId: "nonsense", category: "utility" });
  await world.shop.template(
    world.conversation(chat),
    { name: "order", language: "en_US" },
    { templateId: "100.1", category: "utility" },
  );
  // All came in one moment, so their order is that of their ids.
  const all = ["(forged)", "(refused)", "(refused)", "(refused)"].map((one) => `business: ${one}`);
  await until(async () => {
    world.clock.advance(10_000);
    return (await seen(page, chat)).sort().join() === all.join();
  });
});

test("a pack that says so shows nothing to whoever reads none of its languages", async () => {
  const world = new PackWorld();
  world.fallback = "refuse";
  world.languages = ["pl"];
  const { page, chat } = await world.browser().chatting();
  await world.order(chat, true);
  await until(async () => (await seen(page, chat))[0] === "business: (untranslated)");
  await world.order(chat, false);
  await until(async () => (await seen(page, chat))[1] === "business: Your order 2127 is ready.");
});

test("a language with other variables is passed over", async () => {
  const world = new PackWorld();
  world.texts = { ...TEXTS, fil: "Handa na." };
  world.languages = ["fil"];
  const { page, chat } = await world.browser().chatting();
  await world.order(chat, true);
  await until(async () => (await seen(page, chat))[0] === "business: Your order 2127 is ready.");
});

test("money and time stand as the reader's language writes them", () => {
  const sent = {
    $typeName: "suki.v1.Template",
    header: [],
    body: [
      {
        $typeName: "suki.v1.TemplateParameter",
        name: "",
        value: {
          case: "currency",
          value: { $typeName: "suki.v1.Currency", code: "PHP", amount1000: 1_234_500n, fallback: "P1234.50" },
        },
      },
      {
        $typeName: "suki.v1.TemplateParameter",
        name: "",
        value: {
          case: "dateTime",
          value: { $typeName: "suki.v1.DateTime", at: 1_767_225_600n, fallback: "New Year", dateOnly: true },
        },
      },
    ],
    buttons: [],
    cards: [],
    name: "bill",
    language: "en",
    readerLanguage: true,
    offerExpiresAt: 0n,
  } as const;
  const body = [{ type: "BODY" as const, text: "{{1}} by {{2}}" }];
  const read = (tag: string) => render(body, structuredClone(sent) as never, readerLocale(tag, "UTC")).body;
  expect(read("en")).toBe("₱1,234.50 by January 1, 2026");
  expect(read("pl")).toBe("1234,50\u00a0PHP by 1 stycznia 2026");
  expect(read("ar-EG")).toContain("٢٠٢٦");
});
