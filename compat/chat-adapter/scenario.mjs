// A bot written with the Chat SDK and @chat-adapter/whatsapp, of which nothing but the base URL is set: a full round trip. The customer asks, the bot
// answers, offers buttons, reacts, takes a picture and sends one back.
import { createMemoryState } from "@chat-adapter/state-memory";
import { createWhatsAppAdapter } from "@chat-adapter/whatsapp";
import { Actions, Button, Card, CardText, Chat } from "chat";
import { Customer, PNG, check, env, listen, step, subscribe, within } from "./world.mjs";

const whatsapp = createWhatsAppAdapter({
  accessToken: env("SUKI_TOKEN"),
  apiUrl: env("SUKI_URL"),
  appSecret: env("SUKI_APP_SECRET"),
  phoneNumberId: env("SUKI_PHONE_NUMBER_ID"),
  verifyToken: "a word of ours",
});
const bot = new Chat({ userName: "nena", adapters: { whatsapp }, state: createMemoryState(), concurrency: "concurrent", logger: "warn" });
const heard = [];
const actions = [];
const reactions = [];

bot.onDirectMessage(async (thread, message) => {
  heard.push({ thread, message });
  if (message.text === "Is the shop open?") {
    await thread.startTyping();
    await thread.post({ markdown: "Yes, **until eight**." });
  }
});
bot.onAction(async (event) => {
  actions.push(event);
  await event.thread.post("We bring it at five.");
});
bot.onReaction(async (event) => reactions.push(event));

const server = await listen((request) => bot.webhooks.whatsapp(request));
await subscribe(server.address, "a word of ours");
step("the adapter answered the challenge");

const customer = await Customer.join("Jun Ocampo");
await customer.say("Is the shop open?");
const first = await within("the question at the bot", () => heard.find((one) => one.message.text === "Is the shop open?"));
check(first.message.author.fullName === "Jun Ocampo", `who wrote: ${JSON.stringify(first.message.author)}`);
await customer.sees("the answer", (line) => line.text === "Yes, *until eight*.");
step("a signed message reached the bot, and its answer the customer");

const card = Card({
  title: "Delivery",
  children: [CardText("Shall we deliver?"), Actions([Button({ id: "yes", label: "Yes" }), Button({ id: "no", label: "No" })])],
});
const offered = await first.thread.post(card);
await customer.sees("the buttons", (line) => line.text.includes("Shall we deliver?"));
await customer.press(offered.id, 0);
await within("the press at the bot", () => actions.find((one) => one.actionId === "yes"));
await customer.sees("the answer to the press", (line) => line.text === "We bring it at five.");
step("buttons: offered, pressed, answered");

await whatsapp.addReaction(first.thread.id, first.message.id, "thumbs_up");
await customer.send({ type: "reaction", reaction: { message_id: offered.id, emoji: "❤️" } });
await within("the customer's reaction at the bot", () => reactions.length > 0);
step("reactions, both ways");

await first.thread.post({ markdown: "Ube halaya", files: [{ data: PNG, filename: "ube.png", mimeType: "image/png" }] });
await customer.sees("the picture", (line) => line.type === "image");
step("a picture, uploaded and sent");
await bot.shutdown();
server.close();
