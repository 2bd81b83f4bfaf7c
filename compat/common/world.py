"""What every scenario in Python needs: steps, and a customer of the sandbox whose screen can be read."""

import os
import time
from typing import Any, Callable

import requests

PATIENCE = 20.0
"""Seconds that anything may take to arrive."""

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000080000000808020000004b6d29dc0000001249444154789c63f8cfc0801561"
    "171db4120028ff3fc16eecdf610000000049454e44ae426082"
)
"""A picture of one colour, 8 by 8."""


def step(text: str) -> None:
    print(f"ok  {text}", flush=True)


def check(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(what)


def within(what: str, ask: Callable[[], Any]) -> Any:
    """Asks again until there is an answer."""
    end = time.monotonic() + PATIENCE
    while not (found := ask()):
        check(time.monotonic() < end, f"{what} did not happen within {PATIENCE:.0f} s")
        time.sleep(0.03)
    return found


class Customer:
    """A simulated customer, asked over the sandbox's own interface: what he says, and what his screen shows."""

    def __init__(self, name: str, says: str) -> None:
        self.base = f"{os.environ['SUKI_URL']}/sandbox/api/customers"
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {os.environ['SUKI_SANDBOX_TOKEN']}"
        behaviour = {"auto": {"deliver": True, "read": True, "replies": []}, "delay_millis": 0, "language": "en"}
        new = {"count": 1, "slug": "aling-nena", "name": name, "say": [says], "behaviour": behaviour}
        self.phone: str = self.session.post(self.base, json=new).json()["data"][0]["phone"]

    def sends(self, message: dict) -> None:
        """Says anything a customer may send, written as webhooks tell of it."""
        answer = self.session.post(f"{self.base}/{self.phone}/messages", json=message)
        check(answer.ok, f"the customer could not say it: {answer.text}")

    def presses(self, message: str, choice: int) -> None:
        """Presses what stands at this place of a message of the business."""
        answer = self.session.post(f"{self.base}/{self.phone}/presses", json={"message": message, "choice": choice})
        check(answer.ok, f"nothing was pressed: {answer.text}")

    def sees(self, what: str, shown: Callable[[dict], bool]) -> dict:
        """The line of the business on his screen for which `shown` holds."""

        def line() -> dict | None:
            screen = self.session.get(f"{self.base}/{self.phone}").json()
            return next((one for one in screen if one["from"] == "business" and shown(one)), None)

        return within(f"{what} on the customer's screen", line)

    def sees_text(self, text: str) -> dict:
        return self.sees(f"the text {text!r}", lambda line: text in line["text"])

    def sees_type(self, kind: str) -> dict:
        return self.sees(f"a message of the type {kind}", lambda line: line["type"] == kind)
