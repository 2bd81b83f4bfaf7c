//! A person moves to another number (Cloud API, section 3c: `user_changed_number`): the account stays, the directory and the market of its conversations
//! follow, and each business that he talks with is told.
use crate::{
    Network, consent, money,
    operations::call::{self, Wakes},
    refusal::{Outcome, Refusal},
    rows::{self, Caller},
    session::Answer,
};
use suki_protocol::{
    calls::{
        Call as _, Done,
        phone::{Move, PhoneChanged, RequestMove},
    },
    pb::RefusalCode,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, Phone};

/// Answers a call about a person's number; `None` when there is none of this name.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    Some(match name {
        RequestMove::NAME => request(network, caller, json),
        Move::NAME => prove(network, caller, json),
        _ => return None,
    })
}

/// What the hash of the code is made with: it is of no use for another account, nor for a registration.
fn purpose(account: AccountId) -> String {
    format!("move/{account}")
}

/// A number for tests is whose it is said to be, where the owner lets guests have such numbers.
fn needs_no_code(network: &Network, phone: &Phone) -> bool {
    network.config().test_numbers && phone.is_test()
}

fn request(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let request: RequestMove = match call::request(json).and_then(|request| call::person_only(&caller).map(|()| request)) {
        Ok(request) => request,
        Err(refusal) => return Box::pin(std::future::ready(Err(refusal))),
    };
    let network = network.clone();
    Box::pin(async move {
        if !needs_no_code(&network, &request.phone) {
            network.send_code(&request.phone, request.channel, &purpose(caller.account)).await.map_err(Refusal::registration)?;
        }
        call::answer::<RequestMove>(&Done {}).map(Outcome::quiet)
    })
}

fn prove(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let request: Move = match call::request(json).and_then(|request| call::person_only(&caller).map(|()| request)) {
        Ok(request) => request,
        Err(refusal) => return Box::pin(std::future::ready(Err(refusal))),
    };
    let network = network.clone();
    Box::pin(async move {
        let phone = request.phone.clone();
        if !needs_no_code(&network, &phone) && !network.try_phone_code(&phone, &request.code, &purpose(caller.account)).await? {
            let text = "The code is wrong or has expired; check it, or ask for a new one: after five wrong ones the code is void";
            return Err(Refusal::forbidden(text));
        }
        let own = network.clone();
        let wakes = network.db().write(move |tx| enter(&own, tx, caller.account, &phone)).await?;
        Ok(Outcome { body: call::answer::<Move>(&Done {})?, wakes })
    })
}

/// Enters the number in the place of the one before. The same again changes nothing.
///
/// # Errors
/// When somebody else has it: one number does not serve two accounts (R24).
fn enter(network: &Network, tx: &mut Tx<'_>, person: AccountId, phone: &Phone) -> Result<Wakes, Refusal> {
    tx.execute("DELETE FROM phone_code WHERE phone = ?1", &[phone.into()])?;
    match tx.query_opt("SELECT account FROM phone WHERE phone = ?1", &[phone.into()], |row| row.get::<AccountId>(0))? {
        Some(owner) if owner == person => return Ok(Vec::new()),
        Some(_) => {
            let text = "This number serves another account; one number cannot serve two: remove it there, or take another one (R24)";
            return Err(Refusal::new(RefusalCode::Conflict, text));
        }
        None => {}
    }
    tx.execute("DELETE FROM phone WHERE phone IN (SELECT phone FROM account WHERE account = ?1 AND phone IS NOT NULL)", &[(&person).into()])?;
    tx.execute("INSERT INTO phone (phone, account) VALUES (?1, ?2)", &[phone.into(), (&person).into()])?;
    let sql = "UPDATE account SET phone = ?2, moves = moves + CASE WHEN phone IS NULL THEN 0 ELSE 1 END WHERE account = ?1";
    tx.execute(sql, &[(&person).into(), phone.into()])?;
    consent::attach(network, tx, phone, person)?;
    tell(network, tx, person, phone)
}

/// How often a person has moved from one number to another.
///
/// # Errors
/// When the store fails.
fn moves(tx: &mut Tx<'_>, person: AccountId) -> Result<u32, StoreError> {
    Ok(tx.query_one("SELECT moves FROM account WHERE account = ?1", &[(&person).into()], |row| row.get::<u64>(0))?.try_into().unwrap_or(u32::MAX))
}

/// Tells every business with which he has a conversation; what he costs from now on is his new market's.
fn tell(network: &Network, tx: &mut Tx<'_>, person: AccountId, phone: &Phone) -> Result<Wakes, Refusal> {
    let (country, moves) = (money::country_of(tx, person)?, moves(tx, person)?);
    let sql = "SELECT other, conversation FROM account_conversation WHERE account = ?1 ORDER BY other";
    let all = tx.query(sql, &[(&person).into()], |row| Ok((row.get::<AccountId>(0)?, row.get::<ConversationId>(1)?)))?;
    let told = PhoneChanged { customer: person, phone: phone.clone(), moves };
    let mut wakes = Vec::new();
    for (business, conversation) in all {
        let sql = "UPDATE conversation SET country = ?2 WHERE conversation = ?1";
        tx.execute(sql, &[(&conversation).into(), country.code().into()])?;
        let devices = rows::devices_of(tx, business)?;
        wakes.extend(network.append_notice(tx, devices, Some(conversation), &told)?);
    }
    Ok(wakes)
}
