//! What the network tells of templates unasked, stored and passed on to programs.
use super::store;
use crate::{Business, Error, agent::Told, notices::Notice, webhooks};
use serde::de::DeserializeOwned;
use suki_cloud_api::templates::notify::{self, Named, StatusChange};
use suki_protocol::calls::{
    Told as Kind,
    templates::{CategoryAnnounced, CategoryChanged, ComponentsChanged, QualityChanged, StatusChanged, Template},
};
use suki_store::{StoreError, Tx};
use suki_template::{Reason, Status};
use suki_types::Timestamp;

/// Stores what a notice says. One that cannot be read is of a newer network, and passed over.
///
/// # Errors
/// When the store fails.
pub(crate) fn apply(business: &Business, tx: &mut Tx<'_>, notice: &Notice, told: &mut Told) -> Result<(), Error> {
    let (field, value) = match notice.kind.as_str() {
        StatusChanged::KIND => {
            let Some(changed) = read::<StatusChanged>(business, notice) else { return Ok(()) };
            store::put(tx, business.id(), &changed.template)?;
            (notify::STATUS_FIELD, status(&changed))
        }
        QualityChanged::KIND => {
            let Some(changed) = read::<QualityChanged>(business, notice) else { return Ok(()) };
            change(tx, business, changed.id, changed.at, |template| {
                (template.quality, template.quality_at) = (changed.quality, changed.at);
            })?;
            let named = Named { id: changed.id, name: &changed.name, language: &changed.language };
            (notify::QUALITY_FIELD, notify::quality(named, changed.previous, changed.quality))
        }
        CategoryChanged::KIND => {
            let Some(changed) = read::<CategoryChanged>(business, notice) else { return Ok(()) };
            change(tx, business, changed.id, changed.at, |template| {
                (template.previous_category, template.category) = (Some(changed.previous), changed.category);
                template.correct_category = None;
            })?;
            let named = Named { id: changed.id, name: &changed.name, language: &changed.language };
            (notify::CATEGORY_FIELD, notify::category(named, changed.previous, changed.category, None))
        }
        CategoryAnnounced::KIND => {
            let Some(said) = read::<CategoryAnnounced>(business, notice) else { return Ok(()) };
            change(tx, business, said.id, said.at, |template| template.correct_category = Some(said.correct_category))?;
            let named = Named { id: said.id, name: &said.name, language: &said.language };
            (notify::CATEGORY_FIELD, notify::category(named, said.category, said.correct_category, Some(said.changes_at)))
        }
        ComponentsChanged::KIND => {
            let Some(changed) = read::<ComponentsChanged>(business, notice) else { return Ok(()) };
            store::put(tx, business.id(), &changed.template)?;
            (notify::COMPONENTS_FIELD, notify::components(named(&changed.template), &changed.template.components))
        }
        _ => return Ok(()),
    };
    told.queued.extend(webhooks::account(business, tx, field, &value, notice.at)?);
    Ok(())
}

fn read<T: Kind + DeserializeOwned>(business: &Business, notice: &Notice) -> Option<T> {
    let read = serde_json::from_slice(&notice.json);
    if let Err(error) = &read {
        tracing::warn!(business = %business.id(), kind = %notice.kind, %error, "a notice cannot be read");
    }
    read.ok()
}

/// Changes what is stored of a template; nothing when it is not known, or known to be newer.
fn change(tx: &mut Tx<'_>, business: &Business, id: u64, at: Timestamp, change: impl FnOnce(&mut Template)) -> Result<(), StoreError> {
    let Some(mut template) = store::get(tx, business.id(), id)?.filter(|template| template.updated_at <= at) else { return Ok(()) };
    change(&mut template);
    template.updated_at = at;
    store::put(tx, business.id(), &template)
}

fn named(template: &Template) -> Named<'_> {
    Named { id: template.id, name: &template.name, language: &template.language }
}

fn status(changed: &StatusChanged) -> serde_json::Value {
    let template = &changed.template;
    let step = match (template.status, changed.pause) {
        (Status::Paused, 1) => "FIRST_PAUSE",
        (Status::Paused, 2..) => "SECOND_PAUSE",
        (Status::Disabled, _) => "DISABLED",
        (Status::Approved, _) if changed.previous == Status::Paused => "UNPAUSE",
        _ => "",
    };
    let change = StatusChange {
        event: template.status.as_str(),
        category: template.category.as_str(),
        reason: if changed.reason == Reason::None { "" } else { changed.reason.as_str() },
        explanation: &template.explanation,
        step,
        disabled_at: (template.status == Status::Disabled).then_some(changed.at),
    };
    notify::status(named(template), &change)
}
