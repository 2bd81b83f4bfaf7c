/** What an address book keeps of a person. */
export type VCard = {
  formattedName: string;
  firstName: string;
  lastName: string;
  middleName: string;
  suffix: string;
  prefix: string;
  /** YYYY-MM-DD, or "". */
  birthday: string;
  phones: readonly { phone: string; type: string; waId: string }[];
  emails: readonly { value: string; type: string }[];
  urls: readonly { value: string; type: string }[];
  addresses: readonly { street: string; city: string; state: string; zip: string; country: string; type: string }[];
  company: string;
  department: string;
  title: string;
};

// RFC 6350, section 3.4: commas, semicolons, backslashes and line breaks of a value are escaped.
function value(text: string): string {
  return text.replace(/[\\,;]/g, "\\$&").replace(/\r\n|\r|\n/g, "\\n");
}

// Section 3.2: no line is longer than 75 bytes; what is goes on behind a space, never inside a character.
function folded(line: string): string {
  const out: string[] = [];
  let now = "";
  let size = 0;
  for (const character of line) {
    const bytes = new TextEncoder().encode(character).length;
    if (size + bytes > 74) {
      out.push(now);
      now = " ";
      size = 1;
    }
    now += character;
    size += bytes;
  }
  return [...out, now].join("\r\n");
}

const typed = (type: string) => (/^[a-z0-9-]+$/i.test(type) ? `;TYPE=${type.toLowerCase()}` : "");

/** A contact as address books read it (vCard 4.0, RFC 6350). */
export function vcard(card: VCard): string {
  const name = [card.lastName, card.firstName, card.middleName, card.prefix, card.suffix].map(value).join(";");
  const org = [card.company, card.department].filter(Boolean).map(value).join(";");
  const lines = [
    "BEGIN:VCARD",
    "VERSION:4.0",
    `FN:${value(card.formattedName)}`,
    `N:${name}`,
    ...(org ? [`ORG:${org}`] : []),
    ...(card.title ? [`TITLE:${value(card.title)}`] : []),
    ...(/^\d{4}-\d{2}-\d{2}$/.test(card.birthday) ? [`BDAY:${card.birthday.replaceAll("-", "")}`] : []),
    ...card.phones.map((one) => `TEL${typed(one.type)}:${value(one.phone || one.waId)}`),
    ...card.emails.map((one) => `EMAIL${typed(one.type)}:${value(one.value)}`),
    ...card.urls.map((one) => `URL${typed(one.type)}:${value(one.value)}`),
    ...card.addresses.map((one) => {
      const place = [one.street, one.city, one.state, one.zip, one.country].map(value).join(";");
      return `ADR${typed(one.type)}:;;${place}`;
    }),
    "END:VCARD",
  ];
  return `${lines.map(folded).join("\r\n")}\r\n`;
}
