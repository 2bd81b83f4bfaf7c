//! What a business is told of its templates: notices in its endpoint's log.
use super::rows::Held;
use crate::{Network, operations::call::Wakes, refusal::Refusal, rows::devices_of};
use suki_protocol::{
    calls::{
        Told,
        templates::{CategoryAnnounced, CategoryChanged, ComponentsChanged, QualityChanged, StatusChanged},
    },
    template::{Category, Quality, Reason, Status},
};
use suki_store::Tx;
use suki_types::Timestamp;

fn tell<T: Told>(network: &Network, tx: &mut Tx<'_>, held: &Held, told: &T) -> Result<Wakes, Refusal> {
    let devices = devices_of(tx, held.business)?;
    network.append_notice(tx, devices, None, told)
}

/// The template has another status than `previous`.
pub(super) fn status(network: &Network, tx: &mut Tx<'_>, held: &Held, previous: Status, now: Timestamp) -> Result<Wakes, Refusal> {
    let reason = if held.status == Status::Rejected { held.reason } else { Reason::None };
    let pause = if held.status == Status::Paused { held.pauses } else { 0 };
    tell(network, tx, held, &StatusChanged { template: held.shown(), previous, reason, pause, at: now })
}

/// The template has another quality than `previous`.
pub(super) fn quality(network: &Network, tx: &mut Tx<'_>, held: &Held, previous: Quality, now: Timestamp) -> Result<Wakes, Refusal> {
    let told = QualityChanged { id: held.id, name: held.name.clone(), language: held.language.clone(), previous, quality: held.quality, at: now };
    tell(network, tx, held, &told)
}

/// The platform has corrected the category, which was `previous`.
pub(super) fn category(network: &Network, tx: &mut Tx<'_>, held: &Held, previous: Category, now: Timestamp) -> Result<Wakes, Refusal> {
    let told = CategoryChanged { id: held.id, name: held.name.clone(), language: held.language.clone(), previous, category: held.category, at: now };
    tell(network, tx, held, &told)
}

/// The template will have the category that is announced.
pub(super) fn announced(
    network: &Network,
    tx: &mut Tx<'_>,
    held: &Held,
    (category, changes_at): (Category, Timestamp),
    now: Timestamp,
) -> Result<Wakes, Refusal> {
    let told = CategoryAnnounced {
        id: held.id,
        name: held.name.clone(),
        language: held.language.clone(),
        category: held.category,
        correct_category: category,
        changes_at,
        at: now,
    };
    tell(network, tx, held, &told)
}

/// The template has another approved text.
pub(super) fn components(network: &Network, tx: &mut Tx<'_>, held: &Held, now: Timestamp) -> Result<Wakes, Refusal> {
    tell(network, tx, held, &ComponentsChanged { template: held.shown(), at: now })
}
