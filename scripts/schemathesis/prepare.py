"""Signs in, makes one object of each kind, and prints their names as the shell takes them: what is asked for has to be there to be reached."""

import json
import os
import shlex
import time
import urllib.request

URL = os.environ["SUKI_URL"]
NUMBER, ACCOUNT = os.environ["SUKI_PHONE_NUMBER_ID"], os.environ["SUKI_WABA_ID"]
TOKEN = {"Authorization": "Bearer " + os.environ["SUKI_TOKEN"]}
SANDBOX = {"Authorization": "Bearer " + os.environ["SUKI_SANDBOX_TOKEN"]}


def call(method, path, headers, body=None, kind="application/json"):
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    request = urllib.request.Request(URL + path, data, {**headers, "Content-Type": kind}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        text = answer.read()
        return json.loads(text) if text else None, answer.headers


def session(face, link):
    token = link.split("#sign-in=")[1]
    return call("POST", f"/{face}/api/sign-in", {}, {"token": token})[1]["Set-Cookie"].split(";")[0]


def wait(what, ask):
    for _ in range(100):
        found = ask()
        if found:
            return found
        time.sleep(0.1)
    raise SystemExit(f"{what} did not come")


def upload():
    png = bytes.fromhex(
        "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
    )
    field = b'--X\r\nContent-Disposition: form-data; name="messaging_product"\r\n\r\nwhatsapp\r\n'
    file = b'--X\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n' + png + b"\r\n--X--\r\n"
    return call("POST", f"/{NUMBER}/media", TOKEN, field + file, "multipart/form-data; boundary=X")[0]["id"]


def group():
    call("POST", f"/{NUMBER}/groups", TOKEN, {"messaging_product": "whatsapp", "subject": "Fuzz"})
    return wait("the group", lambda: next(iter(call("GET", f"/{NUMBER}/groups", TOKEN)[0]["data"]["groups"]), None))["id"]


def main():
    slug = os.environ["SUKI_CUSTOMER_LINK"].rsplit("/", 1)[1]
    inbox, console = session("inbox", os.environ["SUKI_INBOX_LINK"]), session("console", os.environ["SUKI_CONSOLE_LINK"])
    customer = call("POST", "/sandbox/api/customers", SANDBOX, {"slug": slug, "say": ["Hello"]})[0]["data"][0]
    body = {"name": "fuzz", "language": "en_US", "category": "UTILITY", "components": [{"type": "BODY", "text": "Your order is ready."}]}
    chat = wait("the chat", lambda: next(iter(call("GET", "/inbox/api/chats", {"Cookie": inbox})[0]["data"]), None))["id"]
    made = {
        "SUKI_BUSINESS_ID": call("GET", "/me", TOKEN)[0]["id"],
        "SUKI_TEMPLATE_ID": call("POST", f"/{ACCOUNT}/message_templates", TOKEN, body)[0]["id"],
        "SUKI_MEDIA_ID": upload(),
        "SUKI_GROUP_ID": group(),
        "SUKI_CHAT": chat,
        "SUKI_CUSTOMER_PHONE": customer["phone"],
        "SUKI_INBOX_COOKIE": inbox,
        "SUKI_CONSOLE_COOKIE": console,
    }
    for name, value in made.items():
        print(f"export {name}={shlex.quote(value)}")


main()
