//! Who a link leads to.
use super::RegistrationError;
use crate::{Network, trust};
use suki_protocol::{
    http::{Base64, LinkCard, Trust},
    pb::TrustLevel,
};
use suki_store::{StoreError, Tx};
use suki_types::AccountId;

/// 3 to 40 of a to z, 0 to 9 and hyphens, none of them at an end.
pub(super) fn is_slug(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=40).contains(&text.len()) && text.bytes().all(allowed) && !text.starts_with('-') && !text.ends_with('-')
}

/// The business a link belongs to.
pub(super) fn owner(tx: &mut Tx<'_>, slug: &str) -> Result<Option<AccountId>, StoreError> {
    tx.query_opt("SELECT account FROM slug WHERE slug = ?1", &[slug.into()], |row| row.get(0))
}

pub(super) fn unknown() -> RegistrationError {
    RegistrationError::Unknown("No business has this link".into())
}

impl Network {
    /// `GET /v1/links/{slug}`: who a link leads to.
    ///
    /// # Errors
    /// When no business has the link.
    pub async fn link_card(&self, slug: &str) -> Result<LinkCard, RegistrationError> {
        if !is_slug(slug) {
            return Err(unknown());
        }
        let name = slug.to_owned();
        let own = self.clone();
        let card = self.db().read(move |tx| {
            let Some(business) = owner(tx, &name)? else { return Ok::<_, RegistrationError>(None) };
            Ok(trust::card::card(&own, tx, business)?.map(|card| (business, card)))
        });
        let (business, card) = card.await?.ok_or_else(unknown)?;
        self.visits().note(business, self.now());
        let trust = match card.trust() {
            TrustLevel::Checked => Trust::Checked,
            TrustLevel::Confirmed => Trust::Confirmed,
            TrustLevel::Plain | TrustLevel::Unspecified => Trust::Plain,
        };
        Ok(LinkCard {
            business,
            name: card.name,
            about: card.about,
            trust,
            labels: card.labels,
            verification_pending: card.verification_pending,
            hosted_by: card.hosted_by,
            slug: card.slug,
            network_key: Base64(self.public_key()),
            phone_registration: self.config().code_sender.is_some(),
        })
    }
}
