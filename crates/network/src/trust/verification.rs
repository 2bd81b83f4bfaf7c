//! Requests for a level: checked, whose number is the company's official one, and confirmed (R40 to R43, R109).
use super::{
    documents,
    request::Request,
    status::{self, Known, asked_level, business, check_text},
};
use crate::{
    Network,
    audit::{self, Actor},
    operations::call,
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use serde_json::{Value, json};
use suki_protocol::calls::trust::{DocumentStatus, RequestVerification, Subject};
use suki_rules::{
    Entity,
    trust::{self, Evidence, Level, Step},
};
use suki_store::Tx;
use suki_types::{AccountId, limits, market::Country};

pub(super) fn request(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<RequestVerification>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        let (id, now) = (caller.account, own.now());
        check_fields(asked)?;
        let (known, documents) = (business(tx, id)?, named(tx, id, asked)?);
        let level = asked_level(asked.level);
        let evidence = Evidence {
            asked: level,
            entity: entity(&asked.entity)?,
            official_number: asked.official_phone.digits(),
            proven_number: &known.phone,
            number_approved: known.phone_approved,
            documents: u32::try_from(documents.len()).unwrap_or(u32::MAX),
        };
        trust::evidence(&own.policy().trust, &evidence).map_err(Refusal::rule)?;
        let mut request = Request::load(tx, id, subject(level))?;
        request.advance(&own, Step::Ask, now)?;
        asked.legal_name.trim().clone_into(&mut request.asked);
        (request.reason, request.code) = (String::new(), String::new());
        request.detail = detail(asked, &known, &documents, trust::criteria(&own.policy().trust, level));
        request.open_case(tx, id, now)?;
        request.save(tx, id)?;
        documents::keep_until(tx, id, &request.detail, documents::IN_USE)?;
        let action = format!("{}.requested", super::request::kind_of(request.subject).as_str());
        audit::record(tx, now, Actor::Business(id), &action, &format!("{id} {}", request.asked), "")?;
        let wakes = status::tell(&own, tx, id, None)?;
        Ok((status::read(&own, tx, id)?, wakes))
    })
}

fn subject(level: Level) -> Subject {
    match level {
        Level::Plain => Subject::Name,
        Level::Checked => Subject::Number,
        Level::Confirmed => Subject::Verification,
    }
}

fn check_fields(asked: &RequestVerification) -> Result<(), Refusal> {
    check_text("legal_name", &asked.legal_name, 1, 120)?;
    check_text("registration_number", &asked.registration_number, 0, 60)?;
    check_text("address", &asked.address, 0, 256)?;
    check_text("website", &asked.website, 0, 256)?;
    check_text("email", &asked.email, 0, 128)?;
    if !asked.website.is_empty() && !asked.website.starts_with("https://") && !asked.website.starts_with("http://") {
        return Err(Refusal::malformed("website begins with https:// or http://, or is empty"));
    }
    if !asked.email.is_empty() && !asked.email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) {
        return Err(Refusal::malformed("email is an address such as office@shop.example, or is empty"));
    }
    if asked.country.parse::<Country>().is_err() {
        return Err(Refusal::malformed("country has two letters of ISO 3166, such as PH"));
    }
    if asked.documents.len() > limits::DOCUMENTS {
        return Err(Refusal::malformed(format!("A request names at most {} documents", limits::DOCUMENTS)));
    }
    Ok(())
}

fn entity(word: &str) -> Result<Entity, Refusal> {
    let all = [Entity::Company, Entity::SoleTrader, Entity::Nonprofit, Entity::PublicBody];
    let words = all.map(Entity::word).join(", ");
    all.into_iter().find(|entity| entity.word() == word).ok_or_else(|| Refusal::malformed(format!("entity is one of {words}")))
}

/// The documents that the request names: all there, all complete, each once.
fn named(tx: &mut Tx<'_>, business: AccountId, asked: &RequestVerification) -> Result<Vec<DocumentStatus>, Refusal> {
    let known = documents::list(tx, business)?;
    let mut ids = asked.documents.clone();
    ids.sort_unstable();
    ids.dedup();
    let found: Vec<_> = known.into_iter().filter(|document| document.complete && ids.contains(&document.id)).collect();
    if found.len() == ids.len() {
        return Ok(found);
    }
    Err(Refusal::unknown("One of the documents is not here, or not all of its pieces have come: upload it, then ask"))
}

/// What the person sees who decides. The two numbers stand beside each other.
fn detail(asked: &RequestVerification, known: &Known, documents: &[DocumentStatus], criteria: Vec<String>) -> Value {
    json!({
        "level": asked_level(asked.level).word(),
        "name": known.name,
        "entity": asked.entity,
        "legal_name": asked.legal_name.trim(),
        "registration_number": asked.registration_number.trim(),
        "country": asked.country,
        "address": asked.address.trim(),
        "website": asked.website,
        "email": asked.email,
        "official_phone": asked.official_phone,
        "proven_phone": known.phone,
        "numbers_match": asked.official_phone.digits() == known.phone,
        "documents": documents,
        "criteria": criteria,
    })
}
