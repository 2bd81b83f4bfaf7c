"""A program written with heyoo, which has graph.facebook.com written into it, run against Suki unchanged.

Nothing of it is told where Suki is: the two lines that `suki serve --dev-tls` prints are in the environment, and whatever goes to
https://graph.facebook.com comes out at the server. The customer is one of the sandbox's, and what arrived is read from his own screen. Each
step prints a line; the first one that does not hold ends the run with an error.
"""

import json
import os
import queue
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import requests
from heyoo import WhatsApp
from world import PATIENCE, PNG, Customer, check, step

GRAPH = "https://graph.facebook.com/v14.0"
QUESTION, WELCOME, REPLY = "Do you have pandesal?", "Yes, fresh from the oven.", "The ensaymada is ready, too."


class Webhook:
    """The program's own web server, on a free port of the loopback: it answers the challenge, and keeps what comes."""

    def __init__(self) -> None:
        self.messages: queue.Queue[dict] = queue.Queue()
        self.statuses: dict[str, list[str]] = {}
        self.changed = threading.Condition()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(parse_qs(urlsplit(self.path).query).get("hub.challenge", [""])[0])

            def do_POST(self) -> None:
                outer.take(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.answer("")

            def answer(self, text: str) -> None:
                self.send_response(200)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, update: dict) -> None:
        client = WhatsApp()
        if client.is_message(update):
            self.messages.put(update)
            return
        for status in client.preprocess(update).get("statuses", []):
            with self.changed:
                self.statuses.setdefault(status["id"], []).append(client.get_delivery(update))
                self.changed.notify_all()

    def next_message(self, what: str) -> dict:
        try:
            return self.messages.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"{what} did not arrive through the webhook") from None

    def read(self, message_id: str) -> list[str]:
        """The statuses of a message once it was read."""
        with self.changed:
            arrived = self.changed.wait_for(lambda: "read" in self.statuses.get(message_id, []), PATIENCE)
            check(arrived, f"no read status; there are {self.statuses.get(message_id)}")
            return list(self.statuses[message_id])


def sent(answer: dict) -> str:
    """The id of what was sent."""
    check("messages" in answer, f"it was refused: {answer}")
    return answer["messages"][0]["id"]


def register(webhook: Webhook) -> None:
    body = {"object": "whatsapp_business_account", "callback_url": webhook.url, "verify_token": "a word of ours", "fields": "messages"}
    token = f"{os.environ['SUKI_APP_ID']}|{os.environ['SUKI_APP_SECRET']}"
    answer = requests.post(f"{GRAPH}/{os.environ['SUKI_APP_ID']}/subscriptions", json={**body, "access_token": token})
    check(answer.json() == {"success": True}, f"the registration: {answer.text}")
    step("registered a webhook at graph.facebook.com, which was Suki")


def hear(webhook: Webhook, customer: Customer, client: WhatsApp) -> str:
    update = webhook.next_message("the customer's message")
    check(client.changed_field(update) == "messages", "the field")
    check(client.get_message(update) == QUESTION, f"the customer wrote {client.get_message(update)!r}")
    check(client.get_mobile(update) == customer.phone, f"the customer's number is {client.get_mobile(update)}")
    check(client.get_name(update) == "Ana Reyes", f"the customer is called {client.get_name(update)}")
    check(client.get_message_type(update) == "text" and client.get_message_timestamp(update).isdigit(), f"the message is {update}")
    step("the customer's message arrived, and heyoo read number, name, text, type and time out of it")
    asked = client.get_message_id(update)
    check(client.mark_as_read(asked) == {"success": True}, "marking as read")
    step("marked it as read")
    return asked


def texts(webhook: Webhook, customer: Customer, client: WhatsApp, asked: str) -> None:
    first = sent(client.send_message(WELCOME, customer.phone))
    customer.sees_text(WELCOME)
    second = sent(client.reply_to_message(asked, customer.phone, REPLY))
    customer.sees_text(REPLY)
    step("sent a text and a reply; the customer's screen shows both")
    for one in (first, second):
        seen = webhook.read(one)
        check(seen == ["sent", "delivered", "read"], f"the statuses were {seen}")
    step("both were sent, delivered and read, once each and in this order")


def templates(customer: Customer, client: WhatsApp) -> None:
    components = [
        {"type": "HEADER", "format": "TEXT", "text": "Order {{1}}", "example": {"header_text": ["A-7"]}},
        {"type": "BODY", "text": "Hello {{1}}, your order is ready and waits for you at our shop.", "example": {"body_text": [["Ana"]]}},
    ]
    template = {"name": "order_ready", "language": "en_US", "category": "UTILITY", "components": components}
    made = requests.post(f"{GRAPH}/{os.environ['SUKI_WABA_ID']}/message_templates", json=template, headers=client.headers).json()
    check(made.get("status") == "APPROVED", f"the template: {made}")
    filled = [
        {"type": "header", "parameters": [{"type": "text", "text": "B-12"}]},
        {"type": "body", "parameters": [{"type": "text", "text": "Ana"}]},
    ]
    sent(client.send_template("order_ready", customer.phone, filled, lang="en_US"))
    customer.sees("the template", lambda line: "Hello Ana, your order is ready and waits for you at our shop." in line["text"])
    step("made a template and sent it; the customer reads it filled in")


def files(customer: Customer, client: WhatsApp) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/ube.png"
        with open(path, "wb") as file:
            file.write(PNG)
        uploaded = client.upload_media(media=path)["id"]
        sent(client.send_image(image=uploaded, recipient_id=customer.phone, caption="Ube halaya", link=False))
        customer.sees("the picture", lambda line: line["type"] == "image" and "Ube halaya" in line["text"])
        url = client.query_media_url(uploaded)
        check(url is not None and client.download_media(url, "image/png", f"{folder}/back") is not None, "fetching the picture")
        with open(f"{folder}/back.png", "rb") as file:
            check(file.read() == PNG, "other bytes came back")
        check(client.delete_media(uploaded) == {"success": True}, "deleting the picture")
    step("a picture: uploaded, sent, looked up, fetched, deleted")


def rich(webhook: Webhook, customer: Customer, client: WhatsApp) -> None:
    sent(client.send_location(14.5995, 120.9842, "Aling Nena", "Quiapo", customer.phone))
    customer.sees_type("location")
    person = {"name": {"formatted_name": "Ben Cruz", "first_name": "Ben"}, "phones": [{"phone": "+639170000000", "type": "WORK"}]}
    sent(client.send_contacts([person], customer.phone))
    customer.sees_type("contacts")
    step("a place and a person")
    yes, no = ({"type": "reply", "reply": {"id": one, "title": one.title()}} for one in ("yes", "no"))
    offered = sent(client.send_reply_button({"type": "button", "body": {"text": "Deliver?"}, "action": {"buttons": [yes, no]}}, customer.phone))
    customer.sees_text("Deliver?")
    customer.presses(offered, 1)
    pressed = client.get_interactive_response(webhook.next_message("the press"))
    check(pressed["button_reply"] == {"id": "no", "title": "No"}, f"what was pressed is {pressed}")
    rows = [{"id": "pandesal", "title": "Pandesal", "description": "Ten"}]
    bread = {"header": "Bread", "body": "Which?", "footer": "Salamat", "action": {"button": "Bread", "sections": [{"title": "Hot", "rows": rows}]}}
    offered = sent(client.send_button(bread, customer.phone))
    customer.sees_text("Which?")
    customer.presses(offered, 0)
    chosen = client.get_interactive_response(webhook.next_message("the choice"))
    check(chosen["list_reply"]["id"] == "pandesal", f"what was chosen is {chosen}")
    step("buttons pressed and rows chosen, as heyoo reads them")
    sent(client.send_reaction("👍", offered, customer.phone))
    customer.sends({"type": "location", "location": {"latitude": 14.6, "longitude": 121.0, "name": "Palengke"}})
    place = client.get_location(webhook.next_message("the place"))
    check(place["name"] == "Palengke", f"the place is {place}")
    step("received a place")


def refusals(customer: Customer, client: WhatsApp) -> None:
    error = client.send_message("x" * 4097, customer.phone)["error"]
    check(error["code"] == 100 and error["fbtrace_id"], f"the error is {error}")
    wrong = WhatsApp("EAAwrong", os.environ["SUKI_PHONE_NUMBER_ID"]).send_message(WELCOME, customer.phone)["error"]
    check(wrong["code"] == 190, f"the error is {wrong}")
    try:
        requests.get("https://example.com/", timeout=PATIENCE)
        raise AssertionError("the proxy led to example.com")
    except requests.exceptions.ProxyError as error:
        check("leads to graph.facebook.com, api.facebook.com, lookaside.fbsbx.com alone" in str(error), f"the proxy said {error}")
    step("refused in Meta's words: a text that is too long, a wrong token; in clear words: another host through the proxy")


def main() -> None:
    webhook = Webhook()
    client = WhatsApp(os.environ["SUKI_TOKEN"], os.environ["SUKI_PHONE_NUMBER_ID"])
    check(client.base_url.startswith("https://graph.facebook.com/"), f"heyoo was changed: {client.base_url}")
    register(webhook)
    customer = Customer("Ana Reyes", QUESTION)
    asked = hear(webhook, customer, client)
    texts(webhook, customer, client, asked)
    templates(customer, client)
    files(customer, client)
    rich(webhook, customer, client)
    refusals(customer, client)


if __name__ == "__main__":
    main()
