//! What goes on beside everything else: customers' files are fetched, messages that waited when the process ended are taken up, and what nobody needs any
//! more is deleted.
use super::{State, prepare, row};
use crate::{Business, Error, outbox};
use futures_util::{StreamExt as _, stream};
use std::sync::Arc;
use suki_store::blobs::BlobName;
use suki_types::{ConversationId, MessageId, Timestamp};

/// How many customers' files are fetched at once.
const AT_ONCE: usize = 4;
/// How many files one look at the store takes.
const PAGE: i64 = 50;
/// How often unused files are looked for.
const HOUSE_MILLIS: i64 = 3_600_000;
/// How long to wait before the store is asked again after it failed.
const RETRY_MILLIS: i64 = 1_000;

/// Runs until the business stops here.
pub(crate) async fn run(business: Arc<Business>) {
    let mut clean_at = business.env().now();
    loop {
        let now = business.env().now();
        if now >= clean_at {
            clean_at = now.plus_millis(HOUSE_MILLIS);
            if let Err(error) = business.clean_files().await {
                tracing::error!(business = %business.id(), %error, "files that nobody needs will be deleted later");
            }
        }
        let next = match business.fetch_due().await {
            Ok(next) => next.map_or(clean_at, |next| next.min(clean_at)),
            Err(error) => {
                tracing::error!(business = %business.id(), %error, "customers' files will be fetched later");
                business.env().now().plus_millis(RETRY_MILLIS)
            }
        };
        tokio::select! {
            () = business.files.arrivals.notified() => {}
            () = business.env().clock.wait_until(next) => {}
        }
    }
}

impl Business {
    /// Takes up what waited when the process ended, before anything new is sent.
    pub(crate) async fn resume_files(self: &Arc<Self>) -> Result<(), Error> {
        let id = self.id();
        let waits = "SELECT chat, message FROM media_wait WHERE business = ?1 ORDER BY message";
        let unsealed = "SELECT DISTINCT chat FROM outbox WHERE business = ?1 AND length(payload) = 0";
        let (waiting, chats) = self
            .db()
            .read(move |tx| {
                let waiting: Vec<(ConversationId, MessageId)> = tx.query(waits, &[(&id).into()], |row| Ok((row.get(0)?, row.get(1)?)))?;
                let chats: Vec<ConversationId> = tx.query(unsealed, &[(&id).into()], |row| row.get(0))?;
                Ok::<_, Error>((waiting, chats))
            })
            .await?;
        chats.iter().for_each(|chat| self.files.block(*chat));
        for (chat, message) in &waiting {
            self.files.block(*chat);
            prepare::begin(self, *chat, *message);
        }
        for chat in chats {
            let own = self.clone();
            self.spawn(async move { own.seal_waiting(chat).await });
        }
        Ok(())
    }

    /// Seals what waits in a chat and need not wait any more.
    async fn seal_waiting(self: &Arc<Self>, chat: ConversationId) {
        loop {
            let sealed = match self.slot(chat).await {
                Ok(slot) if slot.group.is_none() => return,
                Ok(mut slot) => outbox::encrypt_waiting(self, chat, &mut slot).await,
                Err(error) => Err(error),
            };
            match sealed {
                Ok(()) => return,
                Err(error) => tracing::warn!(business = %self.id(), %chat, %error, "messages that wait cannot be sealed yet"),
            }
            self.env().clock.wait_until(self.env().now().plus_millis(RETRY_MILLIS)).await;
        }
    }

    /// Fetches the files that are due, and says when the next one is.
    async fn fetch_due(&self) -> Result<Option<Timestamp>, Error> {
        let id = self.id();
        loop {
            let now = self.env().now();
            let awaited = self.db().read(move |tx| Ok::<_, Error>(row::awaited(tx, id, PAGE)?)).await?;
            let next = awaited.iter().map(|file| file.next_at).find(|next| *next > now);
            let due: Vec<_> = awaited.into_iter().filter(|file| file.next_at <= now).collect();
            if due.is_empty() {
                return Ok(next);
            }
            let mut fetching = stream::iter(due.into_iter().map(|file| self.fetch_received(file))).buffer_unordered(AT_ONCE);
            while let Some(fetched) = fetching.next().await {
                let file = fetched?;
                tracing::debug!(business = %id, media = %file.id, here = file.state == State::Here, "a customer's file was fetched");
            }
        }
    }

    /// Deletes files that no message has and no program may use any more: the bytes first, so that none stay without a row.
    async fn clean_files(&self) -> Result<(), Error> {
        let (id, now) = (self.id(), self.env().now());
        loop {
            let unused = self.db().read(move |tx| Ok::<_, Error>(row::unused(tx, id, now, PAGE)?)).await?;
            for file in &unused {
                if let Ok(name) = BlobName::try_from(&file.name[..]) {
                    self.common().files().blobs.remove(&name).await?;
                }
                let media = file.id;
                self.db().write(move |tx| Ok::<_, Error>(row::remove(tx, id, media)?)).await?;
                self.forget_node(media);
            }
            if unused.len() < PAGE as usize {
                break;
            }
        }
        while self.forget_sessions(PAGE).await? == PAGE as usize {}
        Ok(())
    }
}
