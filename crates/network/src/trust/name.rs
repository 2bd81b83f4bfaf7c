//! Names: the rules look at each, a person where the policy wants it, and the name in use can be found (R22, R27 to R29).
use super::{
    request::Request,
    status::{self, business},
};
use crate::{
    Network,
    audit::{self, Actor},
    operations::call,
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use serde_json::json;
use suki_protocol::{
    calls::trust::{CheckName, NameBreach, NameChecked, RequestName, Subject},
    pb::{self, RefusalCode},
};
use suki_rules::{
    goods, names,
    trust::{self, Level, Stage, Step},
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};

/// How many earlier requests are counted; the policy allows at most as many.
const COUNTED: i64 = 100;

pub(super) fn check(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::reads::<CheckName>(network, json, move |tx, request| {
        call::business_only(&caller)?;
        let first = !business(tx, caller.account)?.name_passed;
        let reviewed = trust::name_goes_to_review(&own.policy().trust, first);
        let (name, breaches) = match names::check(&own.policy().names, &request.name) {
            Ok(name) => (name.clone(), look_alike(tx, caller.account, &name)?.into_iter().collect()),
            Err(breaches) => (names::normal(&request.name).chars().take(100).collect(), breaches),
        };
        let breaches = breaches.into_iter().map(|breach| NameBreach { rule: breach.rule.as_str().into(), message: breach.message }).collect();
        Ok(NameChecked { name, breaches, reviewed })
    })
}

pub(super) fn request(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<RequestName>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        let (id, now) = (caller.account, own.now());
        let name = names::check(&own.policy().names, &asked.name).map_err(|breaches| refused(&breaches))?;
        goods::check_profile(own.policy(), &name).map_err(Refusal::rule)?;
        if let Some(breach) = look_alike(tx, id, &name)? {
            return Err(refused(&[breach]));
        }
        let known = business(tx, id)?;
        if known.name == name && known.name_passed {
            return Err(Refusal::new(RefusalCode::Conflict, "The business bears this name already; ask for another one"));
        }
        count_change(&own, tx, id, &name, now)?;
        let mut request = Request::load(tx, id, Subject::Name)?;
        // A name that passed may be changed again, and a refusal is of that name alone.
        if request.stage == Stage::Approved || request.asked != name && !request.stage.is_pending() {
            request.stage = Stage::Open;
        }
        request.advance(&own, Step::Ask, now)?;
        (request.asked, request.reason, request.code, request.review) = (name.clone(), String::new(), String::new(), None);
        request.detail = json!({ "name": name, "before": known.name, "level": known.level.word(), "breaches": [] });
        if trust::name_goes_to_review(&own.policy().trust, !known.name_passed) {
            request.open_case(tx, id, now)?;
            if !known.name_passed {
                tx.execute("UPDATE standing SET name_state = 2 WHERE business = ?1", &[(&id).into()])?;
            }
        } else {
            request.advance(&own, Step::Approve, now)?;
            put_in_use(tx, id, &name, known.level)?;
            audit::record(tx, now, Actor::System, "name.approved", &format!("{id} {name}"), "It passes the rules, and the policy asks for no more")?;
        }
        request.save(tx, id)?;
        let wakes = status::tell(&own, tx, id, None)?;
        Ok((status::read(&own, tx, id)?, wakes))
    })
}

/// All breaches in one refusal; its rule is the first one's.
fn refused(breaches: &[names::NameBreach]) -> Refusal {
    let all: Vec<_> = breaches.iter().map(|breach| format!("{}: {}", breach.rule, breach.message)).collect();
    let rule = breaches.first().map_or_else(String::new, |breach| format!("names.{}", breach.rule));
    Refusal(pb::Refused {
        code: RefusalCode::Rule.into(),
        message: format!("This name cannot be used. {}", all.join(". ")),
        cloud_api_code: 100,
        rule,
        ..Default::default()
    })
}

fn count_change(network: &Network, tx: &mut Tx<'_>, business: AccountId, name: &str, now: Timestamp) -> Result<(), Refusal> {
    let sql = "SELECT at FROM name_asked WHERE business = ?1 ORDER BY at DESC LIMIT ?2";
    let earlier: Vec<Timestamp> = tx.query(sql, &[(&business).into(), COUNTED.into()], |row| row.get(0))?;
    if let Some(refusal) = trust::name_changes(&network.policy().trust, &earlier, now) {
        return Err(Refusal::rule(refusal));
    }
    tx.execute(
        "INSERT INTO name_asked (business, at, name) VALUES (?1, ?2, ?3) ON CONFLICT (business, at) DO UPDATE SET name = excluded.name",
        &[(&business).into(), now.into(), name.into()],
    )?;
    Ok(())
}

/// The breach of a name that looks like another business's that is confirmed.
///
/// # Errors
/// When the store fails.
pub(crate) fn look_alike(tx: &mut Tx<'_>, business: AccountId, name: &str) -> Result<Option<names::NameBreach>, StoreError> {
    let sql = "SELECT name FROM confirmed_name WHERE skeleton = ?1 AND business <> ?2 LIMIT 1";
    let confirmed = tx.query_opt(sql, &[names::skeleton(name).as_bytes().into(), (&business).into()], |row| row.get::<String>(0))?;
    Ok(confirmed.map(|confirmed| names::look_alike(&confirmed)))
}

/// The name of a business that is about to register: stored, and its request if a person looks at it. The business's rows are there already.
///
/// # Errors
/// When the store fails.
pub(crate) fn first_name(network: &Network, tx: &mut Tx<'_>, business: AccountId, name: &str, now: Timestamp) -> Result<(), Refusal> {
    let mut request = Request::load(tx, business, Subject::Name)?;
    request.advance(network, Step::Ask, now)?;
    request.asked = name.to_owned();
    request.detail = json!({ "name": name, "before": "", "level": Level::Plain.word(), "breaches": [] });
    if trust::name_goes_to_review(&network.policy().trust, true) {
        request.open_case(tx, business, now)?;
        tx.execute("UPDATE standing SET name_state = 2 WHERE business = ?1", &[(&business).into()])?;
    } else {
        request.advance(network, Step::Approve, now)?;
        put_in_use(tx, business, name, Level::Plain)?;
    }
    request.save(tx, business)?;
    Ok(())
}

/// The name is the business's from now on, and found by its words.
pub(super) fn put_in_use(tx: &mut Tx<'_>, business: AccountId, name: &str, level: Level) -> Result<(), StoreError> {
    tx.execute("UPDATE business SET name = ?2 WHERE account = ?1", &[(&business).into(), name.into()])?;
    tx.execute("UPDATE standing SET name_state = 1 WHERE business = ?1", &[(&business).into()])?;
    tx.execute("DELETE FROM search_key WHERE business = ?1", &[(&business).into()])?;
    for word in names::search_keys(name) {
        let sql = "INSERT INTO search_key (word, business) VALUES (?1, ?2) ON CONFLICT (word, business) DO NOTHING";
        tx.execute(sql, &[word.as_bytes().into(), (&business).into()])?;
    }
    protect(tx, business, name, level)
}

/// The look of a confirmed business's name is its own; of another's it is not.
pub(super) fn protect(tx: &mut Tx<'_>, business: AccountId, name: &str, level: Level) -> Result<(), StoreError> {
    tx.execute("DELETE FROM confirmed_name WHERE business = ?1", &[(&business).into()])?;
    if level == Level::Confirmed {
        let sql = "INSERT INTO confirmed_name (skeleton, business, name) VALUES (?1, ?2, ?3) ON CONFLICT (skeleton, business) DO NOTHING";
        tx.execute(sql, &[names::skeleton(name).as_bytes().into(), (&business).into(), name.into()])?;
    }
    Ok(())
}
