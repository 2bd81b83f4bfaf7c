//! Whether what a customer pressed, chose or filled in was offered to him. Devices may lie: a program that acts on a button's id can rely on having
//! offered it in the message that the reply names. What was not offered is what the customer said, and nothing more.
use crate::messages::{Message, NewMessage, Sent, Side};
use prost::Message as _;
use suki_protocol::{
    pb::{self, content::Body, interactive::Action},
    template::{ButtonKind, Shown, ShownButton},
};

/// The message as it may be stored: with the words that the business put on what was pressed, or as words alone. None when nothing is left of it.
pub(crate) fn checked(message: NewMessage, answered: Option<&Message>) -> Option<NewMessage> {
    let answered = answered.filter(|answered| answered.from == Side::Business);
    let was_offered = match &message.sent {
        Sent::Button { payload } => {
            let offers = |shown: &Shown| buttons(shown).any(|button| is_pressed(shown, button, payload, &message.text));
            answered.and_then(|answered| answered.template.as_ref()).is_some_and(offers).then_some(None)
        }
        Sent::Rich { .. } => match message.sent.rich() {
            Some(content) => match content.body {
                Some(Body::InteractiveReply(reply)) => answered.and_then(|answered| offered(answered, &reply)).map(Some),
                _ => return Some(message),
            },
            None => return Some(message),
        },
        Sent::Text | Sent::Template { .. } => return Some(message),
    };
    match was_offered {
        Some(None) => Some(message),
        Some(Some(reply)) => {
            let text = reply.title.clone();
            let content = pb::Content { body: Some(Body::InteractiveReply(reply)), ..message.sent.rich()? };
            Some(NewMessage { text, sent: Sent::Rich { kind: "interactive", content: content.encode_to_vec() }, ..message })
        }
        None if message.text.trim().is_empty() => None,
        None => Some(NewMessage { sent: Sent::Text, ..message }),
    }
}

/// What stands on the quick reply that a message presses, and of which template it is; none of what is no quick reply of a template.
pub(crate) fn pressed(message: &NewMessage, answered: Option<&Message>) -> Option<(u64, String)> {
    let (Sent::Button { payload }, Some(answered)) = (&message.sent, answered) else { return None };
    let (Sent::Template { template_id, .. }, Some(shown)) = (&answered.sent, &answered.template) else { return None };
    let button = buttons(shown).find(|button| is_pressed(shown, button, payload, &message.text))?;
    let id = template_id.split('.').next()?.parse().ok()?;
    Some((id, button.text.clone()))
}

fn buttons(shown: &Shown) -> impl Iterator<Item = &ShownButton> {
    let all = shown.buttons.iter().chain(shown.cards.iter().flat_map(|card| &card.buttons));
    all.filter(|button| button.kind == ButtonKind::QuickReply.as_str())
}

/// A button without an answer of its own answers with what stands on it, in the language of the customer's device.
fn is_pressed(shown: &Shown, button: &ShownButton, payload: &str, text: &str) -> bool {
    button.value == payload || (shown.reader_language && button.value == button.text && payload == text)
}

/// The reply in the words of the message that it answers, if that offered it.
fn offered(answered: &Message, reply: &pb::InteractiveReply) -> Option<pb::InteractiveReply> {
    if reply.kind == "nfm_reply" {
        return filled_in(answered, reply);
    }
    let Some(Body::Interactive(message)) = answered.sent.rich().and_then(|content| content.body) else { return None };
    let pressed = |buttons: &[pb::ReplyButton]| buttons.iter().find(|button| button.id == reply.id).map(|button| button.title.clone());
    let (title, description) = match (reply.kind.as_str(), message.action?) {
        ("button_reply", Action::Buttons(offered)) => (pressed(&offered.buttons)?, String::new()),
        ("button_reply", Action::Carousel(carousel)) => (carousel.cards.iter().find_map(|card| pressed(&card.buttons))?, String::new()),
        ("list_reply", Action::List(list)) => {
            let row = list.sections.into_iter().flat_map(|section| section.rows).find(|row| row.id == reply.id)?;
            (row.title, row.description)
        }
        _ => return None,
    };
    Some(pb::InteractiveReply { kind: reply.kind.clone(), id: reply.id.clone(), title, description, ..Default::default() })
}

/// A form's answer, if the message holds a form. What stands in it is the customer's own: a flow's data were checked by its screens on his device, and
/// whoever uses them checks them again.
fn filled_in(answered: &Message, reply: &pb::InteractiveReply) -> Option<pb::InteractiveReply> {
    let name = match answered.sent.rich().and_then(|content| content.body) {
        Some(Body::Interactive(message)) => match message.action? {
            Action::Flow(_) => "flow",
            Action::Address(_) => "address_message",
            _ => return None,
        },
        _ => {
            let has_flow = |shown: &Shown| shown.buttons.iter().any(|button| button.kind == ButtonKind::Flow.as_str());
            answered.template.as_ref().filter(|shown| has_flow(shown)).map(|_| "flow")?
        }
    };
    let is_object = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&reply.json).is_ok();
    is_object.then(|| pb::InteractiveReply { kind: reply.kind.clone(), name: name.into(), json: reply.json.clone(), ..Default::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use suki_protocol::pb::card;
    use suki_types::{ConversationId, Env, MessageId, Timestamp};

    fn message(body: Body) -> NewMessage {
        let content = pb::Content { body: Some(body), ..Default::default() };
        NewMessage {
            id: MessageId::new(&Env::for_tests(1)),
            from: Side::Customer,
            text: suki_protocol::content::words(content.body.as_ref().expect("it has one")),
            sent: Sent::of(&content).expect("it is shown"),
            template: None,
            preview_url: false,
            reply_to: None,
            at: Timestamp::from_millis(1),
            operator: None,
            via: crate::messages::Via::Customer,
            app: None,
            callback_data: String::new(),
        }
    }

    fn asked(action: Action) -> Message {
        let interactive = pb::Interactive { body: "Which?".into(), action: Some(action), ..Default::default() };
        let new = NewMessage { from: Side::Business, ..message(Body::Interactive(interactive)) };
        new.stored(ConversationId::from_bytes([1; 16]), 1).expect("nothing has to be read")
    }

    fn reply(kind: &str, id: &str) -> NewMessage {
        message(Body::InteractiveReply(pb::InteractiveReply { kind: kind.into(), id: id.into(), title: "FREE".into(), ..Default::default() }))
    }

    fn said(message: Option<NewMessage>) -> Option<(String, Option<pb::InteractiveReply>)> {
        let message = message?;
        let reply = message.sent.rich().and_then(|content| match content.body {
            Some(Body::InteractiveReply(reply)) => Some(reply),
            _ => None,
        });
        Some((message.text, reply))
    }

    #[test]
    fn only_what_was_offered_is_pressed_and_its_words_are_the_businesss() {
        let buttons = || asked(Action::Buttons(pb::ReplyButtons { buttons: vec![pb::ReplyButton { id: "yes".into(), title: "Oo".into() }] }));
        let (text, pressed) = said(checked(reply("button_reply", "yes"), Some(&buttons()))).expect("it is kept");
        assert_eq!((text.as_str(), pressed.map(|reply| reply.title).as_deref()), ("Oo", Some("Oo")));
        for (kind, id, answered) in [("button_reply", "no", Some(buttons())), ("list_reply", "yes", Some(buttons())), ("button_reply", "yes", None)] {
            assert_eq!(said(checked(reply(kind, id), answered.as_ref())), Some(("FREE".into(), None)), "{kind} {id}");
        }
        let own = Message { from: Side::Customer, ..buttons() };
        assert_eq!(said(checked(reply("button_reply", "yes"), Some(&own))), Some(("FREE".into(), None)), "he offers himself nothing");
    }

    #[test]
    fn a_rows_title_and_description_are_the_lists() {
        let row = pb::Choice { id: "ube".into(), title: "Ube".into(), description: "Purple".into() };
        let list = asked(Action::List(pb::ChoiceList {
            button: "Menu".into(),
            sections: vec![pb::ChoiceSection { title: "Bread".into(), rows: vec![row] }],
        }));
        let (text, chosen) = said(checked(reply("list_reply", "ube"), Some(&list))).expect("it is kept");
        let chosen = chosen.expect("it is a choice");
        assert_eq!((text.as_str(), chosen.title.as_str(), chosen.description.as_str()), ("Ube", "Ube", "Purple"));
        assert_eq!(said(checked(reply("list_reply", "mango"), Some(&list))), Some(("FREE".into(), None)));
    }

    #[test]
    fn a_form_is_answered_where_one_was_sent() {
        let form =
            |json: &str| message(Body::InteractiveReply(pb::InteractiveReply { kind: "nfm_reply".into(), json: json.into(), ..Default::default() }));
        let flow = asked(Action::Flow(pb::FlowCall { flow_id: "1".into(), ..Default::default() }));
        let (_, filled) = said(checked(form("{\"size\":1}"), Some(&flow))).expect("it is kept");
        assert_eq!(filled.map(|reply| (reply.name, reply.json)), Some(("flow".into(), "{\"size\":1}".into())));
        assert_eq!(said(checked(form("[1]"), Some(&flow))), None, "an answer is an object, and without words nothing is left");
        let place = asked(Action::LocationRequest(pb::LocationRequest {}));
        assert_eq!(said(checked(form("{}"), Some(&place))), None);
    }

    #[test]
    fn other_messages_are_as_they_came() {
        let place = message(Body::Location(pb::Location { latitude: 1.0, longitude: 2.0, ..Default::default() }));
        assert_eq!(checked(place.clone(), None).map(|message| message.sent), Some(place.sent));
        let carousel = pb::Card {
            header: Some(card::Header::Product(pb::Product::default())),
            buttons: vec![pb::ReplyButton { id: "a".into(), title: "A".into() }],
            ..Default::default()
        };
        let cards = asked(Action::Carousel(pb::Carousel { cards: vec![carousel.clone(), carousel] }));
        assert_eq!(said(checked(reply("button_reply", "a"), Some(&cards))).map(|(text, _)| text), Some("A".into()));
    }
}
