"""What pywa manages: templates, the profile, QR links, settings, the account and its number, groups, flows."""

import os

from pywa import WhatsApp, types
from pywa.types.templates import (
    AuthenticationBody,
    BodyText,
    Buttons,
    CopyCodeOTPButton,
    FooterText,
    HeaderText,
    ParamFormat,
    QuickReplyButton,
    Template,
    TemplateCategory,
    TemplateLanguage,
    TemplateStatus,
    URLButton,
)
from world import Customer, check, step


def templates(wa: WhatsApp, inbox) -> None:
    customer = Customer("Pia Ramos", "Is my order ready?")
    inbox.next_message("the question")
    header = HeaderText("Order {{number}}", number="A-7")
    body = BodyText("Hello {{name}}, your order is ready and waits for you until {{day}} at our shop.", name="Ana", day="Friday")
    link = URLButton(text="Track", url="https://shop.example/orders/{{1}}", example="https://shop.example/orders/A-7")
    buttons = Buttons(buttons=[link, QuickReplyButton(text="Thanks")])
    template = Template(
        name="order_ready",
        category=TemplateCategory.UTILITY,
        language=TemplateLanguage.ENGLISH_US,
        parameter_format=ParamFormat.NAMED,
        components=[header, body, FooterText(text="Aling Nena"), buttons],
    )
    made = wa.create_template(template)
    check(made.status == TemplateStatus.APPROVED, f"the template is {made}")
    filled = [header.params(number="B-12"), body.params(name="Pia", day="Monday"), link.params(url_variable="B-12", index=0)]
    wa.send_template(to=customer.phone, name="order_ready", language=TemplateLanguage.ENGLISH_US, params=filled)
    customer.sees_text("Hello Pia, your order is ready and waits for you until Monday at our shop.")
    step("made a template with named variables and buttons, and sent it filled in")

    found = next(one for one in wa.get_templates() if one.name == "order_ready")
    check((found.id, found.category, len(found.components)) == (made.id, TemplateCategory.UTILITY, 4), f"the list has {found}")
    check(wa.get_template(made.id).name == "order_ready", "the template by its id")
    code = wa.upsert_authentication_template(
        name="login_code",
        languages=[TemplateLanguage.ENGLISH_US, TemplateLanguage.SPANISH],
        otp_button=CopyCodeOTPButton(),
        add_security_recommendation=True,
        code_expiration_minutes=5,
    )
    check(len(list(code)) == 2, f"the templates of codes are {code}")
    otp = CopyCodeOTPButton.params(otp="123456")
    wa.send_template(to=customer.phone, name="login_code", language=TemplateLanguage.ENGLISH_US, params=[AuthenticationBody.params(otp="123456"), otp])
    customer.sees_text("123456")
    check(wa.delete_template("order_ready").success, "deleting")
    check(all(one.name != "order_ready" for one in wa.get_templates()), "the template is there still")
    step("listed, read and deleted it; made one-time codes in two languages and sent one")


def number(wa: WhatsApp) -> None:
    account = wa.get_business_account()
    check(account.id == os.environ["SUKI_WABA_ID"], f"the account is {account}")
    numbers = [one.id for one in wa.get_business_phone_numbers()]
    check(numbers == [os.environ["SUKI_PHONE_NUMBER_ID"]], f"its numbers are {numbers}")
    wa.update_business_profile(about="Fresh at five", industry=types.Industry.RESTAURANT, websites=["https://shop.example"], email="nena@shop.example")
    profile = wa.get_business_profile()
    check((profile.about, profile.industry, profile.email) == ("Fresh at five", types.Industry.RESTAURANT, "nena@shop.example"), f"it is {profile}")
    wa.update_commerce_settings(is_catalog_visible=True, is_cart_enabled=True)
    commerce = wa.get_commerce_settings()
    check(commerce.is_catalog_visible and commerce.is_cart_enabled, f"the settings of commerce are {commerce}")
    wa.update_conversational_automation(ice_breakers=["Are you open?"], commands=[types.Command(name="menu", description="What there is")])
    shown = wa.get_business_phone_number().conversational_automation
    check(shown.ice_breakers == ("Are you open?",) and shown.commands[0].name == "menu", f"the automation is {shown}")
    wa.get_business_phone_number_settings()
    step("read account and number; changed profile, commerce, automation, and read them back")


def qr_links(wa: WhatsApp) -> None:
    made = wa.create_qr_code("I would like to order")
    check(made.qr_image_url.startswith("http") and made.code in made.deep_link_url, f"the link is {made}")
    check(wa.update_qr_code(made.code, "I would like to ask").prefilled_message == "I would like to ask", "changing")
    check(wa.get_qr_code(made.code).prefilled_message == "I would like to ask", "reading")
    check(made.code in [one.code for one in wa.get_qr_codes()], "listing")
    check(wa.delete_qr_code(made.code).success and wa.get_qr_code(made.code) is None, "deleting")
    step("QR links: made with their picture, changed, read, listed, deleted")


def callbacks(wa: WhatsApp, address: str, verify_token: str) -> None:
    check(wa.override_phone_callback_url(address, verify_token).success, "the number's own address")
    check(wa.get_business_phone_number().webhook_configuration["phone_number"].startswith(address), "is not shown")
    check(wa.delete_phone_callback_url().success, "taking it back")
    check(wa.override_waba_callback_url(address, verify_token).success and wa.delete_waba_callback_url().success, "the account's own address")
    step("gave number and account webhook addresses of their own, and took them back")


FLOW = {
    "version": "7.0",
    "screens": [
        {
            "id": "ORDER",
            "title": "Order",
            "terminal": True,
            "layout": {
                "type": "SingleColumnLayout",
                "children": [
                    {"type": "TextHeading", "text": "How many?"},
                    {"type": "TextInput", "name": "count", "label": "Pandesal", "input-type": "number", "required": True},
                    {
                        "type": "Footer",
                        "label": "Send",
                        "on-click-action": {"name": "complete", "payload": {"count": "${form.count}"}},
                    },
                ],
            },
        }
    ],
}


def flows(wa: WhatsApp, inbox) -> None:
    customer = Customer("Jun Ocampo", "I would like to order")
    inbox.next_message("the wish")
    made = wa.create_flow(name="Order ahead", categories=[types.FlowCategory.OTHER])
    check(wa.update_flow_json(made.id, FLOW).success, "the flow's screens")
    flow = wa.get_flow(made.id)
    check((flow.name, flow.status.value, flow.preview.url[:4]) == ("Order ahead", "DRAFT", "http"), f"the flow is {flow}")
    check([one.name for one in wa.get_flow_assets(made.id)] == ["flow.json"], "its file")
    check(wa.publish_flow(made.id).success and made.id in [one.id for one in wa.get_flows()], "publishing")
    button = types.FlowButton(title="Order", flow_id=made.id, flow_token="order-7", flow_action_type=types.FlowActionType.NAVIGATE, flow_action_screen="ORDER")
    sent = wa.send_message(to=customer.phone, text="Tell us how many", buttons=button)
    customer.sees_text("Tell us how many")
    filled = {"name": "flow", "response_json": '{"count": "20", "flow_token": "order-7"}'}
    customer.sends({"type": "interactive", "context": {"id": sent.id}, "interactive": {"type": "nfm_reply", "nfm_reply": filled}})
    done = inbox.next_update("the form")
    check((done.response["count"], done.token) == ("20", "order-7"), f"the form is {done}")
    check(wa.deprecate_flow(made.id).success, "deprecating")
    step("a flow: made, published, sent, filled in by the customer, deprecated")


def office(wa: WhatsApp, inbox, address: str, verify_token: str) -> None:
    templates(wa, inbox)
    number(wa)
    qr_links(wa)
    callbacks(wa, address, verify_token)
    flows(wa, inbox)
