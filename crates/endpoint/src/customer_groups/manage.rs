//! What operators and programs ask for: the network does it, and tells of it in the log.
use super::store;
use crate::{
    Business, Error,
    contacts::{self, Recipient},
    media::portrait::Portrait,
};
use std::sync::Arc;
use suki_cloud_api::{ApiError, ObjectId};
use suki_protocol::calls::groups::{
    AnswerJoinRequests, Answered, Approval, CreateGroup, DeleteGroup, GetGroup, Group, GroupLink, GroupPage, JoinRequestPage, LinkChange, ListGroups,
    ListJoinRequests, NotDone, RemoveParticipants, UpdateGroup,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, JoinRequestId};

/// A group of this business, by its id in the Cloud API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupOf {
    /// Its chat.
    pub chat: ConversationId,
    /// Its id.
    pub id: ObjectId,
    /// How many customers are in it.
    pub participants: u64,
}

/// How programs know a customer of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Who {
    /// The digits of his number, if he has one.
    pub phone: Option<String>,
    /// His business-scoped user id.
    pub user_id: String,
}

impl Business {
    /// A name for a request, by which its webhook is recognised.
    pub fn request_tag(&self) -> String {
        self.env().random::<16>().iter().map(|byte| format!("{byte:02X}")).collect()
    }

    /// The link of an invitation; "" for none.
    pub fn invitation(&self, link: &str) -> String {
        if link.is_empty() { String::new() } else { format!("{}/g/{link}", self.common().public_url()) }
    }

    /// The group with this id.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business has none, or has deleted it.
    pub async fn group(&self, id: ObjectId) -> Result<GroupOf, Error> {
        let business = self.id();
        let found = self.db().read(move |tx| Ok::<_, Error>(store::live(tx, business, id)?)).await?;
        let (chat, participants) = found.ok_or(Error::NotFound("group"))?;
        Ok(GroupOf { chat, id, participants })
    }

    /// Makes a group. It is there when this returns; its id is told by the webhook, as with Meta, and stands in the answer.
    ///
    /// # Errors
    /// [`Error::Refused`] with the policy's reason; [`Error::Link`] when the network cannot be reached.
    pub async fn create_group(self: &Arc<Self>, subject: String, description: String, approval: Approval, tag: String) -> Result<ObjectId, Error> {
        let group = ConversationId::new(self.env());
        let made = self.link.call(&CreateGroup { group, subject, description, approval, tag }).await?;
        self.keep_group(&made).await
    }

    /// Stores a group that the network has made; the log tells the same, whichever comes first.
    async fn keep_group(self: &Arc<Self>, made: &Group) -> Result<ObjectId, Error> {
        let (own, chat, subject, at) = (self.clone(), made.group, made.subject.clone(), made.created_at);
        self.db().write(move |tx| Ok::<_, Error>(store::ensure(&own, tx, chat, &subject, at)?)).await
    }

    /// Changes what a group is called, and its picture: a JPEG that was checked, of any size; empty to take it away.
    ///
    /// # Errors
    /// As [`Business::create_group`].
    pub async fn update_group(
        &self,
        group: GroupOf,
        subject: Option<String>,
        description: Option<String>,
        picture: Option<Vec<u8>>,
        tag: String,
    ) -> Result<(), Error> {
        let picture = match picture {
            Some(bytes) if !bytes.is_empty() => Some(self.draw_group(bytes).await?),
            other => other,
        };
        let picture = picture.map(suki_protocol::http::Base64);
        self.link.call(&UpdateGroup { group: group.chat, subject, description, picture, tag }).await?;
        Ok(())
    }

    /// A group's picture as everybody in it is shown it.
    async fn draw_group(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        let rules = self.rules().ok_or_else(|| Error::Unavailable("the network has not been reached yet; try again in a moment".into()))?;
        let portrait = Portrait { least_side: 1, shown_side: rules.pictures.shown_side, bytes: rules.group_picture_bytes };
        let unreadable = |_| Error::Refused(ApiError::invalid_parameter("the group's picture is a JPEG that cannot be read"));
        self.draw(portrait, bytes).await?.map_err(unreadable)
    }

    /// Ends a group for everybody.
    ///
    /// # Errors
    /// As [`Business::create_group`].
    pub async fn delete_group(&self, group: GroupOf, tag: String) -> Result<(), Error> {
        self.link.call(&DeleteGroup { group: group.chat, tag }).await?;
        Ok(())
    }

    /// A group with the customers who are in it.
    ///
    /// # Errors
    /// As [`Business::create_group`].
    pub async fn group_info(&self, group: GroupOf) -> Result<Group, Error> {
        Ok(self.link.call(&GetGroup { group: group.chat }).await?)
    }

    /// The groups of this business, a page of them, each with its id.
    ///
    /// # Errors
    /// As [`Business::create_group`].
    pub async fn groups_page(
        self: &Arc<Self>,
        after: Option<ConversationId>,
        before: Option<ConversationId>,
        limit: u32,
    ) -> Result<(GroupPage, Vec<ObjectId>), Error> {
        let page = self.link.call(&ListGroups { after, before, limit }).await?;
        let own = self.clone();
        let listed: Vec<_> = page.groups.iter().map(|one| (one.group, one.subject.clone(), one.created_at)).collect();
        let ids = self.db().write(move |tx| {
            let id = |(chat, subject, at): &(ConversationId, String, _)| store::ensure(&own, tx, *chat, subject, *at);
            Ok::<_, Error>(listed.iter().map(id).collect::<Result<Vec<_>, _>>()?)
        });
        Ok((page, ids.await?))
    }

    /// A group's invitation, kept, made anew or taken away.
    ///
    /// # Errors
    /// As [`Business::create_group`].
    pub async fn group_link(&self, group: GroupOf, change: LinkChange) -> Result<String, Error> {
        Ok(self.link.call(&GroupLink { group: group.chat, change }).await?.link)
    }

    /// Who asks to be let in.
    ///
    /// # Errors
    /// As [`Business::create_group`].
    pub async fn join_requests(
        &self,
        group: GroupOf,
        after: Option<JoinRequestId>,
        before: Option<JoinRequestId>,
        limit: u32,
    ) -> Result<JoinRequestPage, Error> {
        Ok(self.link.call(&ListJoinRequests { group: group.chat, after, before, limit }).await?)
    }

    /// Lets customers in, or does not.
    ///
    /// # Errors
    /// As [`Business::create_group`].
    pub async fn answer_join_requests(
        &self,
        group: GroupOf,
        requests: Vec<JoinRequestId>,
        approve: bool,
        tag: String,
    ) -> Result<Answered<JoinRequestId>, Error> {
        Ok(self.link.call(&AnswerJoinRequests { group: group.chat, requests, approve, tag }).await?)
    }

    /// Takes customers out. The answer names them by their place in the list.
    ///
    /// # Errors
    /// As [`Business::create_group`].
    pub async fn remove_participants(&self, group: GroupOf, who: &[Recipient], tag: String) -> Result<Answered<usize>, Error> {
        let mut answer = Answered { done: Vec::new(), failed: Vec::new() };
        let (mut accounts, mut places) = (Vec::new(), Vec::new());
        for (place, recipient) in who.iter().enumerate() {
            match self.account_of(recipient).await? {
                Some(account) if !accounts.contains(&account) => {
                    accounts.push(account);
                    places.push(place);
                }
                _ => answer.failed.push(not_in(place)),
            }
        }
        if accounts.is_empty() {
            return Ok(answer);
        }
        let place = |account: AccountId| places[accounts.iter().position(|one| *one == account).unwrap_or_default()];
        let removed = self.link.call(&RemoveParticipants { group: group.chat, accounts: accounts.clone(), tag }).await?;
        answer.done.extend(removed.done.into_iter().map(place));
        answer.failed.extend(removed.failed.into_iter().map(|failed| NotDone { of: place(failed.of), code: failed.code, message: failed.message }));
        Ok(answer)
    }

    async fn account_of(&self, recipient: &Recipient) -> Result<Option<AccountId>, Error> {
        let (business, recipient) = (self.id(), recipient.clone());
        self.db().read(move |tx| Ok::<_, Error>(contacts::account_of(tx, business, &recipient)?)).await
    }

    /// How programs know customers, each of whom the network knows by an account and a number, "" without one; in the same order.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn known_as(self: &Arc<Self>, who: Vec<(AccountId, String)>) -> Result<Vec<Who>, Error> {
        let own = self.clone();
        let read = move |tx: &mut Tx<'_>| who.iter().map(|(account, phone)| Ok(known(&own, tx, *account, phone)?)).collect();
        self.db().read(read).await
    }
}

/// How programs know a customer: by what they see of a contact, or by what the network says of who is none yet.
pub(super) fn known(business: &Business, tx: &mut Tx<'_>, account: AccountId, phone: &str) -> Result<Who, StoreError> {
    match contacts::get(tx, business.id(), account) {
        Ok(contact) => {
            let contact = business.sight(contact);
            Ok(Who { phone: contact.phone, user_id: contact.user_id })
        }
        Err(StoreError::NotFound) => {
            let user_id = contacts::user_id(business.common().vault(), business.id(), account);
            Ok(Who { phone: (!phone.is_empty()).then(|| phone.to_owned()), user_id })
        }
        Err(error) => Err(error),
    }
}

fn not_in(place: usize) -> NotDone<usize> {
    NotDone { of: place, code: 131_212, message: "This customer is not in the group; look at its participants".into() }
}
