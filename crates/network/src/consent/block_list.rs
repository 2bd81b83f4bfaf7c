//! The customers whose messages a business does not want (Cloud API, section 3a: `block_users`).
use super::{Pair, events::Entry, ledger, millis, relation, time};
use crate::{
    Network, int,
    operations::call::{self, Wakes},
    refusal::Refusal,
    rows::{Caller, Room},
    session::Answer,
};
use suki_protocol::calls::block_list::{Bar, Barred, BarredPage, ListBarred, NotBarred, Unbar};
use suki_rules::consent::{By, Event};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};

/// How many customers a call names at most.
const PER_CALL: usize = 100;
/// How many a page has at most.
const PER_PAGE: u32 = 1000;
/// The Cloud API code of a list that is full.
const FULL: i32 = 139_101;
/// The Cloud API code of a message to somebody whom the business has blocked.
const BARRED: i32 = 130_403;
/// The Cloud API code of somebody who has not written for too long.
const RE_ENGAGEMENT: i32 = 131_047;

pub(super) fn add(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<Bar>(network, json, move |tx, asked| {
        check_list(&caller, &asked.customers)?;
        let mut listed = count(tx, caller.account)?;
        let (mut answer, mut wakes) = (Barred::default(), Wakes::new());
        for customer in &asked.customers {
            let pair = Pair { business: caller.account, customer: *customer };
            match may_bar(&own, tx, pair, listed)? {
                Err(failed) => answer.failed.push(failed),
                Ok(new) => {
                    wakes.extend(ledger::write(&own, tx, &caller, pair, &Entry::plain(By::Business, Event::Bar(true)))?);
                    answer.done.push(*customer);
                    listed += i64::from(new);
                }
            }
        }
        Ok((answer, wakes))
    })
}

pub(super) fn remove(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<Unbar>(network, json, move |tx, asked| {
        check_list(&caller, &asked.customers)?;
        let mut wakes = Wakes::new();
        for customer in &asked.customers {
            let pair = Pair { business: caller.account, customer: *customer };
            wakes.extend(ledger::write(&own, tx, &caller, pair, &Entry::plain(By::Business, Event::Bar(false)))?);
        }
        Ok((Barred { done: asked.customers.clone(), failed: Vec::new() }, wakes))
    })
}

fn check_list(caller: &Caller, customers: &[AccountId]) -> Result<(), Refusal> {
    call::business_only(caller)?;
    if !(1..=PER_CALL).contains(&customers.len()) {
        return Err(Refusal::malformed(format!("{} customers are named; 1 to {PER_CALL} are allowed a call", customers.len())));
    }
    Ok(())
}

/// Whether he may stand on the list, and whether he does not yet.
fn may_bar(network: &Network, tx: &mut Tx<'_>, pair: Pair, listed: i64) -> Result<Result<bool, NotBarred>, StoreError> {
    let policy = &network.policy().consent;
    let failed = |code, message: String| Ok(Err(NotBarred { customer: pair.customer, code, message }));
    let stored = relation::load(tx, pair)?;
    if stored.relation.barred_at.is_some() {
        return Ok(Ok(false));
    }
    let within = policy.block_list_wrote;
    if last_wrote(tx, pair)?.is_none_or(|at| network.now().since(at) >= within.millis()) {
        let text = format!("Only a customer can be blocked who has written within {within}: wait until he writes (consent.block_list_wrote)");
        return failed(RE_ENGAGEMENT, text);
    }
    if listed >= i64::from(policy.block_list) {
        let text = format!("The block list holds {} customers, and is full: take some off first (consent.block_list)", policy.block_list);
        return failed(FULL, text);
    }
    Ok(Ok(true))
}

/// When the customer last wrote.
fn last_wrote(tx: &mut Tx<'_>, pair: Pair) -> Result<Option<Timestamp>, StoreError> {
    let at = tx.query_opt(
        "SELECT c.customer_wrote_at FROM account_conversation a JOIN conversation c ON c.conversation = a.conversation \
         WHERE a.account = ?1 AND a.other = ?2",
        &[(&pair.customer).into(), (&pair.business).into()],
        |row| row.get(0),
    )?;
    Ok(at.and_then(time))
}

/// Notes in the conversation what the list says, where a submission finds it.
pub(super) fn note(tx: &mut Tx<'_>, pair: Pair, barred_at: Option<Timestamp>) -> Result<(), StoreError> {
    if let Some(conversation) = ledger::conversation(tx, pair)? {
        let sql = "UPDATE conversation SET barred_at = ?2 WHERE conversation = ?1";
        tx.execute(sql, &[(&conversation).into(), millis(barred_at).into()])?;
    }
    Ok(())
}

/// An error when the business has the customer on its list: neither of the two writes to the other.
///
/// # Errors
/// To the customer that his message is not taken; to the business with the Cloud API's code.
pub(crate) fn check(room: &Room, from_business: bool) -> Result<(), Refusal> {
    if !room.barred {
        return Ok(());
    }
    let (code, message) = match from_business {
        true => (BARRED, "The business has blocked this customer: take him off the list first (block_users)"),
        false => (0, "The business does not take messages of this account. Write to it on another way"),
    };
    let refusal = suki_rules::Refusal { rule: "block_list", cloud_api_code: code, message: message.into(), retry_at: None };
    Err(Refusal::rule(refusal))
}

fn count(tx: &mut Tx<'_>, business: AccountId) -> Result<i64, StoreError> {
    tx.query_one("SELECT count(*) FROM relation WHERE business = ?1 AND barred_at > 0", &[(&business).into()], |row| row.get(0))
}

pub(super) fn list(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    call::reads::<ListBarred>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        if !(1..=PER_PAGE).contains(&asked.limit) {
            return Err(Refusal::malformed(format!("`limit` is {}; 1 to {PER_PAGE} are allowed", asked.limit)));
        }
        Ok(page(tx, caller.account, asked)?)
    })
}

fn page(tx: &mut Tx<'_>, business: AccountId, asked: &ListBarred) -> Result<BarredPage, StoreError> {
    let limit = asked.limit as usize;
    let most = int(u64::from(asked.limit) + 1);
    if let Some(before) = asked.before {
        let sql = "SELECT customer FROM relation WHERE business = ?1 AND barred_at > 0 AND customer < ?2 ORDER BY customer DESC LIMIT ?3";
        let mut customers: Vec<AccountId> = tx.query(sql, &[(&business).into(), (&before).into(), most], |row| row.get(0))?;
        let earlier = customers.len() > limit;
        customers.truncate(limit);
        customers.reverse();
        return Ok(BarredPage { customers, earlier, later: true });
    }
    let after = asked.after.unwrap_or(AccountId::from_bytes([0; 16]));
    let sql = "SELECT customer FROM relation WHERE business = ?1 AND barred_at > 0 AND customer > ?2 ORDER BY customer LIMIT ?3";
    let mut customers: Vec<AccountId> = tx.query(sql, &[(&business).into(), (&after).into(), most], |row| row.get(0))?;
    let later = customers.len() > limit;
    customers.truncate(limit);
    Ok(BarredPage { customers, earlier: asked.after.is_some(), later })
}
