import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DESK, PHONE, reachable, violations, type World, world } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await world();
});
afterAll(() => w.close());

/** What the fake world keeps for tests: what the shop heard, and what the network holds. */
interface Fake {
  fake: {
    nena: { heard: { content: { body: { case: string; value: Record<string, unknown> } } }[] };
    files: { all(): Promise<Uint8Array>; kept: Map<string, Blob>; fault: () => number | null };
  };
}

const log = (page: Page) => page.getByRole("log");
const open = (options: Parameters<World["visit"]>[1] = {}) =>
  w.visit("/c/aling-nena", { scene: "contents", ...options });

/** The last thing the shop heard, as JSON: big numbers as text, bytes as their count. */
function heard(page: Page): Promise<{ case: string; value: Record<string, unknown> }> {
  return page.evaluate(() => {
    const { nena } = (globalThis as unknown as Fake).fake;
    const plain = (_key: string, value: unknown) => {
      if (typeof value === "bigint") return String(value);
      return value instanceof Uint8Array ? value.length : value;
    };
    return JSON.parse(JSON.stringify(nena.heard.at(-1)?.content.body ?? { case: "" }, plain));
  });
}

const said = (page: Page, what: string) =>
  expect.poll(async () => (await heard(page)).case, { timeout: 15_000 }).toBe(what);

/** A photo as a camera writes it: with a marker in its EXIF data. */
function photo(page: Page, size = 900): Promise<number[]> {
  return page.evaluate(async (edge) => {
    const canvas = new OffscreenCanvas(edge, Math.round(edge * 0.75));
    const to = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
    to.fillStyle = "#d9a34a";
    to.fillRect(0, 0, edge, edge);
    const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer());
    const exif = new TextEncoder().encode("Exif\0\0GPS-14.58-120.98");
    const segment = [0xff, 0xe1, 0, exif.length + 2, ...exif];
    return [...bytes.slice(0, 2), ...segment, ...bytes.slice(2)];
  }, size);
}

describe("what a shop sends", () => {
  it("is shown: files, places, people, choices, goods (issue 4, contract section 3b)", async () => {
    const page = await open(DESK);
    await log(page).getByRole("button", { name: "Open: Picture" }).first().waitFor();
    await log(page).getByText("The ensaymada of this morning, still warm.").waitFor();
    await log(page)
      .getByRole("button", { name: /^Download: Video, 3\.4/ })
      .waitFor();
    await log(page).getByRole("group", { name: "Voice message" }).waitFor();
    await log(page)
      .getByRole("button", { name: /Price list, November 2026\.pdf/ })
      .waitFor();
    await log(page)
      .getByRole("button", { name: /Taft Avenue 2127, Manila/ })
      .waitFor();
    expect(await log(page).getByRole("link", { name: "+63 917 555 0142" }).getAttribute("href")).toBe(
      "tel:+639175550142",
    );
    expect(
      await log(page)
        .getByRole("link", { name: /Pay now/ })
        .getAttribute("href"),
    ).toBe("https://suki.panaderya.ph/pay/2127");
    await log(page).getByText("₱380.00").waitFor();
    expect(await violations(page)).toEqual([]);
  });

  it("opens large, and the arrow keys lead on; Escape leads back", async () => {
    const page = await open(DESK);
    await log(page).getByRole("button", { name: "Open: Picture" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText("1 of 3").waitFor();
    await page.keyboard.press("ArrowRight");
    await dialog.getByText("2 of 3").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  it("a voice is played, and a document is handed to the browser to keep", async () => {
    const page = await open(DESK);
    await log(page).getByRole("group", { name: "Voice message" }).getByRole("button", { name: "Play" }).click();
    await log(page).getByRole("button", { name: "Pause" }).waitFor();
    const saved = page.waitForEvent("download");
    await log(page)
      .getByRole("button", { name: /Price list/ })
      .click();
    expect((await saved).suggestedFilename()).toBe("Price list, November 2026.pdf");
    const card = page.waitForEvent("download");
    await log(page).getByRole("button", { name: "Save contact" }).first().click();
    expect((await card).suggestedFilename()).toBe("Jun Reyes.vcf");
  });

  it("a place opens in the map that the person chooses, and asks no map before", async () => {
    const page = await open(DESK);
    await log(page)
      .getByRole("button", { name: /Open in a map/ })
      .click();
    const maps = page.getByRole("dialog").getByRole("link");
    const to = await maps.evaluateAll((links) => links.map((link) => link.getAttribute("href")?.split(/[:?/]/)[0]));
    expect(to).toEqual(["geo", "https", "https", "https"]);
    expect(await violations(page)).toEqual([]);
  });

  it("is not fetched unasked when the person saves data", async () => {
    const page = await open(DESK);
    await page.evaluate(() => localStorage.setItem("suki.messenger.auto", "none"));
    await page.reload();
    await log(page)
      .getByRole("button", { name: /^Download: Picture/ })
      .first()
      .waitFor();
    await log(page)
      .getByRole("button", { name: /^Download: Picture/ })
      .first()
      .click();
    await log(page).getByRole("button", { name: "Open: Picture" }).first().waitFor();
  });
});

describe("answers", () => {
  it("a button answers with its id, and a list with what was chosen", async () => {
    const page = await open(DESK);
    await log(page).getByRole("button", { name: "Friday" }).click();
    await said(page, "interactiveReply");
    expect((await heard(page)).value).toMatchObject({ kind: "button_reply", id: "friday", title: "Friday" });
    await log(page).getByRole("button", { name: "Times" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("radio", { name: /Four o’clock/ }).check();
    expect(await violations(page)).toEqual([]);
    await sheet.getByRole("button", { name: "Send", exact: true }).click();
    await expect.poll(async () => (await heard(page)).value.id).toBe("four");
    expect((await heard(page)).value).toMatchObject({ kind: "list_reply", description: "With merienda" });
  });

  it("where the person is goes out when he says so, and not before", async () => {
    const page = await open({ ...DESK, permissions: ["geolocation"], geolocation: { latitude: 14.6, longitude: 121 } });
    await log(page).getByRole("button", { name: "Send location" }).click();
    await page.getByRole("dialog").getByText("14.60000, 121.00000").waitFor();
    expect((await heard(page)).case).not.toBe("location");
    await page.getByRole("dialog").getByRole("button", { name: "Send location" }).click();
    await said(page, "location");
    expect((await heard(page)).value).toMatchObject({ latitude: 14.6, longitude: 121 });
  });

  it("a reaction is put on a message, and taken back", async () => {
    const page = await open(DESK);
    const message = log(page).getByRole("article").filter({ hasText: "Shall I write her name" });
    await message.hover();
    await message.getByRole("button", { name: "React", exact: true }).click();
    await page.getByRole("button", { name: /^React with .*❤️/ }).click();
    await message.getByText(/You reacted with .*❤️/).waitFor();
    await said(page, "reaction");
    expect((await heard(page)).value).toMatchObject({ emoji: "❤️" });
    await message.hover();
    await message.getByRole("button", { name: "React", exact: true }).click();
    await page.getByRole("button", { name: /^Take your .*❤️/ }).click();
    await expect.poll(async () => (await heard(page)).value.emoji).toBe("");
    await message.getByText("You reacted").waitFor({ state: "detached" });
  });
});

describe("what a person fills in and buys", () => {
  it("a cart is put together and sent as an order", async () => {
    const page = await open(DESK);
    await log(page).getByRole("button", { name: "View the items" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByRole("button", { name: /One more of .*Pandesal/ }).click();
    await sheet.getByRole("button", { name: /One more of .*Pandesal/ }).click();
    await sheet.getByRole("button", { name: /One more of .*Ube cake/ }).click();
    await sheet.getByText(/3 pieces, .*1,030/).waitFor();
    await expect.poll(() => violations(page)).toEqual([]);
    await sheet.getByRole("button", { name: "Send the order" }).click();
    await said(page, "order");
    const items = [
      { retailerId: "pan-30", quantity: 2, price1000: "90000" },
      { retailerId: "ube-10", quantity: 1, price1000: "850000" },
    ];
    expect((await heard(page)).value).toMatchObject({ catalogId: "c1", items });
    await log(page).getByText("Order", { exact: true }).waitFor();
  });

  it("a catalogue is asked of the shop, page by page", async () => {
    const page = await open(DESK);
    await log(page).waitFor();
    await page.evaluate(() => {
      type Shop = { respond: (kind: string, json: { after?: string }) => unknown };
      const { nena } = (globalThis as unknown as { fake: { nena: Shop } }).fake;
      const product = (id: string) => ({
        catalog_id: "c1",
        retailer_id: id,
        name: id,
        price_1000: "50000",
        currency: "PHP",
      });
      nena.respond = (_kind, { after }) =>
        after ? { products: [product("Second")], next: "" } : { products: [product("First")], next: "two" };
    });
    await log(page).getByRole("button", { name: "View the catalogue" }).click();
    const sheet = page.getByRole("dialog");
    await sheet.getByText("First").waitFor();
    await sheet.getByRole("button", { name: "Show more" }).click();
    await sheet.getByText("Second").waitFor();
  });

  it("a form is filled in screen by screen, and says what is missing", async () => {
    const page = await open(DESK);
    await log(page).getByRole("button", { name: "Order a cake" }).click();
    const form = page.getByRole("dialog");
    await form.getByRole("button", { name: "Next" }).click();
    expect(await form.getByText("This is needed.").count()).toBe(3);
    await expect.poll(() => violations(page)).toEqual([]);
    await form.getByLabel("Name on the cake").fill("Ana");
    await form.getByLabel("Size").selectOption("For twenty");
    await form.getByLabel(/Ube/).check();
    await form.getByLabel("Candles").check();
    await form.getByRole("button", { name: "Next" }).click();
    await form.getByText("For Ana").waitFor();
    await form.getByLabel(/Anything else/).fill("No nuts");
    await form.getByRole("button", { name: "Send" }).click();
    await said(page, "interactiveReply");
    const { value } = await heard(page);
    expect(value).toMatchObject({ kind: "nfm_reply", name: "flow" });
    const filled = { name: "Ana", size: "20", taste: "ube", extras: ["candles"], wishes: "No nuts", flow_token: "t-1" };
    expect(JSON.parse(String(value.json))).toEqual(filled);
  });

  it("an address is given as programs know it", async () => {
    const page = await open(DESK);
    await log(page).getByRole("button", { name: "Give an address" }).click();
    const form = page.getByRole("dialog");
    for (const [field, text] of Object.entries({
      Name: "Ana",
      "Street and number": "Roxas Boulevard 12",
      City: "Manila",
    }))
      await form.getByLabel(field, { exact: true }).fill(text);
    await expect.poll(() => violations(page)).toEqual([]);
    await form.getByRole("button", { name: "Send", exact: true }).click();
    await said(page, "interactiveReply");
    expect((await heard(page)).value).toMatchObject({ kind: "nfm_reply", name: "address_message" });
  });
});

describe("what a person sends", () => {
  const choose = async (page: Page, item: string, files: { name: string; mimeType: string; buffer: Buffer }[]) => {
    await page.getByRole("button", { name: "Send something else" }).click();
    const chooser = page.waitForEvent("filechooser");
    await page.getByRole("menuitem", { name: item }).click();
    await (await chooser).setFiles(files);
  };

  it("a photo leaves sealed, smaller, and without where it was taken", async () => {
    const page = await open(DESK);
    const buffer = Buffer.from(await photo(page, 3000));
    await choose(page, "Photo or video", [{ name: "IMG_2127.jpg", mimeType: "image/jpeg", buffer }]);
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Words below it (optional)").fill("This one, please");
    await dialog.getByText("kB").waitFor();
    // The button fades from grey to its colour.
    await expect.poll(() => violations(page)).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("button", { name: "Send", exact: true }).click();
    await said(page, "media");
    const { value } = await heard(page);
    expect(value).toMatchObject({
      kind: "image",
      caption: "This one, please",
      mediaType: "image/jpeg",
      width: 2560,
      blob: 32,
      key: 32,
    });
    expect(value.preview).toBeGreaterThan(10);
    await log(page).getByText("This one, please").waitFor();
    const traces = await page.evaluate(async () => {
      const { files } = (globalThis as unknown as Fake).fake;
      return new TextDecoder("latin1").decode(await files.all()).includes("GPS-14.58");
    });
    expect(traces).toBe(false);
  });

  it("what the server does not take is refused before it leaves, with what it takes", async () => {
    const page = await open(DESK);
    const buffer = Buffer.from("MZ");
    await choose(page, "Document", [{ name: "run.exe", mimeType: "application/x-msdownload", buffer }]);
    await page.getByRole("dialog").getByText("Files of this type are not taken. Allowed are PDF and PLAIN.").waitFor();
    expect(await page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).isDisabled()).toBe(true);
  });

  it("waits without a connection, can be called off, and leaves by itself when it is back", async () => {
    const page = await open(DESK);
    await log(page).waitFor();
    await reachable(page, false);
    const pdf = (name: string) => [{ name, mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7") }];
    for (const name of ["first.pdf", "second.pdf"]) {
      await choose(page, "Document", pdf(name));
      await page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
      await log(page)
        .getByRole("button", { name: new RegExp(name) })
        .waitFor();
    }
    await log(page).getByRole("button", { name: "Do not send" }).first().click();
    await log(page)
      .getByRole("button", { name: /first\.pdf/ })
      .waitFor({ state: "detached" });
    await reachable(page, true);
    await said(page, "media");
    expect((await heard(page)).value).toMatchObject({ filename: "second.pdf", kind: "document" });
  });

  it("a contact is written into a card", async () => {
    const page = await open(DESK);
    await page.getByRole("button", { name: "Send something else" }).click();
    await page.getByRole("menuitem", { name: "Contact" }).click();
    await page.getByLabel("Name").fill("Ana Cruz");
    await page.getByLabel("Phone number").fill("+63 917 555 0199");
    expect(await violations(page)).toEqual([]);
    await page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
    await said(page, "contacts");
  });

  it("a voice is recorded as Opus in Ogg, with a level that moves", async () => {
    const page = await open({ ...DESK, permissions: ["microphone"] });
    await page.getByRole("button", { name: "Record a voice message" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("group", { name: "Recording" }).waitFor();
    await page.getByRole("timer").getByText("0:02").waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole("button", { name: "Send the voice message" }).click();
    await said(page, "media");
    const { value } = await heard(page);
    expect(value).toMatchObject({ kind: "audio", voice: true, mediaType: "audio/ogg" });
    await log(page).getByRole("group", { name: "Voice message" }).last().getByRole("button", { name: "Play" }).click();
    await log(page).getByRole("button", { name: "Pause" }).waitFor();
  });
});

describe("every look", () => {
  const looks = [
    { ...PHONE },
    { ...PHONE, colorScheme: "dark", lang: "ar-XB" },
    { ...DESK, colorScheme: "dark", lang: "xx" },
  ] as const;
  for (const [index, look] of looks.entries()) {
    it(`has no violation that axe finds, and nothing wider than the page (${index + 1})`, async () => {
      const page = await open(look);
      await log(page).waitFor();
      for (const part of [0, 0.5, 1]) {
        await log(page).evaluate((node, at) => {
          node.scrollTop = (node.scrollHeight - node.clientHeight) * at;
        }, part);
        expect(await violations(page)).toEqual([]);
      }
      const sideways = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      expect(sideways).toBe(false);
    });
  }
});
