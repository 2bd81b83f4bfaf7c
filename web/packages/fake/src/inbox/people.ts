import { EVERYTHING, type More } from "./contents.ts";

/** What one side says at a time: minutes before now, and the text. `api` marks what a program sent. */
export type Line = {
  ago: number;
  from: "customer" | "business";
  text: string;
  by?: "maria" | "jun" | "api";
  replyTo?: number;
  status?: "pending" | "sent" | "delivered" | "read" | "failed";
  /** What it is beyond words. */
  more?: More;
};

export type Person = {
  id: string;
  name: string;
  phone: string | null;
  username: string | null;
  unread: number;
  lines: Line[];
};

const HOUR = 60;
const DAY = 24 * HOUR;

/** The customers of a bakery on a busy Friday: several scripts, long texts, links, failures. */
export const PEOPLE: Person[] = [
  {
    id: "con_01ana",
    name: "Ana Reyes",
    phone: "+63 917 555 0134",
    username: "ana.reyes",
    unread: 2,
    lines: [
      { ago: 2 * DAY + 140, from: "customer", text: "Hi! Do you make ensaymada for pick-up on Sundays?" },
      {
        ago: 2 * DAY + 131,
        from: "business",
        by: "maria",
        text: "Good morning Ana! Yes, every Sunday from 7 until they are gone, usually around 10 😊",
        status: "read",
      },
      { ago: 2 * DAY + 130, from: "business", by: "maria", text: "Shall I put some aside for you?", status: "read" },
      { ago: 2 * DAY + 124, from: "customer", text: "Please! A box of six, half with cheese and half ube" },
      {
        ago: 2 * DAY + 122,
        from: "business",
        by: "maria",
        text: "Done. Box of six, 3 cheese and 3 ube, 390 pesos. It will have your name on it.",
        status: "read",
        replyTo: 3,
      },
      { ago: 2 * DAY + 121, from: "customer", text: "💜" },
      {
        ago: 1 * DAY + 35,
        from: "business",
        by: "api",
        text: "Your order 4182 is confirmed for Sunday, 22 November, 8:00. Change it here: https://panaderia-luna.example/orders/4182",
        status: "read",
      },
      {
        ago: 96,
        from: "customer",
        text: "Good afternoon! My sister is coming too, so could we make it two boxes instead of one?",
      },
      {
        ago: 92,
        from: "business",
        by: "jun",
        text: "Of course. Two boxes of six, 780 pesos altogether. Same mix for the second one?",
        status: "read",
        replyTo: 7,
      },
      {
        ago: 91,
        from: "business",
        by: "jun",
        text: "We also have a new one with salted egg, if you like to try 🥚",
        status: "read",
      },
      {
        ago: 6,
        from: "customer",
        text: "Oh, salted egg sounds good! Let us do 2 salted egg in the second box and the rest cheese.",
      },
      { ago: 5, from: "customer", text: "And can I pay with GCash when I come?" },
    ],
  },
  {
    id: "con_02layla",
    name: "ليلى حداد",
    phone: "+971 50 555 0192",
    username: null,
    unread: 1,
    lines: [
      {
        ago: 5 * HOUR,
        from: "customer",
        text: "مساء الخير، هل لديكم كعكة خالية من الجلوتين لعيد ميلاد ابنتي يوم السبت؟",
      },
      {
        ago: 5 * HOUR - 8,
        from: "business",
        by: "maria",
        text: "Hello Layla! Yes: chocolate or mango, for 8 or for 12 people.",
        status: "read",
      },
      {
        ago: 18,
        from: "customer",
        text: "رائع! المانجو لاثني عشر شخصًا من فضلك. اكتبوا عليها: «عيد ميلاد سعيد يا نور» 🎂",
      },
    ],
  },
  {
    id: "con_03tomasz",
    name: "Tomasz Wiśniewski",
    phone: "+48 555 010 733",
    username: "tomek",
    unread: 0,
    lines: [
      {
        ago: 22 * HOUR + 20,
        from: "customer",
        text: "Hello, we are an office of 40 in Makati. Could you deliver pandesal every Monday morning before 8?",
      },
      {
        ago: 21 * HOUR,
        from: "business",
        by: "jun",
        text: "Hello Tomasz! Mondays before 8 work for us. For 40 people I would count 100 pieces: 600 pesos, delivery free in Makati. We bake at 5, the van leaves at 6:15, so they are still warm when your people come in.\n\nWhat we need from you:\n• the address and the floor\n• a name and a number at the reception\n• how you like to pay (invoice by month is fine)\n\nIf you want, we bring 20 pieces this Monday as a sample, on the house.",
        status: "delivered",
      },
    ],
  },
  {
    id: "con_04rina",
    name: "রিনা চৌধুরী",
    phone: "+880 1555 010 447",
    username: null,
    unread: 0,
    lines: [
      {
        ago: 9 * HOUR,
        from: "customer",
        text: "আসসালামু আলাইকুম, কালকের জন্য দুই ডজন পাউরুটি অর্ডার করতে চাই। সকাল আটটার মধ্যে পাঠাতে পারবেন?",
      },
      { ago: 8 * HOUR + 50, from: "business", by: "maria", text: "জি, পারব। ঠিকানাটা আগেরটাই?", status: "read" },
      { ago: 8 * HOUR + 41, from: "customer", text: "হ্যাঁ, আগের ঠিকানা। ধন্যবাদ! 🙏" },
      { ago: 8 * HOUR + 40, from: "business", by: "maria", text: "ধন্যবাদ আপনাকে, কাল দেখা হবে।", status: "read" },
    ],
  },
  {
    id: "con_05jose",
    name: "José Miguel dela Cruz-Villanueva",
    phone: "+63 918 555 0177",
    username: "jmdcv",
    unread: 0,
    lines: [
      { ago: 3 * DAY, from: "customer", text: "Is the shop open on November 30?" },
      {
        ago: 3 * DAY - 4,
        from: "business",
        by: "jun",
        text: "It is Bonifacio Day, so we are open only until noon.",
        status: "read",
      },
      { ago: 3 * DAY - 6, from: "customer", text: "Salamat po!" },
    ],
  },
  {
    id: "con_06guest",
    name: "Guest 4F2A",
    phone: null,
    username: null,
    unread: 0,
    lines: [
      { ago: 40, from: "customer", text: "hi, saw your QR code at the market. how much is the leche flan?" },
      {
        ago: 38,
        from: "business",
        by: "maria",
        text: "Hello! The small one is 120, the large one 220.",
        status: "sent",
      },
      { ago: 37, from: "business", by: "maria", text: "We are at the market until 6 today.", status: "failed" },
    ],
  },
  {
    id: "con_07petra",
    name: "Пётр Ильин",
    phone: "+7 555 010-28-19",
    username: null,
    unread: 4,
    lines: [
      { ago: 1 * DAY + 3 * HOUR, from: "customer", text: "Добрый день! Есть ли у вас ржаной хлеб?" },
      { ago: 1 * DAY + 3 * HOUR - 1, from: "customer", text: "И сколько стоит?" },
      { ago: 1 * DAY + 3 * HOUR - 2, from: "customer", text: "Можно ли заказать заранее, я живу далеко" },
      { ago: 1 * DAY + 3 * HOUR - 3, from: "customer", text: "Заранее спасибо" },
    ],
  },
  {
    id: "con_08grace",
    name: "Grace Lim",
    phone: "+63 920 555 0150",
    username: "gracelim",
    unread: 0,
    lines: [
      {
        ago: 5 * DAY + 60,
        from: "customer",
        text: "The cake was perfect, everyone asked where it is from. Thank you!!",
      },
      {
        ago: 5 * DAY + 30,
        from: "business",
        by: "maria",
        text: "That makes our week, Grace. Thank you for writing! 🌸",
        status: "read",
      },
    ],
  },
  {
    id: "con_09new",
    name: "Bert Salonga",
    phone: "+63 921 555 0108",
    username: null,
    unread: 0,
    lines: [
      {
        ago: 8 * DAY,
        from: "business",
        by: "api",
        text: "Thank you for joining our Sunday list, Bert.",
        status: "delivered",
      },
    ],
  },
];

/** A customer with whom everything was said that can be said. */
export function nina(): Person {
  const lines = EVERYTHING.map(({ from, text, more }, index): Line => {
    return { ago: 2 * EVERYTHING.length - 2 * index, from, text, more, ...(from === "business" && { by: "api" }) };
  });
  return { id: "con_10nina", name: "Nina Kalaw", phone: "+63 917 555 0199", username: null, unread: 0, lines };
}

const FIRST = ["Liza", "Ramon", "Imelda", "Carlo", "Divina", "Paolo", "Teresa", "Noel", "Cora", "Dante", "Luz", "Emil"];
const FAMILY = ["Santos", "Garcia", "Mendoza", "Torres", "Flores", "Castillo", "Ramos", "Aquino", "Navarro", "Salazar"];
const LAST = [
  "Thank you, see you on Sunday!",
  "Do you have a stall at the Saturday market?",
  "Okay po, on my way.",
  "Can I change my order to the large one?",
  "The pandan was sold out last time, is it back?",
  "👍",
];

/** Older customers, so that the list is long enough to scroll; the same for the same count. */
export function regulars(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `con_r${String(index).padStart(3, "0")}`,
    name: `${FIRST[index % FIRST.length]} ${FAMILY[(index * 7) % FAMILY.length]}`,
    phone: `+63 922 555 ${String(1000 + index)}`,
    username: null,
    unread: 0,
    lines: [
      { ago: (9 + index) * DAY + ((index * 131) % 900), from: "customer", text: LAST[index % LAST.length] ?? "" },
    ],
  }));
}

/** A long past for one chat, so that older messages have to be loaded. */
export function past(count: number): Line[] {
  return Array.from({ length: count }, (_, index) => ({
    ago: 4 * DAY + (count - index) * 7 * HOUR,
    from: index % 3 === 1 ? "business" : "customer",
    ...(index % 3 === 1 ? { by: index % 2 ? "maria" : "jun", status: "read" as const } : {}),
    text: `${LAST[(index * 5) % LAST.length]}${index % 11 === 0 ? " I come with the children this time, so please make it a big box, and something without nuts for the little one." : ""}`,
  })) as Line[];
}
