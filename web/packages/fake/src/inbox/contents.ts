import type { ContactContent, Held, MediaContent, Message, ProductContent } from "@suki/inbox";

const PREVIEW = "1QcSHQRnh493V4dIh4eXh1h4kJUI";

const file = (kind: MediaContent["kind"], about: Partial<MediaContent>): MediaContent => ({
  kind,
  media_type: "image/svg+xml",
  bytes: 84_000,
  caption: "",
  filename: "",
  voice: false,
  width: 1200,
  height: 800,
  millis: 0,
  preview: PREVIEW,
  ...about,
});

const product = (name: string, price: number, about: Partial<ProductContent> = {}): ProductContent => ({
  retailer_id: name.toLowerCase().replaceAll(" ", "-"),
  name,
  description: "Baked this morning",
  price_1000: price * 1000,
  sale_price_1000: 0,
  currency: "PHP",
  unavailable: false,
  image: null,
  ...about,
});

const nobody: ContactContent = {
  formatted_name: "",
  first_name: "",
  last_name: "",
  middle_name: "",
  suffix: "",
  prefix: "",
  birthday: "",
  phones: [],
  emails: [],
  urls: [],
  addresses: [],
  company: "",
  department: "",
  title: "",
};

/** What a line is beyond its words, and who put which emoji on it. */
export type More = Held & Partial<Pick<Message, "reactions" | "referral">>;
type Said = { from: "customer" | "business"; text: string; more: More };

const files: Said[] = [
  {
    from: "customer",
    text: "Is this the cake?",
    more: {
      type: "image",
      content: file("image", { caption: "Is this the cake?" }),
      reactions: [{ from: "business", emoji: "❤️", at: 0 }],
      referral: {
        source_type: "ad",
        source_url: "https://ads.example.com/ensaymada",
        headline: "Ensaymada week",
        body: "Six for the price of five, until Sunday.",
      },
    },
  },
  { from: "customer", text: "", more: { type: "image", content: file("image", { width: 700, height: 1100 }) } },
  {
    from: "customer",
    text: "",
    more: {
      type: "video",
      content: file("video", { media_type: "video/mp4", bytes: 3_400_000, width: 1280, height: 720, millis: 21_000 }),
    },
  },
  {
    from: "customer",
    text: "",
    more: {
      type: "audio",
      content: file("audio", { media_type: "audio/ogg", bytes: 9_000, voice: true, millis: 2_000, preview: "" }),
    },
  },
  {
    from: "business",
    text: "Prices until Christmas",
    more: {
      type: "document",
      content: file("document", {
        media_type: "application/pdf",
        bytes: 240_000,
        filename: "Price list, November 2026.pdf",
        caption: "Prices until Christmas",
        preview: "",
      }),
      reactions: [{ from: "customer", emoji: "🙏", at: 0 }],
    },
  },
  {
    from: "customer",
    text: "",
    more: { type: "sticker", content: file("sticker", { width: 512, height: 512, preview: "" }) },
  },
  {
    from: "customer",
    text: "Home",
    more: {
      type: "location",
      content: { latitude: 14.57312, longitude: 120.98941, name: "Home", address: "Taft Avenue 2127, Manila" },
    },
  },
  {
    from: "customer",
    text: "Jun Reyes",
    more: {
      type: "contacts",
      content: {
        cards: [
          {
            ...nobody,
            formatted_name: "Jun Reyes",
            first_name: "Jun",
            last_name: "Reyes",
            title: "Reception",
            phones: [{ phone: "+63 917 555 0142", type: "CELL", wa_id: "" }],
            emails: [{ value: "jun@example.ph", type: "WORK" }],
          },
        ],
      },
    },
  },
];

const asked: Said[] = [
  {
    from: "business",
    text: "When shall we bake it?",
    more: {
      type: "interactive",
      content: {
        header: { header_media: file("image", { width: 640, height: 640 }) },
        body: "When shall we bake it?",
        footer: "Orders until eight",
        action: {
          buttons: {
            buttons: [
              { id: "today", title: "Today" },
              { id: "friday", title: "Friday" },
            ],
          },
        },
      },
    },
  },
  {
    from: "customer",
    text: "Friday",
    more: {
      type: "interactive",
      content: { kind: "button_reply", id: "friday", title: "Friday", description: "", name: "", json: "" },
    },
  },
  {
    from: "business",
    text: "Choose when you come for it.",
    more: {
      type: "interactive",
      content: {
        header: null,
        body: "Choose when you come for it.",
        footer: "",
        action: {
          list: {
            button: "Times",
            sections: [
              {
                title: "Morning",
                rows: [
                  { id: "six", title: "Six o’clock", description: "Straight out of the oven" },
                  { id: "noon", title: "Noon", description: "" },
                ],
              },
            ],
          },
        },
      },
    },
  },
  {
    from: "business",
    text: "Two of this week:",
    more: {
      type: "interactive",
      content: {
        header: null,
        body: "Two of this week:",
        footer: "",
        action: {
          carousel: {
            cards: ["Ensaymada, twelve pieces", "Ube cake, serves ten"].map((body, index) => ({
              header: { media: file("image", {}) },
              body,
              link: null,
              buttons: [{ id: `card-${index}`, title: "Order this" }],
            })),
          },
        },
      },
    },
  },
  {
    from: "business",
    text: "Our best seller",
    more: {
      type: "interactive",
      content: {
        header: null,
        body: "Our best seller",
        footer: "",
        action: { product: product("Ensaymada", 420, { sale_price_1000: 380_000, image: file("image", {}) }) },
      },
    },
  },
  {
    from: "customer",
    text: "",
    more: {
      type: "interactive",
      content: {
        kind: "nfm_reply",
        id: "",
        title: "",
        description: "",
        name: "flow",
        json: JSON.stringify({
          screen_0_Name_0: "Ana Reyes",
          screen_0_Fillings_1: ["Ube", "Cheese"],
          candles: 12,
          surprise: true,
          flow_token: "f-1",
        }),
      },
    },
  },
  {
    from: "customer",
    text: "Two boxes, please.",
    more: {
      type: "order",
      content: {
        text: "Two boxes, please.",
        items: [
          { retailer_id: "ens-12", quantity: 2, price_1000: 420_000, currency: "PHP", name: "Ensaymada, twelve" },
          { retailer_id: "ube-10", quantity: 1, price_1000: 850_000, currency: "PHP", name: "Ube cake" },
        ],
      },
    },
  },
  {
    from: "business",
    text: "Your cake is on its way.",
    more: {
      type: "template",
      content: null,
      template: {
        header: { type: "media", kind: "image", link: "", filename: "" },
        body: "Your cake is on its way.",
        footer: "Panadería Luna",
        offer: null,
        offer_expires_at: 0,
        buttons: [{ type: "URL", text: "Follow it", value: "https://panaderia-luna.example/way/2127" }],
        cards: [],
      },
    },
  },
  { from: "customer", text: "", more: { type: "unsupported", content: null } },
];

/** One of everything, said by a customer and his baker. */
export const EVERYTHING: readonly Said[] = [...files, ...asked];

/** A picture of nothing in particular, or two seconds of a tone: what a file of a message holds. */
export function bytesOf(message: Message, place: number): Blob {
  return message.type === "audio" ? tone() : picture(message.order * 47 + place * 90);
}

function picture(hue: number): Blob {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="800"><rect width="1200" height="800" fill="hsl(${hue % 360} 55% 78%)"/><ellipse cx="600" cy="450" rx="360" ry="190" fill="hsl(${(hue + 20) % 360} 50% 55%)"/></svg>`;
  return new Blob([svg], { type: "image/svg+xml" });
}

function tone(): Blob {
  const rate = 8000;
  const head = new DataView(new ArrayBuffer(44));
  const text = (at: number, word: string) => {
    for (const [index, one] of [...word].entries()) head.setUint8(at + index, one.charCodeAt(0));
  };
  text(0, "RIFF");
  head.setUint32(4, 36 + rate * 2, true);
  text(8, "WAVEfmt ");
  head.setUint32(16, 16, true);
  head.setUint16(20, 1, true);
  head.setUint16(22, 1, true);
  head.setUint32(24, rate, true);
  head.setUint32(28, rate, true);
  head.setUint16(32, 1, true);
  head.setUint16(34, 8, true);
  text(36, "data");
  head.setUint32(40, rate * 2, true);
  const wave = Uint8Array.from({ length: rate * 2 }, (_, at) => 128 + 40 * Math.sin(at / 6));
  return new Blob([head, wave], { type: "audio/wav" });
}
