#!/usr/bin/env python3
"""Writes openapi-v23.jsonl: a scenario for each request example of Meta's OpenAPI file of the business messaging API, v23.0 (MIT, facebook/openapi).

    from-openapi.py EXAMPLES.json > openapi-v23.jsonl

EXAMPLES.json lists the file's operations: {"operations": [{method, path, operationId, request_examples: {name: {content_type, value}}}]}. Only what
an example shows of the wire is taken: names, types, nesting, ids, addresses and how long its texts are. The texts themselves are made here. What an
example says in its place (`<IMAGE_OBJECT_ID>`, `{{Flow-ID}}`, somebody's number) becomes `${image}`, `${flow}`, `${to}`: fixtures.json makes them.
"""

import itertools
import json
import re
import sys

LETTERS = "kapetinapaypandesalubehalayabukasposalamatensaymadaumagatindahan"

OBJECTS = {
    "Application-ID": "app", "Business-ID": "business", "Phone-Number-ID": "number", "WhatsApp-Account-Number-ID": "number",
    "WhatsApp-Business-Account-ID": "account", "WABA-ID": "account", "TEMPLATE_ID": "template", "QR-Code-ID": "qr",
}
"""What stands in a path, and what the scenarios call it. A path with anything else is an object that Suki has none of."""

PLACES = {
    "<AUDIO_OBJECT_ID>": "${audio}", "<IMAGE_OBJECT_ID>": "${image}", "<VIDEO_OBJECT_ID>": "${video}", "<DOCUMENT_OBJECT_ID>": "${document}",
    "<MEDIA_OBJECT_ID>": "${sticker}", "<http(s)://audio-url>": "${audio_link}", "http(s)://audio-url": "${audio_link}",
    "<http(s)://document-url>": "${document_link}", "<http(s)://sticker-url>": "${sticker_link}", "<http(s)://video-url>": "${video_link}",
    "http(s)://image-url": "${image_link}", "http(s)://the-image-url": "${image_link}", "{{Recipient-Phone-Number}}": "${to}",
    "{{Recipient-WA-Phone-Number}}": "${to}", "{{Flow-ID}}": "${flow}", "{{Flow-Name}}": "${flow_name}", "<SCREEN_ID>": "FIRST",
    "<HEADER_TYPE>": "text", "<MSGID_OF_MSG_YOU_ARE_REPLYING_TO>": "${wamid}", "<MSGID_OF_PREV_MSG>": "${wamid}", "wamid.HBgLM...": "${wamid}",
    "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUYzMjEzNDM2RTZGQ0MzMDJBRgA=": "${wamid}", "<ID_TEST_ITEM_1>": "${product_1}",
    "<YOUR_PRODUCT1_SKU_IN_CATALOG>": "${product_1}", "<YOUR_SECOND_PRODUCT1_SKU_IN_CATALOG>": "${product_2}",
    "<YOUR_PRODUCT2_SKU_IN_CATALOG>": "${product_1}", "<YOUR_SECOND_PRODUCT2_SKU_IN_CATALOG>": "${product_2}", "2lc20305pt": "${product_1}",
    "+16505551234": "${to}", "16315552222": "${to}", "16315555555": "${to}", "14085551234": "${to}", "language-and-locale-code": "en_US",
    "https://your-domain.com/webhook/override": "${callback}", "https://your-domain.com/webhook": "${callback}",
    "https://your-webhook-endpoint.com/webhook": "${callback}", "YOUR_VERIFY_TOKEN": "${verify_token}",
    "YOUR_VERIFY_TOKEN_PLACEHOLDER": "${verify_token}", "ANED2T5QRU7HG1": "${qr}", "146265584024623": "${catalog}", "367025965434465": "${catalog}",
    "<LIST_SECTION_1_ROW_1_ID>": "row-1", "<LIST_SECTION_1_ROW_2_ID>": "row-2", "<LIST_SECTION_2_ROW_1_ID>": "row-3",
    "<LIST_SECTION_2_ROW_2_ID>": "row-4", "<UNIQUE_BUTTON_ID_1>": "button-1", "<UNIQUE_BUTTON_ID_2>": "button-2", "<CUSTOM_KEY>": "shop",
    "<FLOW_TOKEN>": "flow-token-1", "<DOCUMENT_FILENAME>": "menu.pdf",
}
"""What an example writes where a caller has something of his own."""

FILES = {"file.ogg": ("audio/ogg", "${ogg_bytes}"), "file.jpg": ("image/jpeg", "${jpeg_bytes}"), "file.webp": ("image/webp", "${webp_bytes}")}

NOT_HERE = {
    "enable-calling-with-video": "there are no calls",
    "enable-sip-calling": "there are no calls",
    "enable-payload-encryption": "messages are encrypted from end to end, by other means",
    "configure-data-storage": "what is stored lies on the owner's server",
    "update-connection-status": "registering and deregistering connect a number",
    "submit-application": "an application comes with documents, in the business app",
    "withdraw-application": "an application comes with documents, in the business app",
    "resubmit-application": "an application comes with documents, in the business app",
    "basic-phone-number": "an account has one number",
    "migration-phone-number": "an account has one number",
    "preverified-phone-number": "an account has one number",
}
"""What is refused on purpose, and why."""

ANSWERS = {
    ("POST", "messages"): ["/messaging_product", "/contacts/0/input", "/contacts/0/wa_id", "/messages/0/id"],
    ("POST", "marketing_messages"): ["/messaging_product", "/contacts/0/input", "/contacts/0/wa_id", "/messages/0/id"],
    ("POST", "media"): ["/id"],
    ("POST", "message_qrdls"): ["/code", "/prefilled_message", "/deep_link_url"],
    ("POST", "block_users"): ["/messaging_product", "/block_users/added_users/0/input", "/block_users/added_users/0/wa_id"],
    ("DELETE", "block_users"): ["/messaging_product", "/block_users/removed_users/0/input", "/block_users/removed_users/0/wa_id"],
    ("POST", "phone_numbers"): ["/id"],
    ("POST", "message_templates"): ["/id", "/status", "/category"],
    ("POST", "calls"): ["/messaging_product"],
    ("POST", "messages_encrypted"): ["/encrypted_contents"],
    ("POST", "whatsapp_business_solution"): ["/solution_id"],
    ("POST", "add_phone_numbers"): ["/id"],
    ("POST", "obo_mobility_intent"): ["/mobility_intent_id"],
    ("POST", "set_solution_migration_intent"): ["/migration_intent_id"],
    ("POST", "schedules"): ["/id"],
}
"""What a client reads of each answer; of all others that it says `success`."""


def own(text: str) -> str:
    """A text of our own, built as an example's: its capitals, signs, digits and variables stand where they stood."""
    parts = re.split(r"(\{\{\w+\}\})", text)
    letters = itertools.cycle(LETTERS)
    return "".join(part if part.startswith("{{") else re.sub(r"[A-Za-z]", lambda found: like(found[0], next(letters)), part) for part in parts)


def like(letter: str, made: str) -> str:
    return made.upper() if letter.isupper() else made


def changed(value, key=""):
    if isinstance(value, dict):
        return {changed_key(name): changed(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [changed(one, key) for one in value]
    return changed_text(value, key) if isinstance(value, str) else value


def changed_key(name: str) -> str:
    return PLACES.get(name, name)


def changed_text(text: str, key: str) -> str:
    if text in PLACES:
        return PLACES[text]
    if key == "code" and text == "123456":
        return "${code}"
    if key == "flow_json":
        return json.dumps(changed(json.loads(text)))
    if key == "sdp":
        return "v=0\r\n"
    if key == "business_public_key":
        return "${public_key}"
    if key in ("profile_picture_handle", "header_handle"):
        return "${image_handle}" if "aW1hZ2U" in text else "${document_handle}"
    if "@" in text and " " not in text:
        return re.sub(r"@.+", "@shop.example", text)
    if key in ("url", "website_url", "websites") and "://" in text:
        return re.sub(r"//[^/]+", "//shop.example", text)
    if text.startswith("<"):
        return own(text.strip("<>").replace("_", " "))
    return own(text) if " " in text and not text.startswith("http") else text


def template_for(sent: dict) -> dict:
    """A template that what is sent of it fits."""
    components = []
    for part in sent.get("components", []):
        parameters = part.get("parameters", [])
        if part["type"] == "header":
            kind = parameters[0]["type"].upper()
            components.append({"type": "HEADER", "format": kind, "example": {"header_handle": ["${image_handle}"]}})
        elif part["type"] == "body":
            variables = ", then ".join("{{%d}}" % (place + 1) for place in range(len(parameters)))
            text = "Good morning! Your order is ready: %s and that is all for today from our shop." % variables
            components.append({"type": "BODY", "text": text, "example": {"body_text": [["A-%d" % place for place in range(len(parameters))]]}})
    if not any(one["type"] == "BODY" for one in components):
        components.append({"type": "BODY", "text": "Good morning! Your order is ready."})
    buttons = [button_for(part) for part in sent.get("components", []) if part["type"] == "button"]
    if buttons:
        components.append({"type": "BUTTONS", "buttons": buttons})
    return {"name": sent["name"], "language": sent["language"]["code"], "category": "MARKETING", "components": components}


def button_for(part: dict) -> dict:
    kind = part["sub_type"].lower()
    if kind == "catalog":
        return {"type": "CATALOG", "text": "View catalog"}
    if kind == "flow":
        return {"type": "FLOW", "text": "Open", "flow_id": "${flow}", "flow_action": "navigate", "navigate_screen": "FIRST"}
    return {"type": "QUICK_REPLY", "text": f"Choice {part['index']}"}


def name_of(text: str) -> str:
    """A name as templates have it."""
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")


def prepared(operation: str, example: str, body: dict) -> list:
    """What has to be done before an example can be: a template is made before it is sent."""
    if operation in ("messages", "marketing_messages") and body.get("type") == "template":
        body["template"]["name"] = name_of(body["template"]["name"])
        return [{"call": "POST /${account}/message_templates", "json": template_for(body["template"]), "has": ["/id"]}]
    if operation == "message_templates":
        body["name"] = name_of(example)[:60]
    if operation == "verify_code":
        return [{"call": "POST /${number}/request_code", "json": {"code_method": "SMS", "language": "en_US"}, "has": ["/success"]}]
    if operation == "block_users" and example.startswith("Unblock"):
        return [{"call": "POST /${number}/block_users", "json": body, "has": ["/block_users"]}]
    return []


def call_of(method: str, path: str):
    """The call, with what the scenarios call its objects; none for objects that Suki has none of."""
    path = path.replace("/{Version}", "/v23.0")
    for name in re.findall(r"\{([^}]+)\}", path):
        if name not in OBJECTS:
            return None
        path = path.replace("{%s}" % name, "${%s}" % OBJECTS[name])
    return f"{method} {path}"


def uploaded(body: dict) -> dict:
    """The fields of an upload, written in an example as curl takes them."""
    name = body["file"].split(";")[0].split("/")[-1]
    media_type, data = FILES[name]
    return {**body, "type": media_type, "file": {"filename": name, "media_type": media_type, "base64": data}}


def scenario(operation: dict, name: str, example: dict):
    call = call_of(operation["method"], operation["path"])
    if call is None:
        return None
    edge = operation["path"].split("/")[-1]
    body = changed(example["value"])
    steps = prepared(edge, name, body)
    kind = "json"
    if edge == "media":
        kind, body = "multipart", uploaded(example["value"])
    elif example["content_type"] == "multipart/form-data":
        kind = "multipart"
    elif example["content_type"] == "application/x-www-form-urlencoded":
        kind = "form"
    if body.get("status") == "read" or (operation["method"], edge) not in ANSWERS:
        has = ["/success"]
    else:
        has = ANSWERS[(operation["method"], edge)]
    steps.append({"call": call, kind: body, "has": has})
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    made = {"id": f"openapi-v23/{operation['operationId']}/{slug}", "steps": steps}
    return {**made, "not_here": NOT_HERE[slug]} if slug in NOT_HERE else made


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        operations = json.load(file)["operations"]
    for operation in operations:
        if not operation["path"].startswith("/{Version}"):
            continue
        for name, example in operation["request_examples"].items():
            made = scenario(operation, name, example)
            if made:
                print(json.dumps(made, ensure_ascii=False))


if __name__ == "__main__":
    main()
