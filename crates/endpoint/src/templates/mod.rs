//! The business's templates. The network has them and decides about them; here stands what it last said, so that a template can be checked and filled
//! in without asking. What is asked of the network is in [`manage`](Business::create_template); what it says by itself comes as notices.
mod extras;
mod fill;
mod manage;
mod notices;
mod store;

pub use fill::Filled;
pub use store::Page;

pub(crate) use manage::sync;
pub(crate) use notices::apply as notice;

use crate::{Business, Error};
use serde_json::{Value, json};
use suki_cloud_api::templates::{extras::Extras, list::Wanted};
use suki_protocol::calls::templates::Template;

impl Business {
    /// Its template with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it has none.
    pub async fn template(&self, id: u64) -> Result<Template, Error> {
        let business = self.id();
        self.db().read(move |tx| Ok::<_, Error>(store::get(tx, business, id)?)).await?.ok_or(Error::NotFound("template"))
    }

    /// Its template of this name in this language, if it has one.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn template_named(&self, name: &str, language: &str) -> Result<Option<Template>, Error> {
        let (business, name, language) = (self.id(), name.to_owned(), language.to_owned());
        self.db().read(move |tx| Ok::<_, Error>(store::find(tx, business, &name, &language)?)).await
    }

    /// A page of its templates, in the order of their ids.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn templates(&self, wanted: Wanted) -> Result<Page, Error> {
        let business = self.id();
        self.db().read(move |tx| Ok::<_, Error>(store::page(tx, business, &wanted)?)).await
    }
}

/// A template as the Cloud API tells of it, with every field that can be asked for.
/// `extras`: what programs said of it beside.
pub fn node(template: &Template, extras: Option<&Extras>) -> Value {
    let mut node = json!({
        "id": template.id.to_string(),
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "status": template.status,
        "components": template.components,
        "parameter_format": template.parameter_format,
        "rejected_reason": template.rejected_reason,
        "quality_score": {"score": template.quality, "date": template.quality_at.seconds()},
    });
    if let Some(seconds) = template.message_send_ttl_seconds {
        node["message_send_ttl_seconds"] = seconds.into();
    }
    if let Some(previous) = template.previous_category {
        node["previous_category"] = previous.as_str().into();
    }
    if let Some(correct) = template.correct_category {
        node["correct_category"] = correct.as_str().into();
    }
    extras.unwrap_or(&Extras::default()).show(&mut node);
    node
}
