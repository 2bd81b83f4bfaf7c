//! Messages that wait for files: each is prepared by itself, and sealed when its turn in its chat has come.
use super::{File, Origin, State, kind, placeholder};
use crate::{
    Business, Error,
    agent::Told,
    messages::{self, Failure},
    outbox, status,
};
use std::{collections::HashMap, sync::Arc};
use suki_cloud_api::ObjectId;
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId};

/// How long to wait before a file is carried again after the network could not take it, in milliseconds; doubled each time up to the last.
const RETRY_MILLIS: std::ops::RangeInclusive<i64> = 1_000..=60_000;

/// Stores, in the unit that stores a message, that it waits.
pub(crate) fn wait(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId, message: MessageId) -> Result<(), StoreError> {
    let sql = "INSERT INTO media_wait (business, message, chat) VALUES (?1, ?2, ?3)";
    tx.execute(sql, &[(&business).into(), (&message).into(), (&chat).into()])?;
    Ok(())
}

/// The messages of a chat that wait.
pub(crate) fn waiting(tx: &mut Tx<'_>, business: AccountId, chat: ConversationId) -> Result<Vec<MessageId>, StoreError> {
    tx.query("SELECT message FROM media_wait WHERE business = ?1 AND chat = ?2", &[(&business).into(), (&chat).into()], |row| row.get(0))
}

/// Prepares a stored message beside everything else.
pub(crate) fn begin(business: &Arc<Business>, chat: ConversationId, message: MessageId) {
    let own = business.clone();
    business.spawn(async move { own.prepare(chat, message).await });
}

/// What becomes of a message that waited.
enum End {
    /// Its files are there.
    Filled(HashMap<ObjectId, File>),
    /// One never will be, and why.
    Failed(String),
}

impl Business {
    async fn prepare(self: &Arc<Self>, chat: ConversationId, message: MessageId) {
        let mut wait = *RETRY_MILLIS.start();
        loop {
            match self.try_prepare(chat, message).await {
                Ok(()) => return,
                Err(error) => tracing::warn!(business = %self.id(), %message, %error, "a message's files are not there yet; trying again"),
            }
            self.env().clock.wait_until(self.env().now().plus_millis(wait)).await;
            wait = (wait * 2).min(*RETRY_MILLIS.end());
        }
    }

    async fn try_prepare(self: &Arc<Self>, chat: ConversationId, message: MessageId) -> Result<(), Error> {
        let id = self.id();
        let found = self.db().read(move |tx| Ok::<_, Error>(messages::get(tx, id, message)?)).await?;
        let end = match found {
            Some(found) => self.bring(&placeholder::files(&found.sent)?).await?,
            None => End::Failed(String::new()),
        };
        let own = self.clone();
        let told = self.db().write(move |tx| finish(&own, tx, chat, message, &end)).await?;
        self.common().dispatcher().notify(told.queued);
        told.live.into_iter().for_each(|event| self.live().tell(event));
        let mut slot = self.slot(chat).await?;
        if slot.group.is_some() {
            outbox::encrypt_waiting(self, chat, &mut slot).await?;
        }
        Ok(())
    }

    async fn bring(&self, awaited: &[(ObjectId, super::FileKind)]) -> Result<End, Error> {
        let mut files = HashMap::new();
        for (id, kind) in awaited {
            let Some(mut file) = self.file(*id).await? else { return Ok(End::Failed("The file was deleted before it was sent".into())) };
            if file.state == State::Awaited {
                file = match file.origin {
                    Origin::Link => self.fetch_link(file, *kind).await?,
                    Origin::Received | Origin::Upload => self.fetch_received(file).await?,
                };
            }
            if file.state == State::Failed {
                return Ok(End::Failed(file.problem));
            }
            file = match self.carry(file).await {
                // What the network refuses for good, such as a size, it refuses again.
                Err(Error::Refused(refused)) => return Ok(End::Failed(refused.details)),
                Err(Error::Invalid(text)) => return Ok(End::Failed(text)),
                other => other?,
            };
            files.insert(*id, file);
        }
        Ok(End::Filled(files))
    }
}

fn finish(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, message: MessageId, end: &End) -> Result<Told, Error> {
    let (id, mut told) = (business.id(), Told::default());
    tx.execute("DELETE FROM media_wait WHERE business = ?1 AND message = ?2", &[(&id).into(), (&message).into()])?;
    match end {
        End::Failed(problem) => {
            let sql = "DELETE FROM outbox WHERE business = ?1 AND chat = ?2 AND message = ?3 AND kind = 'message'";
            tx.execute(sql, &[(&id).into(), (&chat).into(), (&message).into()])?;
            let failure = Failure::new(kind::UPLOAD, problem.clone());
            status::fail(business, tx, chat, message, failure, business.env().now(), &mut told)?;
        }
        End::Filled(files) => {
            let found = messages::get(tx, id, message)?.ok_or(StoreError::NotFound)?;
            if let Some(content) = placeholder::filled(business.common().vault(), &found.sent, files)? {
                let sql = "UPDATE message SET content = ?3 WHERE business = ?1 AND id = ?2";
                tx.execute(sql, &[(&id).into(), (&message).into(), (&content).into()])?;
            }
            told.live.extend(crate::live::message_event(business.live(), tx, id, chat, message)?);
        }
    }
    Ok(told)
}
