//! Packs: the approved texts of a template's name, signed, for the devices of those who talk with the business (R79 to R82).
use super::rows::{category_from, components_from, format_from};
use crate::{Network, int, refusal::Refusal, rows::Caller};
use suki_protocol::{
    calls::templates::{GetPack, ListPacks, PackSerial, Packs, SignedPack},
    pb::RefusalCode,
    template::{Button, Component, Fallback, Pack, PackText, sign},
};
use suki_rules::PackFallback;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, limits};

/// The most languages a device may ask for by name.
const LANGUAGES: usize = 20;
/// So many bytes of JSON a pack has at most, so that it fits into an answer as base64.
const PACK_BYTES: usize = 140 * 1024;
/// So many names a page has at most, and so many bytes of them.
const NAMES: u64 = 200;
/// So many texts of one name are looked at: every language with every version that may be under way.
const TEXTS: u64 = 2000;

/// The business itself, or somebody who has a conversation with it.
fn may_read(tx: &mut Tx<'_>, caller: &Caller, business: AccountId) -> Result<(), Refusal> {
    if caller.account == business {
        return Ok(());
    }
    let sql = "SELECT conversation FROM account_conversation WHERE account = ?1 AND other = ?2";
    match tx.query_opt(sql, &[(&caller.account).into(), (&business).into()], |_| Ok(()))? {
        Some(()) => Ok(()),
        None => Err(Refusal::forbidden("This account has no conversation with that business, and so no use for its templates")),
    }
}

/// The names of a business's packs, and how new each is.
pub(super) fn list(tx: &mut Tx<'_>, caller: &Caller, asked: &ListPacks) -> Result<Packs, Refusal> {
    may_read(tx, caller, asked.business)?;
    let packs = tx.query(
        "SELECT name, serial FROM template_pack WHERE business = ?1 AND name > ?2 ORDER BY name LIMIT ?3",
        &[(&asked.business).into(), asked.after.as_str().into(), int(NAMES)],
        |row| Ok(PackSerial { name: row.get(0)?, serial: row.get(1)? }),
    )?;
    let next = if packs.len() as u64 == NAMES { packs.last().map_or_else(String::new, |pack| pack.name.clone()) } else { String::new() };
    Ok(Packs { packs, next })
}

/// One pack, signed.
pub(super) fn get(network: &Network, tx: &mut Tx<'_>, caller: &Caller, asked: &GetPack) -> Result<SignedPack, Refusal> {
    if asked.languages.len() > LANGUAGES {
        return Err(Refusal::malformed(format!(
            "{} languages were asked for; at most {LANGUAGES} are allowed, or none for all",
            asked.languages.len()
        )));
    }
    may_read(tx, caller, asked.business)?;
    let sql = "SELECT serial FROM template_pack WHERE business = ?1 AND name = ?2";
    let serial = tx.query_opt(sql, &[(&asked.business).into(), asked.name.as_str().into()], |row| row.get(0))?;
    let serial = serial.ok_or_else(|| Refusal::unknown("That business has no pack of this name; list its packs"))?;
    let wanted = |text: &PackText| asked.languages.is_empty() || asked.languages.iter().any(|one| one.eq_ignore_ascii_case(&text.language));
    let texts = texts(tx, asked.business, &asked.name)?;
    let languages = texts.into_iter().filter(|(text, _)| wanted(text)).collect();
    let packs = &network.policy().packs;
    let pack = Pack {
        business: asked.business,
        name: asked.name.clone(),
        serial,
        issued_at: network.now(),
        refresh_millis: packs.refresh.millis(),
        retry_millis: packs.retry.millis(),
        fallback: match packs.fallback {
            PackFallback::Sender => Fallback::Sender,
            PackFallback::Refuse => Fallback::Refuse,
        },
        languages: fitting(languages)?,
    };
    sign(&network.0.key, &pack).ok_or_else(|| Refusal::new(RefusalCode::Unavailable, "The pack cannot be written; tell the server's operator"))
}

/// The texts of a name, the newest of each template first; true for those that are the newest still.
fn texts(tx: &mut Tx<'_>, business: AccountId, name: &str) -> Result<Vec<(PackText, bool)>, StoreError> {
    let row = |row: &suki_store::Row<'_>| {
        let text = PackText {
            template_id: row.get(0)?,
            version: row.get(1)?,
            language: row.get(2)?,
            category: category_from(row.get(3)?)?,
            parameter_format: format_from(row.get(4)?)?,
            components: bare(components_from(&row.get::<String>(5)?)?),
        };
        Ok((text, row.get::<i64>(6)? == 0))
    };
    let key = [(&business).into(), name.into(), int(TEXTS)];
    let mut texts = tx.query(
        "SELECT id, version, language, category, parameter_format, components, superseded_at FROM template_text \
         WHERE business = ?1 AND name = ?2 AND superseded_at = 0 ORDER BY language LIMIT ?3",
        &key,
        row,
    )?;
    texts.extend(tx.query(
        "SELECT id, version, language, category, parameter_format, components, superseded_at FROM template_text \
         WHERE business = ?1 AND name = ?2 AND superseded_at > 0 ORDER BY superseded_at DESC LIMIT ?3",
        &key,
        row,
    )?);
    Ok(texts)
}

/// What fits into a pack: all newest texts, and of the older ones as many as there is room for.
fn fitting(texts: Vec<(PackText, bool)>) -> Result<Vec<PackText>, Refusal> {
    let (mut fitting, mut bytes) = (Vec::with_capacity(texts.len()), 0);
    for (text, is_newest) in texts {
        bytes += serde_json::to_vec(&text).map_or(0, |json| json.len() + 1);
        if bytes <= PACK_BYTES {
            fitting.push(text);
        } else if is_newest {
            return Err(Refusal::too_large("The pack with these languages", bytes, PACK_BYTES));
        } else {
            break;
        }
    }
    Ok(fitting)
}

/// Without the examples, which are for those who review.
fn bare(mut components: Vec<Component>) -> Vec<Component> {
    for component in &mut components {
        match component {
            Component::Header(header) => header.example = None,
            Component::Body(body) => body.example = None,
            Component::Buttons(given) => {
                for button in &mut given.buttons {
                    if let Button::Url { example, .. } | Button::CopyCode { example, .. } = button {
                        example.clear();
                    }
                }
            }
            Component::Carousel(given) => {
                for card in &mut given.cards {
                    card.components = bare(std::mem::take(&mut card.components));
                }
            }
            Component::Footer(_) | Component::LimitedTimeOffer(_) => {}
        }
    }
    components
}

const _: () = assert!(NAMES as usize * (limits::TEMPLATE_NAME_BYTES + 40) < 200 * 1024, "a page of names fits into an answer");
