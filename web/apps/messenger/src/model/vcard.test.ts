import { contactsBody } from "@suki/model";
import { vcard } from "@suki/ui/logic";
import { expect, test } from "vitest";

function cardOf(about: Parameters<typeof contactsBody>[0]): string {
  const body = contactsBody(about);
  const card = body.type === "contacts" ? body.contacts.cards[0] : undefined;
  if (!card) throw new Error("no card");
  return vcard(card);
}

test("a contact is written as address books read it (RFC 6350)", () => {
  const text = cardOf({
    cards: [
      {
        formattedName: "Reyes, Jun; the baker",
        firstName: "Jun",
        lastName: "Reyes",
        birthday: "1990-02-03",
        company: "Panaderya",
        phones: [{ phone: "+63 917 555 0142", type: "CELL" }],
        emails: [{ value: "jun@panaderya.example", type: "WORK\r\nNOTE:forged" }],
        addresses: [{ street: "Taft Avenue 2127", city: "Manila", country: "Philippines", type: "" }],
      },
    ],
  });
  expect(text.split("\r\n")).toEqual([
    "BEGIN:VCARD",
    "VERSION:4.0",
    "FN:Reyes\\, Jun\\; the baker",
    "N:Reyes;Jun;;;",
    "ORG:Panaderya",
    "BDAY:19900203",
    "TEL;TYPE=cell:+63 917 555 0142",
    "EMAIL:jun@panaderya.example",
    "ADR:;;Taft Avenue 2127;Manila;;;Philippines",
    "END:VCARD",
    "",
  ]);
});

test("a value begins no line of its own, and long lines are folded between characters", () => {
  const text = cardOf({ cards: [{ formattedName: `A\nEND:VCARD\r\n${"পানাডেরিয়া ".repeat(20)}` }] });
  expect(text.match(/^END:VCARD/gm)).toHaveLength(1);
  for (const line of text.split("\r\n")) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75);
  expect(text.replaceAll("\r\n ", "")).toContain("পানাডেরিয়া ".repeat(20));
});
