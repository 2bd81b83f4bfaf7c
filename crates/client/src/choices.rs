//! What can be pressed on a message of the business.
use crate::thread::What;
use suki_protocol::{
    pb::{self, content::Body, interactive::Action},
    template::ButtonKind,
};

/// The words on everything that stands on a message to be pressed or chosen, in its order; "" for what does not answer, such as a link.
pub fn choices(what: &What) -> Vec<String> {
    all(what).into_iter().map(|(label, _)| label).collect()
}

/// What the device says when the choice at this place, from 0, is pressed.
pub(crate) fn pressed(what: &What, place: usize) -> Option<Body> {
    all(what).into_iter().nth(place).and_then(|(_, body)| body)
}

/// The place of the first choice that answers, if there is one.
pub fn first_choice(what: &What) -> Option<usize> {
    all(what).iter().position(|(_, body)| body.is_some())
}

fn all(what: &What) -> Vec<(String, Option<Body>)> {
    match what {
        What::Template(shown) => {
            let buttons = shown.buttons.iter().chain(shown.cards.iter().flat_map(|card| &card.buttons));
            buttons.map(|button| (button.text.clone(), (button.kind == ButtonKind::QuickReply.as_str()).then(|| quick_reply(button)))).collect()
        }
        What::Rich(rich) => match rich.body() {
            Some(Body::Interactive(message)) => message.action.map(offered).unwrap_or_default(),
            _ => Vec::new(),
        },
        What::Text | What::Refused(_) => Vec::new(),
    }
}

fn quick_reply(button: &suki_protocol::template::ShownButton) -> Body {
    Body::ButtonReply(pb::ButtonReply { payload: button.value.clone(), text: button.text.clone() })
}

fn offered(action: Action) -> Vec<(String, Option<Body>)> {
    let button = |button: pb::ReplyButton| reply("button_reply", button.id, button.title, String::new());
    match action {
        Action::Buttons(buttons) => buttons.buttons.into_iter().map(button).collect(),
        Action::List(list) => {
            let rows = list.sections.into_iter().flat_map(|section| section.rows);
            rows.map(|row| reply("list_reply", row.id, row.title, row.description)).collect()
        }
        Action::Carousel(carousel) => carousel.cards.into_iter().flat_map(|card| card.buttons).map(button).collect(),
        _ => Vec::new(),
    }
}

fn reply(kind: &str, id: String, title: String, description: String) -> (String, Option<Body>) {
    let reply = pb::InteractiveReply { kind: kind.into(), id, title: title.clone(), description, ..Default::default() };
    (title, Some(Body::InteractiveReply(reply)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::thread::Rich;

    #[test]
    fn rows_are_counted_over_all_sections() {
        let row = |id: &str| pb::Choice { id: id.into(), title: id.to_uppercase(), description: String::new() };
        let section = |rows| pb::ChoiceSection { title: String::new(), rows };
        let list = pb::ChoiceList { button: "Menu".into(), sections: vec![section(vec![row("a"), row("b")]), section(vec![row("c")])] };
        let body = Body::Interactive(pb::Interactive { body: "Which?".into(), action: Some(Action::List(list)), ..Default::default() });
        let what = What::Rich(Rich::new(&pb::Content { body: Some(body), ..Default::default() }));
        assert_eq!(choices(&what), ["A", "B", "C"]);
        let Some(Body::InteractiveReply(reply)) = pressed(&what, 2) else { panic!("the third is a row") };
        assert_eq!((reply.kind.as_str(), reply.id.as_str()), ("list_reply", "c"));
        assert_eq!(first_choice(&what), Some(0));
        assert_eq!((pressed(&what, 3), choices(&What::Text).len()), (None, 0));
    }
}
