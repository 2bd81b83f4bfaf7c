import type { CaseKind, CaseRow, Detail, Reported } from "@suki/console-api";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Told = {
  kind: CaseKind;
  business: string;
  subject: string;
  title?: string;
  age: number;
  first?: string;
  detail: Detail;
  /** Their times count from now. */
  reported?: Reported[];
};

const WARM = {
  name: "order_ready",
  language: "fil",
  category: "UTILITY",
  parameter_format: "NAMED",
  components: [
    {
      type: "HEADER",
      format: "TEXT",
      text: "Handa na, {{name}}!",
      example: { header_text_named_params: [{ param_name: "name", example: "Ana" }] },
    },
    {
      type: "BODY",
      text: "Ang order mo na *{{order}}* ay puwede nang kunin hanggang {{until}}. Salamat sa pagbili!",
      example: {
        body_text_named_params: [
          { param_name: "order", example: "No. 4711" },
          { param_name: "until", example: "18:00" },
        ],
      },
    },
    { type: "FOOTER", text: "Panadería Luna, Quezon City" },
    {
      type: "BUTTONS",
      buttons: [
        { type: "QUICK_REPLY", text: "Papunta na ako" },
        {
          type: "URL",
          text: "Tingnan ang order",
          url: "https://luna.example/o/{{1}}",
          example: ["https://luna.example/o/4711"],
        },
      ],
    },
  ],
};

const LOUD = {
  name: "mega_sale_1111",
  language: "en_US",
  category: "UTILITY",
  components: [
    { type: "HEADER", format: "IMAGE" },
    {
      type: "BODY",
      text: "HUGE SALE!!! Everything must go, {{1}}. Only today {{2}} off on all miracle pills. Reply NOW!!!",
      example: { body_text: [["Ana", "90 %"]] },
    },
    { type: "BUTTONS", buttons: [{ type: "COPY_CODE", example: "PILL90" }] },
  ],
};

/** What waits when the fake begins, the newest first. */
export const WAITING: readonly Told[] = [
  {
    kind: "name",
    business: "acc_luna",
    subject: "Panadería Luna & Co.",
    age: 3 * HOUR + 12 * MINUTE,
    detail: { name: "Panadería Luna & Co.", before: "Panadería Luna", level: "checked", breaches: [] },
  },
  {
    kind: "name",
    business: "acc_maria",
    subject: "Maria Santos",
    age: 26 * HOUR,
    detail: {
      name: "Maria Santos",
      before: "",
      level: "plain",
      breaches: [
        {
          rule: "personal_name",
          message: "Maria Santos is a person's name; a business has the name that its customers know it by.",
        },
      ],
    },
  },
  {
    kind: "verification",
    business: "acc_luna",
    subject: "Panadería Luna OPC",
    age: 2 * DAY + 5 * HOUR,
    detail: {
      level: "confirmed",
      name: "Panadería Luna",
      entity: "company",
      legal_name: "Panadería Luna OPC",
      registration_number: "CS201912345",
      country: "PH",
      address: "12 Kamuning Road, Quezon City",
      website: "https://luna.example",
      email: "office@luna.example",
      official_phone: "63288123456",
      proven_phone: "63288123456",
      numbers_match: true,
      documents: [
        {
          id: 1,
          name: "Certificate of incorporation.pdf",
          media_type: "application/pdf",
          bytes: 482_113,
          complete: true,
        },
        { id: 2, name: "Mayor's permit 2026.jpg", media_type: "image/jpeg", bytes: 1_204_551, complete: true },
      ],
      criteria: [
        "The company is in the public register of its country.",
        "The documents name the company as the request does.",
        "The name is the company's own, or a brand that belongs to it.",
      ],
    },
  },
  {
    kind: "number",
    business: "acc_taxi",
    subject: "Taxi Manila Inc.",
    age: 7 * HOUR,
    detail: {
      level: "checked",
      name: "Taxi Manila",
      entity: "company",
      legal_name: "Taxi Manila Inc.",
      registration_number: "A199712345",
      country: "PH",
      address: "88 España Boulevard, Manila",
      website: "https://taximanila.example",
      email: "",
      official_phone: "63285550101",
      proven_phone: "63285550199",
      numbers_match: false,
      documents: [],
      criteria: ["The number is the one in the company's official contact data."],
    },
  },
  {
    kind: "template",
    business: "acc_luna",
    subject: "9007",
    title: "order_ready",
    age: 40 * MINUTE,
    detail: { ...WARM, findings: [], appeal: null },
  },
  {
    kind: "template",
    business: "acc_pills",
    subject: "9011",
    age: 5 * HOUR + 20 * MINUTE,
    title: "mega_sale_1111",
    detail: {
      ...LOUD,
      findings: [
        "“miracle pills” stands in the list of prohibited goods (medicine).",
        "It advertises; its category is utility.",
      ],
      appeal: null,
    },
  },
  {
    kind: "report",
    business: "acc_pills",
    subject: "rpt_31",
    title: "Spam",
    age: 9 * HOUR,
    detail: { report: "rpt_31", reason: "spam", messages: 2, blocked: true },
    reported: [
      {
        message_id: "msg_1",
        sent_at: -9 * HOUR - 4 * MINUTE,
        template: 0,
        text: "Lose 10 kg in a week! Our pills have no side effects, order now.",
      },
      {
        message_id: "msg_2",
        sent_at: -9 * HOUR - 2 * MINUTE,
        template: 0,
        text: "Last chance!!! https://pills.example/go",
      },
    ],
  },
  {
    kind: "appeal",
    business: "acc_pills",
    subject: "measure 4",
    age: 11 * HOUR,
    first: "cas_old1",
    detail: {
      text: "We removed the pills from our shop on Monday. Please look again.",
      measure: "outreach",
      cause: "report_upheld",
    },
  },
];

/** Cases that were decided before. */
export function decided(now: number): Map<string, CaseRow & { business: string; decided_by: string }> {
  const one = (
    id: string,
    business: string,
    kind: CaseKind,
    state: "approved" | "rejected",
    subject: string,
    age: number,
    reason: string,
    code: string,
  ) => ({
    id,
    business,
    kind,
    state,
    subject,
    title: subject,
    opened_at: now - age - 5 * HOUR,
    first: null,
    claimed_until: null,
    decided_at: now - age,
    reason,
    code,
    decided_by: "Bo Cruz",
  });
  const all = [
    one(
      "cas_old1",
      "acc_pills",
      "report",
      "approved",
      "report 28",
      3 * DAY,
      "The messages sell medicine, which the rules list as prohibited.",
      "PROHIBITED_GOODS",
    ),
    one(
      "cas_old2",
      "acc_luna",
      "name",
      "approved",
      "Panadería Luna",
      200 * DAY,
      "It is the name on the sign and in the register.",
      "",
    ),
    one(
      "cas_old3",
      "acc_pills",
      "template",
      "rejected",
      "9002",
      6 * DAY,
      "It advertises; propose it again as marketing.",
      "INCORRECT_CATEGORY",
    ),
  ];
  return new Map(all.map((row) => [row.id, row]));
}
