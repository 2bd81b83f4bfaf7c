//! What a business asks about its templates.
use super::{own, rows};
use crate::{Network, operations::call::business_only, refusal::Refusal, rows::Caller};
use suki_protocol::calls::templates::{Get, List, Page, Stored, Template};
use suki_rules::template::lifecycle;
use suki_store::Tx;
use suki_types::limits;

/// The most templates of a page.
const MOST: u32 = 100;
/// So many rows one call looks at, whatever its filters let through.
const LOOKED_AT: u64 = 500;
/// So many bytes of templates one page has at most, but for the first template.
const PAGE_BYTES: usize = 120 * 1024;

/// One template.
pub(super) fn get(network: &Network, tx: &mut Tx<'_>, caller: &Caller, asked: &Get) -> Result<Stored, Refusal> {
    let held = own(tx, caller, asked.id)?;
    Ok(Stored { template: held.shown(), limits: network.policy().template_parts.filled() })
}

/// A page of those that pass the filters.
pub(super) fn list(network: &Network, tx: &mut Tx<'_>, caller: &Caller, asked: &List) -> Result<Page, Refusal> {
    business_only(caller)?;
    if !(1..=MOST).contains(&asked.limit) {
        return Err(Refusal::malformed(format!("limit is {}; 1 to {MOST} is allowed", asked.limit)));
    }
    if asked.contains.as_ref().is_some_and(|text| text.chars().count() > limits::SEARCH_CHARS) {
        return Err(Refusal::malformed(format!("contains has too many characters; at most {} are allowed", limits::SEARCH_CHARS)));
    }
    let looked_at = rows::after(tx, caller.account, asked.after, LOOKED_AT)?;
    let (mut templates, mut bytes, mut next) = (Vec::new(), 0, 0);
    let more = looked_at.len() as u64 == LOOKED_AT;
    let last = looked_at.last().map_or(0, |held| held.id);
    let mut before = asked.after;
    for template in looked_at.into_iter().map(|held| held.shown()) {
        let id = template.id;
        if passes(asked, &template) {
            bytes += serde_json::to_vec(&template).map_or(0, |json| json.len());
            if templates.len() == asked.limit as usize || (bytes > PAGE_BYTES && !templates.is_empty()) {
                next = before;
                break;
            }
            templates.push(template);
        }
        before = id;
    }
    if next == 0 && more {
        next = last;
    }
    let allowed = lifecycle::allowed(network.policy(), rows::is_checked(tx, caller.account)?);
    let total = rows::count(tx, caller.account)?;
    Ok(Page { templates, next, total, allowed: allowed.into(), limits: network.policy().template_parts.filled() })
}

fn passes(asked: &List, template: &Template) -> bool {
    let contains = |text: &String| {
        let text = text.to_lowercase();
        let parts = serde_json::to_string(&template.components).unwrap_or_default().to_lowercase();
        template.name.contains(&text) || parts.contains(&text)
    };
    asked.name.as_ref().is_none_or(|name| *name == template.name)
        && asked.language.as_ref().is_none_or(|language| language.eq_ignore_ascii_case(&template.language))
        && (asked.status.is_empty() || asked.status.contains(&template.status))
        && (asked.category.is_empty() || asked.category.contains(&template.category))
        && (asked.quality.is_empty() || asked.quality.contains(&template.quality))
        && asked.contains.as_ref().is_none_or(contains)
}
