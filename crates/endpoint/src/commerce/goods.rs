//! What may not be sold (R108): the network says the words, and this endpoint looks for them, since nobody else sees the catalogue.
use crate::{Business, Error};
use suki_cloud_api::ApiError;
use suki_protocol::calls::rules::Rules;
use suki_types::words::{Folded, first_word};

impl Business {
    /// Whether the words on a product or catalogue may stand there.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100, which names the kind of goods and the word; [`Error::Unavailable`] while the rules are not known.
    pub(super) fn check_goods<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        check(&*self.sales_rules()?, texts).map_err(Error::Refused)
    }

    /// The rules, without which nothing can be put up for sale.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before the network was ever reached.
    pub(super) fn sales_rules(&self) -> Result<std::sync::Arc<Rules>, Error> {
        let unknown = "The network was not reached yet, so its rules for what is sold are not known; try again shortly";
        self.rules().ok_or_else(|| Error::Unavailable(unknown.into()))
    }
}

/// The same, for a batch of which each is looked at by itself.
pub(super) fn check<'a>(rules: &Rules, texts: impl IntoIterator<Item = &'a str>) -> Result<(), ApiError> {
    let texts: Vec<Folded> = texts.into_iter().map(Folded::new).collect();
    for (kind, words) in &rules.commerce.prohibited {
        if let Some(word) = first_word(words, &texts) {
            return Err(ApiError::invalid_parameter(format!(
                "A catalogue may not offer {kind}, and {word:?} means that (policy {}, goods.words.{kind}). Leave it out; who sells it cannot do so here",
                rules.policy
            )));
        }
    }
    Ok(())
}
