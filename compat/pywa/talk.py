"""Everything that pywa can send to a customer, and what it makes of what he does: pressing, choosing, reacting, sending."""

import os

from pywa import WhatsApp, types
from world import PNG, Customer, check, step

OGG, PDF, MP4, WEBP = b"OggS\0\x02 a song", b"%PDF-1.7\n a menu", b"\0\0\0\x18ftypmp42 a film", b"RIFF\x0c\0\0\0WEBPVP8 a sticker"


def files(wa: WhatsApp, customer: Customer) -> None:
    wa.send_image(to=customer.phone, image=PNG, caption="Ube halaya", mime_type="image/png")
    customer.sees("the picture", lambda line: line["type"] == "image" and "Ube halaya" in line["text"])
    wa.send_document(to=customer.phone, document=PDF, filename="menu.pdf", caption="The menu", mime_type="application/pdf")
    customer.sees_type("document")
    wa.send_video(to=customer.phone, video=MP4, mime_type="video/mp4")
    customer.sees_type("video")
    wa.send_audio(to=customer.phone, audio=OGG, mime_type="audio/ogg")
    wa.send_voice(to=customer.phone, voice=OGG, mime_type="audio/ogg")
    customer.sees_type("audio")
    wa.send_sticker(to=customer.phone, sticker=WEBP, mime_type="image/webp")
    customer.sees_type("sticker")
    step("picture, document, film, sound, voice and sticker: uploaded and sent")


def upload(wa: WhatsApp) -> None:
    media = wa.upload_media(PNG, mime_type="image/png", filename="ube.png")
    url = wa.get_media_url(media.id)
    check((url.mime_type, url.file_size) == ("image/png", len(PNG)), f"the file is {url}")
    check(wa.get_media_bytes(url=url.url) == PNG, "other bytes came back")
    check(wa.delete_media(media.id).success, "deleting")
    step("a file: uploaded, looked up, fetched, deleted")


def places_and_people(wa: WhatsApp, customer: Customer) -> None:
    wa.send_location(to=customer.phone, latitude=14.5995, longitude=120.9842, name="Aling Nena", address="Quiapo")
    customer.sees_type("location")
    person = types.Contact(
        name=types.Contact.Name(formatted_name="Ben Cruz", first_name="Ben"), phones=[types.Contact.Phone(phone="+639170000000", type="WORK")]
    )
    wa.send_contact(to=customer.phone, contact=person)
    customer.sees_type("contacts")
    wa.request_location(to=customer.phone, text="Where shall we bring it?")
    customer.sees_text("Where shall we bring it?")
    step("a place, a person, and asking where the customer is")


def choices(wa: WhatsApp, inbox, customer: Customer) -> None:
    buttons = [types.Button(title="Yes", callback_data="yes"), types.Button(title="No", callback_data="no")]
    offered = wa.send_message(to=customer.phone, text="Shall we deliver?", header="Delivery", footer="Free above 500", buttons=buttons)
    customer.sees_text("Shall we deliver?")
    customer.presses(offered.id, 1)
    pressed = inbox.next_update("the press")
    check((pressed.data, pressed.title) == ("no", "No"), f"what was pressed is {pressed}")
    check(pressed.reply_to_message.id == offered.id, "of another message")
    rows = [types.SectionRow(title="Pandesal", callback_data="pandesal", description="Ten"), types.SectionRow(title="Ensaymada", callback_data="e")]
    bread = types.SectionList(button_title="Bread", sections=[types.Section(title="Hot", rows=rows)])
    offered = wa.send_message(to=customer.phone, text="Which?", buttons=bread)
    customer.sees_text("Which?")
    customer.presses(offered.id, 0)
    chosen = inbox.next_update("the choice")
    check((chosen.data, chosen.title, chosen.description) == ("pandesal", "Pandesal", "Ten"), f"what was chosen is {chosen}")
    wa.send_message(to=customer.phone, text="See the menu", buttons=types.URLButton(title="Menu", url="https://shop.example/menu"))
    customer.sees_text("See the menu")
    step("buttons pressed, rows chosen, a link as a button")


def reactions(wa: WhatsApp, inbox, customer: Customer) -> None:
    sent = wa.send_message(to=customer.phone, text="Fresh at five.")
    customer.sees_text("Fresh at five.")
    customer.sends({"type": "reaction", "reaction": {"message_id": sent.id, "emoji": "❤️"}})
    heart = inbox.next_update("the reaction")
    check((heart.reaction.emoji, heart.reaction.message_id) == ("❤️", sent.id), f"the reaction is {heart}")
    wa.send_reaction(to=customer.phone, emoji="👍", message_id=heart.id)
    step("the customer reacted")
    customer.sends({"text": "See you at five"})
    said = inbox.next_message("the text")
    said.react("👍")
    said.unreact()
    step("reacted to a text, and took it back")


def received(inbox, customer: Customer) -> None:
    customer.sends({"type": "location", "location": {"latitude": 14.6, "longitude": 121.0, "name": "Palengke"}})
    place = inbox.next_update("the place")
    check(place.location.name == "Palengke" and place.location.latitude == 14.6, f"the place is {place.location}")
    card = {"name": {"formatted_name": "Ben"}, "phones": [{"phone": "+639170000000", "type": "CELL"}]}
    customer.sends({"type": "contacts", "contacts": [card]})
    people = inbox.next_update("the person")
    check(people.contacts[0].name.formatted_name == "Ben", f"the person is {people.contacts}")
    ad = {"source_type": "ad", "source_id": "120", "source_url": "https://shop.example/ad"}
    customer.sends({"type": "text", "text": {"body": "I saw your ad"}, "referral": ad})
    led = inbox.next_message("the message of whom an ad led here")
    check(led.referral.source_id == "120", f"what led here is {led.referral}")
    step("received a place, a person, and a message of whom an ad led here")


def talk(wa: WhatsApp, inbox) -> None:
    customer = Customer("Luz Santos", "Good morning")
    check(inbox.next_message("the greeting").from_user.wa_id == customer.phone, "somebody else wrote")
    files(wa, customer)
    upload(wa)
    places_and_people(wa, customer)
    choices(wa, inbox, customer)
    reactions(wa, inbox, customer)
    received(inbox, customer)
    blocking(wa, customer)


def blocking(wa: WhatsApp, customer: Customer) -> None:
    blocked = wa.block_users([customer.phone])
    check([one.wa_id for one in blocked.added_users] == [customer.phone], f"blocked is {blocked}")
    check([one.wa_id for one in wa.get_blocked_users()] == [customer.phone], "the list of who is blocked")
    check([one.wa_id for one in wa.unblock_users([customer.phone]).removed_users] == [customer.phone], "unblocking")
    check(list(wa.get_blocked_users()) == [], f"somebody is blocked still in {os.environ['SUKI_URL']}")
    step("blocked a customer, found him in the list, let him write again")
