//! What can be pressed, chosen, filled in or bought.
use super::products::no_product;
use crate::{Business, Error};
use suki_cloud_api::messages::{Action, Card, CardHeader, Header, Interactive, Link, List, Payment, ProductList, Reply};
use suki_protocol::pb::{self, card, interactive};

impl Business {
    pub(super) async fn interactive(&self, given: Interactive) -> Result<pb::Interactive, Error> {
        let header = match given.header {
            None => None,
            Some(Header::Text(text)) => Some(interactive::Header::HeaderText(text)),
            Some(Header::File(file)) => Some(interactive::Header::HeaderMedia(self.file_for_send(file).await?)),
        };
        let action = self.action(given.action).await?;
        Ok(pb::Interactive { header, body: given.body, footer: given.footer, action: Some(action) })
    }

    async fn action(&self, given: Action) -> Result<interactive::Action, Error> {
        use interactive::Action as Sealed;
        Ok(match given {
            Action::Buttons(replies) => Sealed::Buttons(pb::ReplyButtons { buttons: replies.into_iter().map(reply).collect() }),
            Action::List(given) => Sealed::List(list(given)),
            Action::Link(given) => Sealed::Link(link(given)),
            Action::LocationRequest => Sealed::LocationRequest(pb::LocationRequest {}),
            Action::Flow(call) => Sealed::Flow(self.flow_call(&call).await?),
            Action::Product { catalog, product } => Sealed::Product(self.product_for(catalog, &product).await?),
            Action::Products(given) => Sealed::Products(self.product_list(given).await?),
            Action::Catalog { thumbnail } => {
                let catalog = self.open_catalog().await?;
                let thumbnail = match thumbnail {
                    Some(id) => Some(self.product_for(catalog, &id).await?),
                    None => None,
                };
                Sealed::Catalog(pb::CatalogCall { catalog_id: catalog.to_string(), thumbnail })
            }
            Action::Carousel(given) => {
                let mut cards = Vec::with_capacity(given.len());
                for one in given {
                    cards.push(self.card(one).await?);
                }
                Sealed::Carousel(pb::Carousel { cards })
            }
            Action::Address(ask) => Sealed::Address(pb::AddressRequest { country: ask.country, values: ask.values }),
            Action::Payment(given) => Sealed::Payment(payment(given)),
        })
    }

    async fn card(&self, given: Card) -> Result<pb::Card, Error> {
        let header = match given.header {
            CardHeader::File(file) => card::Header::Media(self.file_for_send(file).await?),
            CardHeader::Product { catalog, product } => card::Header::Product(self.product_for(catalog, &product).await?),
        };
        let buttons = given.buttons.into_iter().map(reply).collect();
        Ok(pb::Card { header: Some(header), body: given.body, link: given.link.map(link), buttons })
    }

    /// Products that are not known are dropped, and sections with them; one has to stay.
    async fn product_list(&self, given: ProductList) -> Result<pb::ProductList, Error> {
        let mut sections = Vec::with_capacity(given.sections.len());
        for one in given.sections {
            let products = self.shown_products(given.catalog, &one.products).await?;
            if !products.is_empty() {
                sections.push(pb::ProductSection { title: one.title, products });
            }
        }
        if sections.is_empty() {
            return Err(no_product(given.catalog));
        }
        Ok(pb::ProductList { catalog_id: given.catalog.to_string(), sections })
    }
}

fn reply(given: Reply) -> pb::ReplyButton {
    pb::ReplyButton { id: given.id, title: given.title }
}

fn link(given: Link) -> pb::CallToAction {
    pb::CallToAction { text: given.text, url: given.url }
}

fn list(given: List) -> pb::ChoiceList {
    let row = |one: suki_cloud_api::messages::Row| pb::Choice { id: one.id, title: one.title, description: one.description };
    let section = |one: suki_cloud_api::messages::Section| pb::ChoiceSection { title: one.title, rows: one.rows.into_iter().map(row).collect() };
    pb::ChoiceList { button: given.button, sections: given.sections.into_iter().map(section).collect() }
}

fn payment(given: Payment) -> pb::Payment {
    pb::Payment { status_only: given.status_only, reference_id: given.reference_id, json: given.json }
}
