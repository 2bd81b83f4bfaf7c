//! Files: pictures, films, sound, documents and stickers that a business sends and receives (Cloud API, sections 3a and 3e).
//!
//! A file's bytes stand beside the database, sealed under a key of their own, in the very form in which they go to the network (`suki_e2ee::blob`); its
//! row says what it is. It is put on the network when it is first sent, and again when the network will not keep it for much longer. A message that
//! names a file which is not on the network yet holds a placeholder and waits ([`prepare`]), and with it whatever is written later into the same chat,
//! so that the chat keeps its order; other chats do not wait.
//!
//! | file | subject |
//! |---|---|
//! | [`kind`] | what a file is, and what may be sent |
//! | [`intake`], [`upload`], [`session`] | files on their way in: whole, or in pieces |
//! | [`link`] | files behind links |
//! | [`received`] | files that customers sent |
//! | [`own`] | files that the endpoint makes itself |
//! | [`kept`] | pictures of products, and what else stays |
//! | [`carry`] | files on the network |
//! | [`placeholder`], [`prepare`] | messages that wait for files |
//! | [`read`], [`address`] | giving files out |
//! | [`look`] | what shows of a picture before it is there |
//! | [`shelf`] | where the bytes are, and how many move at once |
//! | [`house`] | what is deleted, and what goes on after a start |
mod address;
mod carry;
mod house;
mod intake;
mod kept;
mod kind;
mod link;
mod look;
mod own;
mod placeholder;
pub(crate) mod portrait;
pub(crate) mod prepare;
mod read;
pub(crate) mod received;
mod row;
mod session;
mod shelf;
mod transport;
mod upload;

pub use address::Address;
pub use intake::{Intake, Taken, kind_of};
pub use kind::essence;
pub use read::Opened;
pub use row::{File, Origin, State};
pub use session::{Progress, Session};
pub use suki_cloud_api::messages::FileKind;
pub use transport::{Linked, Links};

pub(crate) use house::run;
pub(crate) use placeholder::{awaits, same_but_files};
pub(crate) use shelf::Shelf;

use crate::{Business, Error};
use aws_lc_rs::digest;
use parking_lot::Mutex;
use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Weak},
};
use suki_cloud_api::{ApiError, ObjectId};
use suki_protocol::{calls::rules::Rules, pb};
use suki_types::ConversationId;
use tokio::sync::{Mutex as AsyncMutex, Notify, OwnedMutexGuard};

/// The longest link.
const LINK_BYTES: usize = 2048;

/// What a program names as the file of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file that was uploaded, or that a customer sent.
    Id(ObjectId),
    /// A file somewhere on the web.
    Link(String),
}

/// What a business keeps in memory about its files.
#[derive(Default)]
pub(crate) struct Files {
    /// Whoever fetches or carries a file holds its lock.
    locks: Mutex<HashMap<ObjectId, Weak<AsyncMutex<()>>>>,
    /// Chats in which messages wait that are not sealed yet. Changed only by who holds the chat's slot.
    blocked: Mutex<HashSet<ConversationId>>,
    /// Customers' files are to be fetched.
    pub(crate) arrivals: Notify,
}

impl Files {
    /// Whether what is written into a chat now has to wait its turn.
    pub(crate) fn is_blocked(&self, chat: ConversationId) -> bool {
        self.blocked.lock().contains(&chat)
    }
    pub(crate) fn block(&self, chat: ConversationId) {
        self.blocked.lock().insert(chat);
    }
    pub(crate) fn unblock(&self, chat: ConversationId) {
        self.blocked.lock().remove(&chat);
    }

    async fn lock(&self, id: ObjectId) -> OwnedMutexGuard<()> {
        let lock = {
            let mut locks = self.locks.lock();
            locks.retain(|_, lock| lock.strong_count() > 0);
            let lock = locks.get(&id).and_then(Weak::upgrade).unwrap_or_default();
            locks.insert(id, Arc::downgrade(&lock));
            lock
        };
        lock.lock_owned().await
    }
}

impl Business {
    /// What a message says of a file. It may be a placeholder: [`Business::send`] waits for what is missing, and the message fails with 131053 when it
    /// never comes. Caption, file name and `voice` are the caller's to set.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 for an id that is nobody's, another business's or too old, and for a link that is none; with 131053 for a file that
    /// may not be sent as this kind.
    pub async fn media_for_send(&self, source: Source, kind: FileKind) -> Result<pb::Media, Error> {
        let rules = self.media_rules()?;
        let file = match source {
            Source::Id(id) => self.usable(id, "Use the id of an upload that is not older than 30 days, or a link").await?,
            Source::Link(link) => self.linked(&rules, link, kind).await?,
        };
        match file.state {
            State::Here => kind::check(&rules, kind, &essence(&file.media_type), file.bytes, file.look.animated).map_err(Error::Refused)?,
            State::Failed => return Err(Error::Refused(ApiError::from_number(kind::UPLOAD, file.problem))),
            State::Awaited => {}
        }
        if !file.used {
            let business = self.id();
            self.db().write(move |tx| Ok::<_, Error>(row::used(tx, business, file.id)?)).await?;
        }
        if !file.is_carried(self.env().now()) {
            return Ok(placeholder::of(file.id, kind));
        }
        let mut media = pb::Media { kind: kind.as_str().into(), ..pb::Media::default() };
        file.describe(self.common().vault(), &mut media)?;
        Ok(media)
    }

    /// A file that programs may use.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100: whether it was never there, is another's or too old is not said. `advice` says what to do.
    pub(crate) async fn usable(&self, id: ObjectId, advice: &str) -> Result<File, Error> {
        let no_such = || Error::Refused(ApiError::invalid_parameter(format!("There is no media with the id {id}, or it is too old. {advice}")));
        self.file(id).await?.filter(|file| file.expires_at > self.env().now()).ok_or_else(no_such)
    }

    /// What is stored of a file, also of one that programs may not use any more.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn file(&self, id: ObjectId) -> Result<Option<File>, Error> {
        let business = self.id();
        self.db().read(move |tx| Ok::<_, Error>(row::get(tx, business, id)?)).await
    }

    /// The rules, without which no file can be judged.
    ///
    /// # Errors
    /// [`Error::Unavailable`] before the network was ever reached.
    fn media_rules(&self) -> Result<Arc<Rules>, Error> {
        self.rules()
            .ok_or_else(|| Error::Unavailable("The network was not reached yet, so its rules for files are not known; try again shortly".into()))
    }

    /// Nobody uses it any more: programs are told that it does not exist. What was sent with it stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such file for programs.
    pub async fn delete_media(&self, id: ObjectId) -> Result<(), Error> {
        let (business, now) = (self.id(), self.env().now());
        self.file(id).await?.filter(|file| file.expires_at > now).ok_or(Error::NotFound("media"))?;
        self.db().write(move |tx| Ok::<_, Error>(row::withdraw(tx, business, id, now)?)).await
    }
}

/// By which a link is found again: of what it is used as, too, since that decides how large it may be.
fn link_hash(link: &str, kind: FileKind) -> Vec<u8> {
    digest::digest(&digest::SHA256, format!("{} {link}", kind.as_str()).as_bytes()).as_ref().to_vec()
}
