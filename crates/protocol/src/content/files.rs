//! The files of a content, wherever they stand in it.
use crate::pb::{self, card, content::Body, interactive, template_parameter::Value};

/// Visits every file of a content, always in the same order: header before body, card after card, product after product. A template's file is there when
/// it travels sealed.
pub fn each_file(body: &mut Body, visit: &mut dyn FnMut(&mut pb::Media)) {
    match body {
        Body::Media(media) => visit(media),
        Body::Interactive(message) => in_interactive(message, visit),
        Body::Template(template) => {
            in_parameters(&mut template.header, visit);
            template.cards.iter_mut().for_each(|card| in_parameters(&mut card.header, visit));
        }
        Body::Text(_)
        | Body::Reaction(_)
        | Body::ButtonReply(_)
        | Body::Location(_)
        | Body::Contacts(_)
        | Body::InteractiveReply(_)
        | Body::Order(_)
        | Body::History(_)
        | Body::Exchange(_) => {}
    }
}

fn in_parameters(parameters: &mut [pb::TemplateParameter], visit: &mut dyn FnMut(&mut pb::Media)) {
    for parameter in parameters {
        if let Some(Value::Media(media)) = &mut parameter.value {
            media.media.iter_mut().for_each(&mut *visit);
        }
    }
}

fn in_interactive(message: &mut pb::Interactive, visit: &mut dyn FnMut(&mut pb::Media)) {
    use interactive::{Action, Header};
    if let Some(Header::HeaderMedia(media)) = &mut message.header {
        visit(media);
    }
    match &mut message.action {
        Some(Action::Flow(flow)) => flow.definition.iter_mut().for_each(visit),
        Some(Action::Product(product)) => in_product(product, visit),
        Some(Action::Products(list)) => {
            list.sections.iter_mut().flat_map(|section| &mut section.products).for_each(|product| in_product(product, visit));
        }
        Some(Action::Catalog(catalog)) => catalog.thumbnail.iter_mut().for_each(|product| in_product(product, visit)),
        Some(Action::Carousel(carousel)) => {
            for card in &mut carousel.cards {
                match &mut card.header {
                    Some(card::Header::Media(media)) => visit(media),
                    Some(card::Header::Product(product)) => in_product(product, visit),
                    None => {}
                }
            }
        }
        _ => {}
    }
}

fn in_product(product: &mut pb::Product, visit: &mut dyn FnMut(&mut pb::Media)) {
    product.image.iter_mut().for_each(visit);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(mut body: Body) -> Vec<String> {
        let mut found = Vec::new();
        each_file(&mut body, &mut |media| found.push(media.filename.clone()));
        found
    }

    fn file(name: &str) -> pb::Media {
        pb::Media { filename: name.into(), ..Default::default() }
    }

    #[test]
    fn every_place_is_visited_in_order() {
        assert_eq!(names(Body::Media(file("a"))), ["a"]);
        assert_eq!(names(Body::Text(pb::Text::default())), Vec::<String>::new());
        let product = |name: &str| pb::Product { image: Some(file(name)), ..Default::default() };
        let cards = vec![
            pb::Card { header: Some(card::Header::Media(file("b"))), ..Default::default() },
            pb::Card { header: Some(card::Header::Product(product("c"))), ..Default::default() },
        ];
        let carousel = pb::Interactive {
            header: Some(interactive::Header::HeaderMedia(file("a"))),
            action: Some(interactive::Action::Carousel(pb::Carousel { cards })),
            ..Default::default()
        };
        assert_eq!(names(Body::Interactive(carousel)), ["a", "b", "c"]);
        let parameter = |name: &str| {
            let media = pb::TemplateMedia { media: Some(file(name)), ..Default::default() };
            pb::TemplateParameter { value: Some(Value::Media(media)), ..Default::default() }
        };
        let card = pb::TemplateCard { header: vec![parameter("b")], ..Default::default() };
        let template = pb::Template { header: vec![parameter("a")], cards: vec![card], ..Default::default() };
        assert_eq!(names(Body::Template(template)), ["a", "b"]);
    }
}
