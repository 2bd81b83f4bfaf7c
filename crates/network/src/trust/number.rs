//! A number is the business's when it knows the code that was sent there, by text message or by a call (R24, R38).
use super::{
    decision,
    request::Request,
    status::{self, business},
};
use crate::{
    Network,
    audit::{self, Actor},
    operations::call::{self, Wakes},
    refusal::{Outcome, Refusal},
    registration::RegistrationError,
    rows::Caller,
    session::Answer,
};
use suki_protocol::{
    calls::trust::{NumberCodeSent, RequestNumberCode, Subject, VerifyNumber},
    pb::{AccountKind, RefusalCode},
};
use suki_rules::trust::{Level, Stage};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Phone, Timestamp, limits, market::Country};

/// What the hash of a code is made with beside number and code: it is of no use for another business, nor for a person's registration.
fn purpose(business: AccountId) -> String {
    format!("business/{business}")
}

pub(super) fn request_code(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let request: RequestNumberCode = match call::request(json).and_then(|request| call::business_only(&caller).map(|()| request)) {
        Ok(request) => request,
        Err(refusal) => return Box::pin(std::future::ready(Err(refusal))),
    };
    let network = network.clone();
    Box::pin(async move {
        network.send_code(&request.phone, request.channel, &purpose(caller.account)).await.map_err(Refusal::registration)?;
        let sent = NumberCodeSent { expires_in_millis: limits::PHONE_CODE_MILLIS };
        call::answer::<RequestNumberCode>(&sent).map(Outcome::quiet)
    })
}

pub(super) fn verify(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let request: VerifyNumber = match call::request(json).and_then(|request| call::business_only(&caller).map(|()| request)) {
        Ok(request) => request,
        Err(refusal) => return Box::pin(std::future::ready(Err(refusal))),
    };
    let network = network.clone();
    Box::pin(async move {
        let (phone, whose) = (request.phone.clone(), purpose(caller.account));
        if !network.try_phone_code(&phone, &request.code, &whose).await? {
            let text = "The code is wrong or has expired; check it, or ask for a new one: after five wrong ones the code is void";
            return Err(Refusal::forbidden(text));
        }
        let own = network.clone();
        let proven = network.db().write(move |tx| {
            let wakes = prove(&own, tx, caller.account, &phone, own.now())?;
            Ok::<_, Refusal>((status::read(&own, tx, caller.account)?, wakes))
        });
        let (status, wakes) = proven.await?;
        Ok(Outcome { body: call::answer::<VerifyNumber>(&status)?, wakes })
    })
}

/// The number is the business's from now on. A level that rested on another number falls.
fn prove(network: &Network, tx: &mut Tx<'_>, id: AccountId, phone: &Phone, now: Timestamp) -> Result<Wakes, Refusal> {
    let before = business(tx, id)?;
    take_number(tx, id, phone, now)?;
    tx.execute("DELETE FROM phone_code WHERE phone = ?1", &[phone.into()])?;
    if before.phone != phone.digits() {
        tx.execute("UPDATE business SET phone_approved = 0 WHERE account = ?1", &[(&id).into()])?;
        let mut request = Request::load(tx, id, Subject::Number)?;
        if request.stage == Stage::Approved {
            (request.stage, request.since) = (Stage::Open, now);
            request.save(tx, id)?;
        }
        if before.level == Level::Checked {
            decision::write_level(tx, id, &before.name, Level::Plain)?;
        }
        audit::record(tx, now, Actor::Business(id), "number.proven", &format!("{id} number"), "A code that was sent there was entered")?;
    }
    status::tell(network, tx, id, None)
}

/// Enters the number into the directory, in the place of an earlier one.
///
/// # Errors
/// When somebody else has it: one number does not serve a private and a business account at once (R24).
fn take_number(tx: &mut Tx<'_>, id: AccountId, phone: &Phone, now: Timestamp) -> Result<(), Refusal> {
    let sql = "SELECT p.account, a.kind FROM phone p JOIN account a ON a.account = p.account WHERE p.phone = ?1";
    let owner = tx.query_opt(sql, &[phone.into()], |row| Ok((row.get::<AccountId>(0)?, row.get::<i64>(1)?)))?;
    if let Some((owner, kind)) = owner.filter(|(owner, _)| *owner != id) {
        let who = if kind == i64::from(i32::from(AccountKind::Person)) { "a private account" } else { "another business" };
        tracing::debug!(business = %id, other = %owner, "a number is in use");
        let text = format!("This number serves {who}; one number cannot serve two accounts: remove it there, or take another one (R24)");
        return Err(Refusal::new(RefusalCode::Conflict, text));
    }
    enter(tx, id, phone, now)?;
    Ok(())
}

fn enter(tx: &mut Tx<'_>, id: AccountId, phone: &Phone, now: Timestamp) -> Result<(), StoreError> {
    tx.execute("DELETE FROM phone WHERE phone IN (SELECT phone FROM business WHERE account = ?1 AND phone <> '')", &[(&id).into()])?;
    let sql = "INSERT INTO phone (phone, account) VALUES (?1, ?2) ON CONFLICT (phone) DO UPDATE SET account = excluded.account";
    tx.execute(sql, &[phone.into(), (&id).into()])?;
    tx.execute(
        "UPDATE business SET phone = ?2, phone_proven_at = ?3, country = ?4 WHERE account = ?1",
        &[(&id).into(), phone.into(), now.into(), Country::of(phone).code().into()],
    )?;
    tx.execute("UPDATE account SET phone = ?2 WHERE account = ?1", &[(&id).into(), phone.into()])?;
    Ok(())
}

/// In the demo and the sandbox: a number of the range for tests is the business's without a code.
///
/// # Errors
/// When somebody else has it.
pub(crate) fn take_test_number(tx: &mut Tx<'_>, business: AccountId, phone: &Phone, now: Timestamp) -> Result<(), RegistrationError> {
    let taken = tx.query_opt("SELECT account FROM phone WHERE phone = ?1", &[phone.into()], |row| row.get::<AccountId>(0))?;
    if taken.is_some_and(|owner| owner != business) {
        return Err(RegistrationError::Taken("The test number is taken".into()));
    }
    enter(tx, business, phone, now)?;
    Ok(())
}
