//! What messages cost and how many there were, as the network says: prices before sending, the price of each message for its webhooks, bills, statistics.
use crate::{Business, Error, agent::Told, notices::Notice, webhooks};
use suki_cloud_api::{
    pricing::{VolumeTier, tier_update},
    standing::ACCOUNT_FIELD,
    webhook::Pricing,
};
use suki_link::CallError;
use suki_protocol::{
    calls::{
        Told as _,
        money::{Bill, Cards, GetBill, GetCard, GetQuote, GetStatement, Quoted, Recipient, Statement, StatementFormat, TierReached},
        statistics::{GetStatistics, Statistics},
    },
    pb,
};
use suki_store::Tx;

impl Business {
    /// What a message would cost now.
    ///
    /// # Errors
    /// When the network refuses or cannot be asked.
    pub async fn quote(&self, to: Recipient, category: String) -> Result<Quoted, Error> {
        self.link.call(&GetQuote { to, category }).await.map_err(refused)
    }

    /// The rate card that holds, and the next.
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn rate_card(&self) -> Result<Cards, Error> {
        self.link.call(&GetCard {}).await.map_err(refused)
    }

    /// The bill of a month such as `2026-11`.
    ///
    /// # Errors
    /// When it is no month, or the network cannot be asked.
    pub async fn bill(&self, month: String) -> Result<Bill, Error> {
        self.link.call(&GetBill { month }).await.map_err(refused)
    }

    /// A month's statement as a file.
    ///
    /// # Errors
    /// When it is no month, or the network cannot be asked.
    pub async fn statement(&self, month: String, format: StatementFormat) -> Result<Statement, Error> {
        self.link.call(&GetStatement { month, format }).await.map_err(refused)
    }

    /// Counters of what was sent and received.
    ///
    /// # Errors
    /// When too much is asked for, or the network cannot be asked.
    pub async fn statistics(&self, asked: &GetStatistics) -> Result<Statistics, Error> {
        self.link.call(asked).await.map_err(refused)
    }
}

pub(crate) fn refused(error: CallError) -> Error {
    match error {
        CallError::Refused(refused) if refused.code() == pb::RefusalCode::Malformed => Error::Invalid(refused.message),
        CallError::Refused(refused) if refused.code() == pb::RefusalCode::Forbidden => Error::NotFound("chat"),
        other => other.into(),
    }
}

/// What a message's row keeps of its price: the webhook's object, as JSON.
pub(crate) fn stored(price: &pb::Price) -> String {
    // What Suki alone has is free to a program that knows the Cloud API's kinds only.
    let kind = match price.r#type.as_str() {
        kind @ ("regular" | "free_customer_service" | "free_entry_point") => kind,
        _ => "free_customer_service",
    };
    let pricing = Pricing { billable: price.billable, pricing_model: price.model.clone(), kind: kind.to_owned(), category: price.category.clone() };
    serde_json::to_string(&pricing).unwrap_or_default()
}

/// What [`stored`] wrote; none of what was sent before prices were kept.
pub(crate) fn pricing(stored: &str) -> Option<Pricing> {
    serde_json::from_str(stored).ok()
}

/// The business has reached a cheaper slice of volume: webhooks for whoever subscribed.
///
/// # Errors
/// When the store fails.
pub(crate) fn told(business: &Business, tx: &mut Tx<'_>, notice: &Notice, told: &mut Told) -> Result<(), Error> {
    if notice.kind != TierReached::KIND {
        return Ok(());
    }
    let Ok(reached) = serde_json::from_slice::<TierReached>(&notice.json) else {
        tracing::warn!(business = %business.id(), "a slice of volume cannot be read: the network is of another version");
        return Ok(());
    };
    let tier =
        VolumeTier { at: reached.at, category: &reached.category, region: &reached.region, range: &reached.tier, month: &reached.effective_month };
    told.queued.extend(webhooks::account(business, tx, ACCOUNT_FIELD, &tier_update(&tier), reached.at)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_kept_as_programs_are_told_it() {
        let price = |kind: &str, billable| pb::Price {
            amount: 7_900,
            currency: "USD".into(),
            model: "PMP".into(),
            r#type: kind.into(),
            category: "utility".into(),
            billable,
        };
        let regular = pricing(&stored(&price("regular", true))).expect("it is kept");
        assert_eq!((regular.billable, regular.kind.as_str(), regular.category.as_str()), (true, "regular", "utility"));
        let small = pricing(&stored(&price("small_business", false))).expect("it is kept");
        assert_eq!((small.billable, small.kind.as_str()), (false, "free_customer_service"));
        assert_eq!(pricing(""), None);
    }
}
