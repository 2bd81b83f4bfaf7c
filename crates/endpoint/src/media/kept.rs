//! Files that something of the business's own shows for as long as it is there, such as the pictures of products. They are not deleted, since messages may
//! show them, too.
use super::{File, FileKind, Source, State, kind, placeholder, row};
use crate::{Business, Error};
use std::sync::Arc;
use suki_cloud_api::{ApiError, ObjectId};
use suki_protocol::pb;

impl Business {
    /// A file for keeps. One behind a link need not be here yet, and may turn out never to be.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 for an id that names no file and a link that is none, with 131053 for a file that may not be sent as this kind.
    pub(crate) async fn keep_file(&self, source: Source, kind: FileKind) -> Result<ObjectId, Error> {
        let rules = self.media_rules()?;
        let file = match source {
            Source::Id(id) => self.usable(id, "Upload the file and name its id").await?,
            Source::Link(link) => self.linked(&rules, link, kind).await?,
        };
        if file.state == State::Here {
            kind::check(&rules, kind, &kind::essence(&file.media_type), file.bytes, file.look.animated).map_err(Error::Refused)?;
        }
        if file.state == State::Failed {
            return Err(Error::Refused(ApiError::from_number(kind::UPLOAD, file.problem)));
        }
        let (business, id) = (self.id(), file.id);
        self.db().write(move |tx| Ok::<_, Error>(row::used(tx, business, id)?)).await?;
        Ok(id)
    }

    /// Fetches a kept file beside everything else, when it is behind a link and not here.
    pub(crate) fn fetch_kept(self: &Arc<Self>, id: ObjectId, kind: FileKind) {
        let own = self.clone();
        self.spawn(async move {
            if let Err(error) = own.kept(id, kind, true).await {
                tracing::warn!(business = %own.id(), media = %id, %error, "a file that is to be shown will be fetched when it is");
            }
        });
    }

    /// What a message says of a kept file; it may be a placeholder. None when the file cannot be had.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn kept_for_send(&self, id: ObjectId, kind: FileKind) -> Result<Option<pb::Media>, Error> {
        let Some(file) = self.kept(id, kind, false).await? else { return Ok(None) };
        if !file.is_carried(self.env().now()) {
            return Ok(Some(placeholder::of(id, kind)));
        }
        self.described(&file, kind).map(Some)
    }

    /// The same for what is no stored message: the file is on the network when this returns.
    ///
    /// # Errors
    /// When the store or the network fails.
    pub(crate) async fn kept_carried(&self, id: ObjectId, kind: FileKind) -> Result<Option<pb::Media>, Error> {
        let Some(file) = self.kept(id, kind, true).await? else { return Ok(None) };
        let file = self.carry(file).await?;
        self.described(&file, kind).map(Some)
    }

    async fn kept(&self, id: ObjectId, kind: FileKind, fetch: bool) -> Result<Option<File>, Error> {
        let Some(mut file) = self.file(id).await? else { return Ok(None) };
        if fetch && file.state == State::Awaited {
            file = self.fetch_link(file, kind).await?;
        }
        Ok(Some(file).filter(|file| file.state == State::Here || !fetch && file.state == State::Awaited))
    }

    fn described(&self, file: &File, kind: FileKind) -> Result<pb::Media, Error> {
        let mut media = pb::Media { kind: kind.as_str().into(), ..pb::Media::default() };
        file.describe(self.common().vault(), &mut media)?;
        Ok(media)
    }
}
