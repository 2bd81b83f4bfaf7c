//! What customers see of a business (R39 to R48).
use crate::Network;
use suki_protocol::pb;
use suki_rules::{
    Policy,
    trust::{self, Identity, Level, Shown},
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Phone};

/// Who a business is, for the customer's screen; none when it is no business. Where its name is not to be shown, its number stands in that place.
///
/// # Errors
/// When the store fails.
pub(crate) fn card(network: &Network, tx: &mut Tx<'_>, business: AccountId) -> Result<Option<pb::BusinessCard>, StoreError> {
    let sql = "SELECT b.name, b.about, b.trust, b.hosted_by, b.slug, b.phone, b.pending, COALESCE(s.name_state, 1) \
         FROM business b LEFT JOIN standing s ON s.business = b.account WHERE b.account = ?1";
    tx.query_opt(sql, &[(&business).into()], |row| {
        let (name, phone): (String, String) = (row.get(0)?, row.get(5)?);
        let level = Level::from_number(row.get(2)?);
        let known = (level, row.get::<i64>(7)? == 1, row.get::<i64>(6)? > 0);
        let shown = shown(network.policy(), known, &phone);
        Ok(pb::BusinessCard {
            business: business.to_vec(),
            trust: level as i32,
            about: row.get(1)?,
            hosted_by: row.get(3)?,
            slug: row.get(4)?,
            labels: shown.labels.iter().map(|label| label.word().to_owned()).collect(),
            verification_pending: shown.pending,
            sender_name: if shown.sender_name { name.clone() } else { String::new() },
            name: title(&shown, name, &phone),
            phone,
        })
    })
}

/// What is shown of a business of this level, whose name passed or not, and that waits for a decision or not.
pub(super) fn shown(policy: &Policy, (level, name_passed, pending): (Level, bool, bool), phone: &str) -> Shown {
    let identity = Identity { level, is_platform: false, name_passed, has_number: !phone.is_empty(), pending };
    trust::shown(&policy.trust, &identity)
}

/// What stands where the name does.
pub(super) fn title(shown: &Shown, name: String, phone: &str) -> String {
    match phone.parse::<Phone>() {
        Ok(phone) if !shown.name => phone.display(),
        _ => name,
    }
}
