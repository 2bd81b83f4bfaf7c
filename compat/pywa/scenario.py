"""A program written for the WhatsApp Cloud API with pywa, run against Suki with only its base URL changed.

It registers its own webhook, serves a customer, and follows its messages through their statuses; then everything it can say (talk.py) and
manage (office.py). The first customer is the command given as arguments; where Suki is comes from what `suki env` prints. Each step prints a
line; the first one that does not hold ends the run with an error.
"""

import os
import queue
import socket
import subprocess
import sys
import threading

import httpx
import uvicorn
from fastapi import FastAPI
from office import office
from pywa import WhatsApp, errors, filters, types
from talk import talk
from world import PATIENCE, check, step, within

VERIFY_TOKEN = "a word that only the two of us know"
QUESTION, WELCOME, NEWS, ANSWER = "Do you have pandesal?", "Yes, fresh from the oven.", "Your order 7 is ready.", "Thank you, twenty please."


class Inbox:
    """What the webhook received: messages in their order, and the statuses of each message sent."""

    def __init__(self) -> None:
        self.messages: queue.Queue[types.Message] = queue.Queue()
        self.updates: queue.Queue = queue.Queue()
        self.statuses: dict[str, list[types.MessageStatus]] = {}
        self.changed = threading.Condition()

    def listen(self, wa: WhatsApp) -> None:
        @wa.on_message(filters.text)
        def message(_: WhatsApp, one: types.Message) -> None:
            self.messages.put(one)

        @wa.on_message(~filters.text)
        def other(_: WhatsApp, one: types.Message) -> None:
            self.updates.put(one)

        @wa.on_callback_button
        def button(_: WhatsApp, one: types.CallbackButton) -> None:
            self.updates.put(one)

        @wa.on_flow_completion
        def completion(_: WhatsApp, one: types.FlowCompletion) -> None:
            self.updates.put(one)

        @wa.on_callback_selection
        def selection(_: WhatsApp, one: types.CallbackSelection) -> None:
            self.updates.put(one)

        @wa.on_message_status
        def status(_: WhatsApp, one: types.MessageStatus) -> None:
            with self.changed:
                self.statuses.setdefault(one.id, []).append(one)
                self.changed.notify_all()

    def next_message(self, what: str) -> types.Message:
        try:
            return self.messages.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"{what} did not arrive through the webhook") from None

    def next_update(self, what: str):
        """The next press, choice, or message that is no text."""
        try:
            return self.updates.get(timeout=PATIENCE)
        except queue.Empty:
            raise AssertionError(f"{what} did not arrive through the webhook") from None

    def read(self, message_id: str) -> list[types.MessageStatus]:
        """The statuses of a message once it was read."""

        def done() -> bool:
            return any(one.status == types.MessageStatusType.READ for one in self.statuses.get(message_id, []))

        with self.changed:
            check(self.changed.wait_for(done, PATIENCE), f"no read status; there are {self.statuses.get(message_id)}")
            return list(self.statuses[message_id])


class Webhook:
    """The program's own web server, on a free port of the loopback."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.verified = threading.Event()

        @self.app.middleware("http")
        async def watch(request, call_next):
            answer = await call_next(request)
            if request.method == "GET" and answer.status_code == 200:
                self.verified.set()
            return answer

        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.server = uvicorn.Server(uvicorn.Config(self.app, log_level="warning"))
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [listener]}, daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(PATIENCE)


def connect(base: str, webhook: Webhook, token: str | None = None) -> WhatsApp:
    """The client as its documentation shows it; the one line that is not there sets the base URL."""
    wa = WhatsApp(
        phone_id=os.environ["SUKI_PHONE_NUMBER_ID"],
        token=token or os.environ["SUKI_TOKEN"],
        waba_id=os.environ["SUKI_WABA_ID"],
        server=None if token else webhook.app,
        callback_url=None if token else webhook.url,
        verify_token=None if token else VERIFY_TOKEN,
        app_id=os.environ["SUKI_APP_ID"],
        app_secret=os.environ["SUKI_APP_SECRET"],
        webhook_challenge_delay=1,
    )
    wa.api._session.base_url = str(wa.api._session.base_url).replace("https://graph.facebook.com", base)
    return wa


def register(base: str, webhook: Webhook) -> None:
    check(webhook.verified.wait(PATIENCE), "Suki did not verify the webhook with a challenge")
    token = f"{os.environ['SUKI_APP_ID']}|{os.environ['SUKI_APP_SECRET']}"
    path = f"{base}/v24.0/{os.environ['SUKI_APP_ID']}/subscriptions"

    def registered() -> bool:
        answer = httpx.get(path, params={"access_token": token}).raise_for_status().json()
        return any(one["callback_url"].startswith(webhook.url) and one["active"] for one in answer["data"])

    within("the registration", registered)
    step("pywa registered its own webhook, and Suki verified it with a challenge")


def serve_customer(wa: WhatsApp, inbox: Inbox) -> types.Message:
    asked = inbox.next_message("the customer's message")
    check(asked.text == QUESTION, f"the customer wrote {asked.text!r}")
    check(asked.from_user.wa_id == os.environ["SUKI_CUSTOMER_PHONE"], f"the customer is {asked.from_user}")
    check(asked.from_user.name == "Ana Reyes", f"the customer is called {asked.from_user.name!r}")
    check(asked.metadata.phone_number_id == os.environ["SUKI_PHONE_NUMBER_ID"], f"the metadata is {asked.metadata}")
    step("the customer's message arrived through the signed webhook, with his name and number")

    check(asked.mark_as_read().success, "marking as read")
    check(asked.indicate_typing().success, "indicating typing")
    step("marked it as read, showed that an answer is being written")

    first = asked.reply(WELCOME)
    answered = inbox.next_message("the answer to the reply")
    check(answered.text == ANSWER, f"the answer was {answered.text!r}")
    step("replied, and received the customer's answer")

    second = wa.send_message(to=asked.from_user.wa_id, text=NEWS, tracker="order-7")
    check(inbox.next_message("the answer to the text").text == ANSWER, "the second answer")
    step("sent a text to the number, and received the answer")

    for sent in (first, second):
        seen = [one.status.value for one in inbox.read(sent.id)]
        # pywa answers first and works afterwards, so that a later one may overtake.
        check(sorted(seen) == ["delivered", "read", "sent"], f"the statuses were {seen}")
    check(all(one.tracker == "order-7" for one in inbox.read(second.id)), "the tracker came back")
    step("both messages: sent, delivered, read, once each, with the tracker")
    return asked


def refusals(wa: WhatsApp, base: str, webhook: Webhook, inbox: Inbox) -> None:
    try:
        wa.send_message(to="999000999999", text="Is anybody there?")
        raise AssertionError("a message to a number that nobody has was taken")
    except errors.MessageUndeliverable as error:
        check(error.code == 131026, f"the code is {error.code}")
    step("a number that nobody has: pywa raises MessageUndeliverable")

    try:
        wa.send_message(to=os.environ["SUKI_CUSTOMER_PHONE"], text="x" * 4097)
        raise AssertionError("4,097 characters were taken")
    except errors.WhatsAppError as error:
        check(error.code == 100, f"the code is {error.code}")
    step("a text that is too long: pywa raises the error of its code")

    try:
        connect(base, webhook, token="EAAwrong").send_message(to=os.environ["SUKI_CUSTOMER_PHONE"], text="Hello")
        raise AssertionError("a wrong token was taken")
    except errors.ExpiredAccessToken as error:
        check(error.code == 190, f"the code is {error.code}")
    step("a wrong token: pywa raises ExpiredAccessToken")

    forged = httpx.post(webhook.url, json={"object": "whatsapp_business_account", "entry": []}, headers={"X-Hub-Signature-256": "sha256=" + "0" * 64})
    check(forged.status_code == 403, f"pywa took an update with a wrong signature: {forged.status_code}")
    check(inbox.messages.empty(), "messages that nobody wrote")
    step("pywa validates signatures: a forged update is refused, and nothing else came")


def main(customer: list[str]) -> None:
    base = os.environ["SUKI_URL"]
    inbox, webhook = Inbox(), Webhook()
    wa = connect(base, webhook)
    inbox.listen(wa)
    webhook.start()
    register(base, webhook)
    number = wa.get_business_phone_number()
    check(number.id == os.environ["SUKI_PHONE_NUMBER_ID"], f"the number is {number}")
    step(f"asked for its own number: {number.verified_name}")
    command = [*customer, "--name", "Ana Reyes", "--say", QUESTION, "--auto", f"deliver,read,reply:{ANSWER}"]
    person = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        serve_customer(wa, inbox)
        refusals(wa, base, webhook, inbox)
        person.terminate()
        talk(wa, inbox)
        office(wa, inbox, webhook.url, VERIFY_TOKEN)
    finally:
        person.terminate()
        person.wait(PATIENCE)
        webhook.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
