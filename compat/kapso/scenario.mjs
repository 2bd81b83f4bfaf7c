// A program written with @kapso/whatsapp-cloud-api, of which nothing but the base URL is set: it sends everything its client can send, reads what the
// customer answers with the client's own webhook helpers, and manages templates, media, the profile and flows.
import { GraphApiError, WhatsAppClient } from "@kapso/whatsapp-cloud-api";
import { normalizeWebhook, verifySignature } from "@kapso/whatsapp-cloud-api/server";
import { Customer, PNG, check, env, listen, step, subscribe, within } from "./world.mjs";

const client = new WhatsAppClient({ accessToken: env("SUKI_TOKEN"), baseUrl: env("SUKI_URL"), graphVersion: "v24.0" });
const phoneNumberId = env("SUKI_PHONE_NUMBER_ID");
const received = { messages: [], statuses: [] };

async function hook(request) {
  if (request.method === "GET") return new Response(new URL(request.url).searchParams.get("hub.challenge"));
  const rawBody = Buffer.from(await request.arrayBuffer());
  const signatureHeader = request.headers.get("x-hub-signature-256");
  check(verifySignature({ appSecret: env("SUKI_APP_SECRET"), rawBody, signatureHeader }), "the signature is not the app's");
  const events = normalizeWebhook(JSON.parse(rawBody.toString()));
  received.messages.push(...events.messages);
  received.statuses.push(...events.statuses);
  return new Response("ok");
}

async function statuses(id) {
  const all = () => received.statuses.filter((one) => one.id === id).map((one) => one.status);
  await within(`the read status of ${id}`, () => all().includes("read"));
  return all();
}

const customer = await Customer.join("Luz Santos");
const to = customer.phone;
const server = await listen(hook);
await subscribe(server.address, "a word of ours");
step("the webhook answered its challenge");

await customer.say("Is the shop open?");
const asked = await within("the customer's question", () => received.messages.find((one) => one.text?.body === "Is the shop open?"));
check(asked.from === to && asked.fromUserId, `who wrote is known by number and user id: ${JSON.stringify(asked)}`);
step("a signed message arrived; the client normalised it");

await client.messages.markRead({ phoneNumberId, messageId: asked.id, typingIndicator: { type: "text" } });
const text = await client.messages.sendText({ phoneNumberId, to: `+${to}`, body: "Yes, until eight.", contextMessageId: asked.id });
check(text.contacts[0].input === `+${to}` && text.contacts[0].waId === to, `contacts: ${JSON.stringify(text)}`);
await customer.sees("the answer", (line) => line.text === "Yes, until eight.");
check((await statuses(text.messages[0].id)).join() === "sent,delivered,read", "the statuses come once each, in order");
step("a reply: sent, delivered, read");

const byUserId = await client.messages.sendText({ phoneNumberId, recipient: asked.fromUserId, body: "By your user id." });
check(byUserId.messages[0].id, "a message to a business-scoped user id");
await customer.sees("the message by user id", (line) => line.text === "By your user id.");
step("sent to the business-scoped user id");

const media = await client.media.upload({ phoneNumberId, type: "image/png", file: new Blob([PNG], { type: "image/png" }), fileName: "ube.png" });
const known = await client.media.get({ mediaId: media.id, phoneNumberId });
check(known.mimeType === "image/png" && Number(known.fileSize) === PNG.length, `the file is known: ${JSON.stringify(known)}`);
const bytes = Buffer.from(await client.media.download({ mediaId: media.id, phoneNumberId, as: "arrayBuffer", auth: "always" }));
check(bytes.equals(PNG), "the file comes back byte for byte");
await client.messages.sendImage({ phoneNumberId, to, image: { id: media.id, caption: "Ube halaya" } });
await customer.sees("the picture", (line) => line.text === "Ube halaya");
step("a picture: uploaded, looked up, downloaded, sent");

const location = { latitude: 14.5995, longitude: 120.9842, name: "Aling Nena", address: "Quiapo, Manila" };
await client.messages.sendLocation({ phoneNumberId, to, location });
await client.messages.sendContacts({ phoneNumberId, to, contacts: [{ name: { formattedName: "Nena Cruz", firstName: "Nena" }, phones: [{ phone: "+639171234567", type: "WORK" }] }] });
await client.messages.sendReaction({ phoneNumberId, to, reaction: { messageId: asked.id, emoji: "👍" } });
await customer.sees("the contact", (line) => line.text.includes("Nena Cruz"));
step("a place, a person, a reaction");

const buttons = [{ id: "yes", title: "Yes, please" }, { id: "no", title: "No, thank you" }];
const offered = await client.messages.sendInteractiveButtons({ phoneNumberId, to, bodyText: "Shall we deliver?", footerText: "Free above ₱500", buttons });
await customer.sees("the buttons", (line) => line.text.includes("Shall we deliver?"));
await customer.press(offered.messages[0].id, 0);
const pressed = await within("the button's reply", () => received.messages.find((one) => one.interactive?.buttonReply?.id === "yes"));
check(pressed.context?.id === offered.messages[0].id, `the reply names what it answers: ${JSON.stringify(pressed)}`);
const sections = [{ title: "Bread", rows: [{ id: "pandesal", title: "Pandesal", description: "₱4 each" }] }];
await client.messages.sendInteractiveList({ phoneNumberId, to, bodyText: "What would you like?", buttonText: "Choose", sections });
await client.messages.sendInteractiveCtaUrl({ phoneNumberId, to, bodyText: "Our menu", parameters: { displayText: "Open", url: "https://shop.example/menu" } });
await client.messages.sendInteractiveLocationRequest({ phoneNumberId, to, bodyText: "Where shall we bring it?", parameters: { requestMessage: "Where shall we bring it?" } });
await customer.sees("the request for a place", (line) => line.text.includes("Where shall we bring it?"));
step("buttons and the one that was pressed, a list, a link, a request for a place");

const name = "order_ready";
const body = { type: "BODY", text: "Hello {{1}}, your order is ready and waits for you at our shop.", example: { body_text: [["Luz"]] } };
const businessAccountId = env("SUKI_WABA_ID");
await client.templates.create({ businessAccountId, name, language: "en_US", category: "UTILITY", components: [body] });
const listed = await client.templates.list({ businessAccountId, limit: 10 });
check(listed.data.some((one) => one.name === name), `the template is listed: ${JSON.stringify(listed.data.map((one) => one.name))}`);
const filled = { name, language: { code: "en_US" }, components: [{ type: "body", parameters: [{ type: "text", text: "Luz" }] }] };
await client.messages.sendTemplate({ phoneNumberId, to, template: filled });
await customer.sees("the template", (line) => line.text.includes("Hello Luz, your order is ready"));
await client.templates.delete({ businessAccountId, name });
step("a template: made, listed, sent, deleted");

await client.phoneNumbers.businessProfile.update({ phoneNumberId, about: "Bread since 1987", websites: ["https://shop.example"] });
const profile = await client.phoneNumbers.businessProfile.get({ phoneNumberId });
check(profile.data[0].about === "Bread since 1987", `the profile: ${JSON.stringify(profile)}`);
step("the profile, changed and read");

try {
  await client.messages.sendText({ phoneNumberId, to: "999000999999", body: "Is anybody there?" });
  throw new Error("a message to a number that nobody has was taken");
} catch (error) {
  check(error instanceof GraphApiError && error.code === 131026, `the refusal is ${error}`);
}
step("a number that nobody has: the client throws the error of its code");
server.close();
