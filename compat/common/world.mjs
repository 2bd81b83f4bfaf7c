// What every scenario in JavaScript needs: steps, the program's own web server, and a customer of the sandbox whose screen can be read.
import { createServer } from "node:http";

/** Milliseconds that anything may take to arrive. */
const PATIENCE = 20_000;

export const env = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; "suki env" prints it`);
  return value;
};

export function step(text) {
  console.log(`ok  ${text}`);
}

export function check(holds, what) {
  if (!holds) throw new Error(what);
}

/** Asks again until there is an answer. */
export async function within(what, ask) {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const found = await ask();
    if (found) return found;
    check(Date.now() < end, `${what} did not happen within ${PATIENCE / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}

/** A web server on a free port of the loopback. `handle` takes a Request and answers with a Response. */
export async function listen(handle) {
  const server = createServer(async (incoming, outgoing) => {
    const parts = [];
    for await (const part of incoming) parts.push(part);
    const { method, headers, url } = incoming;
    const body = method === "GET" ? undefined : Buffer.concat(parts);
    const answer = await handle(new Request(new URL(url, address), { method, headers, body }));
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
    outgoing.end(Buffer.from(await answer.arrayBuffer()));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = `http://127.0.0.1:${server.address().port}`;
  return { address, close: () => server.close() };
}

/** Registers a callback for an app, as a developer does in a dashboard or by the edge behind it. */
export async function subscribe(callback, verifyToken) {
  const token = `${env("SUKI_APP_ID")}|${env("SUKI_APP_SECRET")}`;
  const body = { object: "whatsapp_business_account", callback_url: callback, verify_token: verifyToken, fields: "messages", access_token: token };
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${env("SUKI_URL")}/v25.0/${env("SUKI_APP_ID")}/subscriptions`, request);
  check(answer.ok, `the webhook was not registered: ${await answer.text()}`);
}

/** A simulated customer: a device with keys of its own. */
export class Customer {
  static async join(name, behaviour = { auto: { deliver: true, read: true, replies: [] }, delay_millis: 0, language: "en" }) {
    const made = await ask("POST", "", { count: 1, slug: "aling-nena", name, say: [], behaviour });
    return new Customer(made.data[0].phone);
  }

  constructor(phone) {
    this.phone = phone;
  }

  say(text) {
    return ask("POST", `/${this.phone}/messages`, { text });
  }

  /** Says anything a customer may send, written as webhooks tell of it. */
  send(content) {
    return ask("POST", `/${this.phone}/messages`, content);
  }

  /** Presses what stands at this place of a message of the business. */
  press(message, choice) {
    return ask("POST", `/${this.phone}/presses`, { message, choice });
  }

  screen() {
    return ask("GET", `/${this.phone}`);
  }

  /** The line of the business on his screen for which `shown` holds. */
  sees(what, shown) {
    return within(`"${what}" on the customer's screen`, async () => (await this.screen()).find((line) => line.from === "business" && shown(line)));
  }
}

async function ask(method, path, body) {
  const headers = { Authorization: `Bearer ${env("SUKI_SANDBOX_TOKEN")}`, "Content-Type": "application/json" };
  const answer = await fetch(`${env("SUKI_URL")}/sandbox/api/customers${path}`, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  check(answer.ok, `the sandbox refused ${method} ${path}: ${text}`);
  return text ? JSON.parse(text) : undefined;
}

/** A picture of one colour, 8 by 8: small, and a real PNG. */
export const PNG = Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC", "base64");
