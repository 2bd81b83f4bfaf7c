import type { FakeBusiness, FakeConversation, FakeFiles } from "@suki/model/testing";
import { rgbaToThumbHash } from "thumbhash";
import FLOW from "./fake-flow.json";

type Body = Parameters<FakeBusiness["post"]>[1];
type Offered = Awaited<ReturnType<FakeFiles["offer"]>>;

/** A picture of nothing in particular: a bun on a table, in colours of its own. */
async function picture(hue: number, width: number, height: number): Promise<{ file: Blob; preview: Uint8Array }> {
  const draw = (wide: number, high: number) => {
    const canvas = new OffscreenCanvas(wide, high);
    const to = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
    const ground = to.createLinearGradient(0, 0, wide, high);
    ground.addColorStop(0, `hsl(${hue} 60% 86%)`);
    ground.addColorStop(1, `hsl(${hue + 40} 45% 46%)`);
    to.fillStyle = ground;
    to.fillRect(0, 0, wide, high);
    to.fillStyle = `hsl(${hue - 10} 55% 62%)`;
    to.beginPath();
    to.ellipse(wide / 2, high * 0.56, wide * 0.3, high * 0.24, 0, 0, 7);
    to.fill();
    return { canvas, to };
  };
  const small = draw(
    Math.round((90 * width) / Math.max(width, height)),
    Math.round((90 * height) / Math.max(width, height)),
  );
  const { width: w, height: h } = small.canvas;
  const preview = rgbaToThumbHash(w, h, small.to.getImageData(0, 0, w, h).data);
  return { file: await draw(width, height).canvas.convertToBlob({ type: "image/jpeg", quality: 0.8 }), preview };
}

/** Two seconds of a falling tone. */
function sound(): Blob {
  const rate = 8000;
  const data = new DataView(new ArrayBuffer(44 + rate * 4));
  const words = (at: number, text: string) => {
    for (const [index, one] of [...text].entries()) data.setUint8(at + index, one.charCodeAt(0));
  };
  words(0, "RIFF");
  data.setUint32(4, 36 + rate * 4, true);
  words(8, "WAVEfmt ");
  for (const [at, value] of [
    [16, 16],
    [24, rate],
    [28, rate * 2],
    [40, rate * 4],
  ] as const)
    data.setUint32(at, value, true);
  for (const [at, value] of [
    [20, 1],
    [22, 1],
    [32, 2],
    [34, 16],
  ] as const)
    data.setUint16(at, value, true);
  words(36, "data");
  for (let at = 0; at < rate * 2; at += 1) {
    data.setInt16(44 + at * 2, 9000 * Math.sin((at * (500 - at / 60)) / rate), true);
  }
  return new Blob([data], { type: "audio/wav" });
}

const product = (id: string, name: string, price: number, image?: Offered, sale = 0) => ({
  catalogId: "c1",
  retailerId: id,
  name,
  description: "Baked this morning",
  price1000: BigInt(price * 1000),
  salePrice1000: BigInt(sale * 1000),
  currency: "PHP",
  ...(image && { image }),
});

/** A shop that sends, one thing after another. */
class Sender {
  readonly files: FakeFiles;
  readonly #shop: FakeBusiness;
  readonly #chat: FakeConversation;
  readonly #wait: () => void;

  constructor(shop: FakeBusiness, chat: FakeConversation, files: FakeFiles, wait: () => void) {
    this.files = files;
    this.#shop = shop;
    this.#chat = chat;
    this.#wait = wait;
  }

  readonly send = async (body: Body): Promise<void> => {
    await this.#shop.post(this.#chat, body);
    this.#wait();
  };

  readonly press = (body: string, action: unknown, more: object = {}): Promise<void> =>
    this.send({ case: "interactive", value: { body, action, ...more } } as Body);

  readonly photo = async (hue: number, width: number, height: number) => {
    const { file, preview } = await picture(hue, width, height);
    return { ...(await this.files.offer(file, { kind: "image" })), width, height, preview };
  };
}

interface Photos {
  wide: Awaited<ReturnType<Sender["photo"]>>;
  high: Awaited<ReturnType<Sender["photo"]>>;
  small: Awaited<ReturnType<Sender["photo"]>>;
}

async function allFiles({ send, files }: Sender, { wide, high, small }: Photos): Promise<void> {
  await send({ case: "media", value: { ...wide, caption: "The ensaymada of this morning, still warm." } });
  await send({ case: "media", value: high });
  const film = await files.offer(new Blob([new Uint8Array(3_400_000)], { type: "video/mp4" }), { kind: "video" });
  await send({ case: "media", value: { ...film, width: 1280, height: 720, millis: 21_000, preview: wide.preview } });
  const voice = await files.offer(sound(), { kind: "audio" });
  await send({ case: "media", value: { ...voice, voice: true, millis: 2000 } });
  const list = await files.offer(new Blob(["%PDF-1.7 prices"], { type: "application/pdf" }), { kind: "document" });
  await send({
    case: "media",
    value: { ...list, filename: "Price list, November 2026.pdf", caption: "Prices until Christmas" },
  });
  await send({ case: "media", value: { ...small, kind: "sticker", width: 512, height: 512 } });
}

async function people({ send }: Sender): Promise<void> {
  const place = {
    latitude: 14.57312,
    longitude: 120.98941,
    name: "Aling Nena’s Panaderya",
    address: "Taft Avenue 2127, Manila",
  };
  await send({ case: "location", value: place });
  const phones = [{ phone: "+63 917 555 0142", type: "CELL" }];
  const cards = [
    {
      formattedName: "Jun Reyes",
      firstName: "Jun",
      lastName: "Reyes",
      company: "Panaderya",
      title: "Delivery",
      phones,
    },
    { formattedName: "Nena Santos", emails: [{ value: "nena@panaderya.example" }] },
  ];
  await send({ case: "contacts", value: { cards } });
}

async function choices({ press }: Sender, { wide, high, small }: Photos): Promise<void> {
  const buttons = [
    { id: "today", title: "Today" },
    { id: "friday", title: "Friday" },
    { id: "never", title: "Not this week" },
  ];
  await press(
    "When shall we bake it?",
    { case: "buttons", value: { buttons } },
    { footer: "Orders until eight", header: { case: "headerMedia", value: small } },
  );
  const rows = [
    { id: "six", title: "Six o’clock", description: "Straight out of the oven" },
    { id: "noon", title: "Noon", description: "" },
  ];
  const sections = [
    { title: "Morning", rows },
    { title: "Afternoon", rows: [{ id: "four", title: "Four o’clock", description: "With merienda" }] },
  ];
  await press("Choose when you come for it.", { case: "list", value: { button: "Times", sections } });
  await press("Pay before you come, and it is packed.", {
    case: "link",
    value: { text: "Pay now", url: "https://suki.panaderya.ph/pay/2127" },
  });
  await press("Where shall Jun bring it?", { case: "locationRequest", value: {} });
  const slides = [wide, high].map((media, index) => ({
    header: { case: "media", value: media },
    body: index === 0 ? "Ensaymada, twelve pieces" : "Ube cake, serves ten",
    buttons: [{ id: `slide-${index}`, title: "Order this" }],
  }));
  await press("Two of this week:", { case: "carousel", value: { cards: slides } });
}

async function goods({ press }: Sender, { wide, high, small }: Photos): Promise<void> {
  await press("Our best seller", { case: "product", value: product("ens-12", "Ensaymada, twelve", 420, wide, 380) });
  const shelf = [
    {
      title: "Bread",
      products: [product("pan-30", "Pandesal, thirty", 90, small), product("whe-1", "Wheat loaf", 75)],
    },
    {
      title: "Cakes",
      products: [
        product("ube-10", "Ube cake", 850, high),
        { ...product("cho-10", "Chocolate cake", 900), unavailable: true },
      ],
    },
  ];
  const text = { case: "headerText", value: "For the weekend" };
  await press(
    "Choose, and send us the cart.",
    { case: "products", value: { catalogId: "c1", sections: shelf } },
    { header: text },
  );
  await press("Everything we bake", {
    case: "catalog",
    value: { catalogId: "c1", thumbnail: product("ens-12", "Ensaymada, twelve", 420, wide) },
  });
  await press("Tell us about the birthday.", {
    case: "flow",
    value: { flowId: "900", callToAction: "Order a cake", token: "t-1", screen: "CAKE", json: JSON.stringify(FLOW) },
  });
  await press("Where shall it go?", { case: "address", value: { country: "PH", values: "{}" } });
}

/** Everything that a shop can send, one after another. */
export async function contents(
  shop: FakeBusiness,
  chat: FakeConversation,
  files: FakeFiles,
  wait: () => void,
): Promise<void> {
  const sender = new Sender(shop, chat, files, wait);
  const photos = {
    wide: await sender.photo(28, 1200, 800),
    high: await sender.photo(300, 700, 1100),
    small: await sender.photo(90, 640, 640),
  };
  await allFiles(sender, photos);
  await people(sender);
  await choices(sender, photos);
  await goods(sender, photos);
}
