//! What businesses recorded for a phone becomes its owner's when he registers.
use super::{
    Pair,
    events::{self, Subject},
    relation,
};
use crate::{Network, int};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Phone};

/// How many businesses' records are taken over; those beyond keep theirs under the phone, where they count for nothing.
const BUSINESSES: u64 = 1000;

/// Takes over what was recorded for the phone of an account that is new.
///
/// # Errors
/// When the store fails.
pub(crate) fn attach(network: &Network, tx: &mut Tx<'_>, phone: &Phone, account: AccountId) -> Result<(), StoreError> {
    let businesses: Vec<AccountId> = tx.query(
        "SELECT DISTINCT business FROM consent_event WHERE subject = ?1 ORDER BY business LIMIT ?2",
        &[phone.into(), int(BUSINESSES)],
        |row| row.get(0),
    )?;
    let owner = Subject::Customer(account);
    for business in businesses {
        tx.execute(
            "UPDATE consent_event SET subject = ?3 WHERE business = ?1 AND subject = ?2",
            &[(&business).into(), phone.into(), (&owner.text()).into()],
        )?;
        let pair = Pair { business, customer: account };
        let mut stored = relation::load(tx, pair)?;
        stored.relation = events::sum(tx, &network.policy().consent, business, &owner)?;
        relation::save(tx, pair, &stored)?;
    }
    Ok(())
}
