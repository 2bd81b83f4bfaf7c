//! The directory of usernames: one namespace for persons and businesses. A business learns the username of each of its customers in their conversation.
use crate::{
    Network,
    operations::call::{Wakes, reads, writes},
    refusal::Refusal,
    rows::{self, Caller},
    session::Answer,
};
use suki_protocol::{
    calls::{
        Call as _,
        username::{FREE_MOST, FreeUsernames, GetUsername, OwnUsername, RemoveUsername, SetUsername, UsernameChanged, Usernames},
    },
    pb::AccountKind,
};
use suki_rules::usernames;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, DeviceId, Timestamp};

/// Answers a call about usernames; `None` when there is none of this name.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    let own = network.clone();
    Some(match name {
        GetUsername::NAME => reads(network, json, move |tx, _: &GetUsername| Ok(OwnUsername { username: of(tx, caller.account)? })),
        SetUsername::NAME => writes(network, json, move |tx, request: &SetUsername| set(&own, tx, caller, &request.username)),
        FreeUsernames::NAME => reads(network, json, move |tx, request: &FreeUsernames| free(&own, tx, &request.usernames)),
        RemoveUsername::NAME => writes(network, json, move |tx, _: &RemoveUsername| remove(&own, tx, caller)),
        _ => return None,
    })
}

/// The username of an account.
///
/// # Errors
/// When the store fails.
pub(crate) fn of(tx: &mut Tx<'_>, account: AccountId) -> Result<Option<String>, StoreError> {
    tx.query_opt("SELECT username FROM account_username WHERE account = ?1", &[(&account).into()], |row| row.get(0))
}

/// Tells a business of the username of the customer with whom a conversation begins, if he has one.
///
/// # Errors
/// When the store fails.
pub(crate) fn introduce(
    network: &Network,
    tx: &mut Tx<'_>,
    customer: AccountId,
    conversation: ConversationId,
    business: Vec<DeviceId>,
) -> Result<Wakes, Refusal> {
    match of(tx, customer)? {
        Some(username) => network.append_notice(tx, business, Some(conversation), &UsernameChanged { customer, username: Some(username) }),
        None => Ok(Vec::new()),
    }
}

fn set(network: &Network, tx: &mut Tx<'_>, caller: Caller, wanted: &str) -> Result<(OwnUsername, Wakes), Refusal> {
    let username = usernames::check(network.policy(), wanted).map_err(Refusal::rule)?;
    if caller.kind == AccountKind::Business {
        let (passed, banned) = standing(network, tx, caller.account)?;
        usernames::eligible(network.policy(), passed, banned).map_err(Refusal::rule)?;
    }
    let sql = "SELECT account FROM username WHERE username = ?1";
    match tx.query_opt(sql, &[username.as_str().into()], |row| row.get::<AccountId>(0))? {
        Some(holder) if holder == caller.account => return Ok((OwnUsername { username: Some(username) }, Vec::new())),
        Some(_) => return Err(Refusal::rule(usernames::taken(network.policy()))),
        None => {}
    }
    release(tx, caller.account)?;
    tx.execute("INSERT INTO username (username, account) VALUES (?1, ?2)", &[username.as_str().into(), (&caller.account).into()])?;
    tx.execute(
        "INSERT INTO account_username (account, username, since) VALUES (?1, ?2, ?3)",
        &[(&caller.account).into(), username.as_str().into(), network.now().into()],
    )?;
    let wakes = tell(network, tx, caller, Some(&username))?;
    Ok((OwnUsername { username: Some(username) }, wakes))
}

/// Whether a business's own name has passed, and whether it is banned.
fn standing(network: &Network, tx: &mut Tx<'_>, business: AccountId) -> Result<(bool, bool), StoreError> {
    let sql = "SELECT name_state, banned_until FROM standing WHERE business = ?1";
    let found = tx.query_opt(sql, &[(&business).into()], |row| Ok((row.get::<i64>(0)? == 1, row.get::<Timestamp>(1)? > network.now())))?;
    Ok(found.unwrap_or((true, false)))
}

/// Those that somebody may take, each once.
fn free(network: &Network, tx: &mut Tx<'_>, asked: &[String]) -> Result<Usernames, Refusal> {
    if asked.len() > FREE_MOST {
        return Err(Refusal::malformed(format!("{} usernames are asked for; at most {FREE_MOST} are answered at once", asked.len())));
    }
    let mut free: Vec<String> = Vec::new();
    for username in asked.iter().filter_map(|one| usernames::check(network.policy(), one).ok()) {
        let taken = tx.query_opt("SELECT 1 FROM username WHERE username = ?1", &[username.as_str().into()], |_| Ok(()))?.is_some();
        if !taken && !free.contains(&username) {
            free.push(username);
        }
    }
    Ok(Usernames { free })
}

fn remove(network: &Network, tx: &mut Tx<'_>, caller: Caller) -> Result<(OwnUsername, Wakes), Refusal> {
    let wakes = if release(tx, caller.account)? { tell(network, tx, caller, None)? } else { Vec::new() };
    Ok((OwnUsername::default(), wakes))
}

/// Frees what an account is called; whether it was called anything.
fn release(tx: &mut Tx<'_>, account: AccountId) -> Result<bool, StoreError> {
    let Some(former) = of(tx, account)? else { return Ok(false) };
    tx.execute("DELETE FROM username WHERE username = ?1", &[former.as_str().into()])?;
    tx.execute("DELETE FROM account_username WHERE account = ?1", &[(&account).into()])?;
    Ok(true)
}

/// Tells every business with which a person has a conversation. Nobody is told of a business's: its customers see it on its card.
fn tell(network: &Network, tx: &mut Tx<'_>, caller: Caller, username: Option<&str>) -> Result<Wakes, Refusal> {
    if caller.kind != AccountKind::Person {
        return Ok(Vec::new());
    }
    let conversations =
        tx.query("SELECT other, conversation FROM account_conversation WHERE account = ?1 ORDER BY other", &[(&caller.account).into()], |row| {
            Ok((row.get::<AccountId>(0)?, row.get::<ConversationId>(1)?))
        })?;
    let mut wakes = Vec::new();
    let told = UsernameChanged { customer: caller.account, username: username.map(str::to_owned) };
    for (business, conversation) in conversations {
        let devices = rows::devices_of(tx, business)?;
        wakes.extend(network.append_notice(tx, devices, Some(conversation), &told)?);
    }
    Ok(wakes)
}
