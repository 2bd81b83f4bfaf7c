//! What programs are told of groups (Cloud API, section 3c: `groups:[…]`, and statuses with `recipient_type`).
use super::store;
use crate::{
    Business, Error,
    contacts::{self, Contact},
    messages::{Failure, Status},
    money,
    status::Tracked,
    webhooks::{self, Queued},
};
use suki_cloud_api::{
    ObjectId,
    groups::{self as wire, GroupId, Participant as Shown},
    wamid,
    webhook::{ErrorItem, Status as WireStatus},
};
use suki_protocol::calls::groups::{Approval, Change, GroupChanged, Participant};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, Timestamp};

/// How far a message came with one participant.
pub(super) struct Step {
    pub contact: AccountId,
    /// Why it does not reach him.
    pub failure: Option<Failure>,
    /// What it costs, as [`money`] keeps it.
    pub price: String,
}

/// Something has changed in a group.
pub(super) fn changed(business: &Business, tx: &mut Tx<'_>, graph: ObjectId, changed: &GroupChanged) -> Result<Vec<Queued>, Error> {
    let mut people = |participants: &[Participant]| {
        let each = participants.iter().map(|who| shown(business, tx, who.account, &who.phone));
        each.collect::<Result<Vec<_>, StoreError>>()
    };
    let event = match &changed.change {
        Change::Created { subject, description, approval, link } => wire::Event::Created {
            subject: subject.clone(),
            description: description.clone(),
            approval_required: *approval == Approval::ApprovalRequired,
            invite_link: business.invitation(link),
        },
        Change::Settings { subject, description, picture } => wire::Event::Settings {
            subject: subject.clone(),
            description: description.clone(),
            picture_sha256: picture.as_ref().map(|hash| hash.0.clone()),
        },
        Change::Deleted => wire::Event::Deleted,
        Change::Joined { participants } => wire::Event::Joined { participants: people(participants)? },
        Change::Left { participants, removed } => wire::Event::Left { participants: people(participants)?, by_business: *removed },
        Change::Requested { request } => {
            wire::Event::Requested { request: request.request.to_string(), who: shown(business, tx, request.account, &request.phone)? }
        }
        Change::Withdrawn { request } => {
            wire::Event::Withdrawn { request: request.request.to_string(), who: shown(business, tx, request.account, &request.phone)? }
        }
    };
    let value = event.value(GroupId(graph), &changed.tag, changed.at);
    webhooks::chat_event(business, tx, changed.group, event.field(), &value)
}

/// The business was banned, so that it may not write into its groups, or is not any more.
///
/// # Errors
/// When the store fails.
pub(crate) fn suspended(business: &Business, tx: &mut Tx<'_>, is_banned: bool, at: Timestamp) -> Result<Vec<Queued>, Error> {
    let event = if is_banned { wire::Event::Suspended } else { wire::Event::Released };
    let mut queued = Vec::new();
    for (chat, graph) in store::all_live(tx, business.id())? {
        queued.extend(webhooks::chat_event(business, tx, chat, event.field(), &event.value(GroupId(graph), "", at))?);
    }
    Ok(queued)
}

fn shown(business: &Business, tx: &mut Tx<'_>, account: AccountId, phone: &str) -> Result<Shown, StoreError> {
    let who = super::manage::known(business, tx, account, phone)?;
    Ok(Shown { wa_id: who.phone, user_id: who.user_id })
}

/// How far a message came with some participants: one delivery for all of them.
pub(super) fn statuses(
    business: &Business,
    tx: &mut Tx<'_>,
    chat: ConversationId,
    message: &Tracked,
    to: Status,
    steps: &[Step],
    at: Timestamp,
) -> Result<Vec<Queued>, Error> {
    let Some(progress) = to.told() else { return Ok(Vec::new()) };
    if steps.is_empty() || !business.hooks.is_any() {
        return Ok(Vec::new());
    }
    let group = group_id(tx, business.id(), chat)?;
    let mut contacts = Vec::new();
    for step in steps {
        contacts.push(webhooks::card(&business.sight(contacts::get(tx, business.id(), step.contact)?)));
    }
    webhooks::group_statuses(business, tx, chat, message.id, progress, |hook| {
        let own = hook.may_know_what_is_of(message.app) && !message.callback_data.is_empty();
        let status = |(step, contact): (&Step, &_)| {
            let mut status = WireStatus::new(contact, wamid::encode(message.id), progress, at).of_group(group.clone(), contact);
            status.biz_opaque_callback_data = own.then(|| message.callback_data.clone());
            if let (Some(said), Some(known)) = (&mut status.pricing, money::pricing(&step.price)) {
                *said = known;
            }
            if let Some(said) = &mut status.pricing {
                said.category = format!("group_{}", said.category);
            }
            status.errors.extend(step.failure.as_ref().map(|failure| ErrorItem::new(failure.code, &*failure.detail)));
            status
        };
        let statuses = steps.iter().zip(&contacts).map(status).collect();
        (contacts.clone(), statuses)
    })
}

/// A group's id as programs know it; `None` of a chat that is none.
pub(crate) fn group_id(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<String, StoreError> {
    Ok(store::id_of(tx, business, chat)?.map(|graph| GroupId(graph).to_string()).unwrap_or_default())
}

/// The status of a message to a group that has no participants' yet: its refusal.
pub(crate) fn whole(status: WireStatus, group: String, contact: &Contact) -> WireStatus {
    status.of_group(group, &webhooks::card(contact))
}
