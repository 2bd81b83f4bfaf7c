//! What the person at the device lets a business do: choices, stop, block, consent, and reports with proof (R5 to R11, R21).
use crate::{Client, ClientError, worker::Command};
use suki_protocol::{
    calls::{
        Call, Done,
        consent::{GrantConsent, WithdrawConsent},
        relation::{Choice, GetRelation, Relation, SetRelation},
        report::{Reason, Report},
    },
    pb::{self, client_frame, server_frame},
};
use suki_types::{AccountId, ConversationId, MessageId};

impl Client {
    /// Asks the network by a call.
    ///
    /// # Errors
    /// When there is no connection or the network refuses.
    pub async fn call<C: Call>(&self, request: &C) -> Result<C::Answer, ClientError> {
        let unreadable =
            |_| ClientError::Refused(format!("{} cannot be written or its answer not be read: the network is of another version", C::NAME));
        let json = serde_json::to_vec(request).map_err(unreadable)?;
        match self.request(client_frame::Body::Call(pb::Call { name: C::NAME.to_owned(), json })).await? {
            server_frame::Body::Called(called) => serde_json::from_slice(&called.json).map_err(unreadable),
            _ => Err(ClientError::Refused(format!("its answer to {} is none", C::NAME))),
        }
    }

    /// What holds between the person and a business, and why it writes to him.
    ///
    /// # Errors
    /// When there is no connection or the network refuses.
    pub async fn relation(&self, business: AccountId) -> Result<Relation, ClientError> {
        self.call(&GetRelation { business }).await
    }

    /// Chooses which messages of a business come.
    ///
    /// # Errors
    /// When there is no connection or the network refuses.
    pub async fn set_choice(&self, business: AccountId, choice: Choice) -> Result<Relation, ClientError> {
        self.call(&SetRelation { choice: Some(choice), ..SetRelation::of(business) }).await
    }

    /// Stops a business's marketing, or lets it go on.
    ///
    /// # Errors
    /// When there is no connection or the network refuses.
    pub async fn stop(&self, business: AccountId, on: bool) -> Result<Relation, ClientError> {
        self.call(&SetRelation { stopped: Some(on), ..SetRelation::of(business) }).await
    }

    /// Blocks a business, or ends that.
    ///
    /// # Errors
    /// When there is no connection or the network refuses.
    pub async fn block(&self, business: AccountId, on: bool) -> Result<Relation, ClientError> {
        self.call(&SetRelation { blocked: Some(on), ..SetRelation::of(business) }).await
    }

    /// Keeps a business among the contacts, or no longer.
    ///
    /// # Errors
    /// When there is no connection or the network refuses.
    pub async fn save(&self, business: AccountId, on: bool) -> Result<Relation, ClientError> {
        self.call(&SetRelation { saved: Some(on), ..SetRelation::of(business) }).await
    }

    /// Agrees to be written to, by a form that showed this wording.
    ///
    /// # Errors
    /// When there is no connection or the network refuses: the wording is too short.
    pub async fn grant_consent(&self, business: AccountId, form: &str, wording: &str) -> Result<Relation, ClientError> {
        self.call(&GrantConsent { business, form: form.to_owned(), wording: wording.to_owned() }).await
    }

    /// Takes that back.
    ///
    /// # Errors
    /// When there is no connection or the network refuses.
    pub async fn withdraw_consent(&self, business: AccountId) -> Result<Relation, ClientError> {
        self.call(&WithdrawConsent { business }).await
    }

    /// Reports messages of a business, with the proof that it sent them.
    ///
    /// # Errors
    /// When the device knows the conversation or the proof of a message no longer, or the network refuses.
    pub async fn report(&self, conversation: ConversationId, reason: Reason, messages: &[MessageId], block: bool) -> Result<(), ClientError> {
        let ids = messages.to_vec();
        let (business, messages) = self.ask(|answer| Command::Proofs(conversation, ids, answer)).await??;
        let Done {} = self.call(&Report { business, reason, messages, block }).await?;
        Ok(())
    }
}
