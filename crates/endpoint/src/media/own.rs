//! Files that the endpoint makes itself, such as a flow's screens: messages carry them like any other, and programs do not see them.
use super::{FileKind, Origin, placeholder, row};
use crate::{Business, Error};
use suki_cloud_api::ObjectId;
use suki_protocol::pb;

impl Business {
    /// Keeps a file, for as long as there is a history.
    ///
    /// # Errors
    /// What disk and store say.
    pub(crate) async fn keep_own_file(&self, bytes: &[u8], media_type: &str, filename: &str) -> Result<ObjectId, Error> {
        let mut intake = super::Intake::begin(self.common(), bytes.len() as u64).await?;
        intake.push(bytes).await?;
        let taken = intake.finish().await?;
        let mut file = self.new_file(Origin::Upload, self.env().now());
        (file.filename, file.used) = (filename.to_owned(), true);
        self.hold(&mut file, taken, media_type.to_owned()).await?;
        let (business, id) = (self.id(), file.id);
        self.db().write(move |tx| Ok::<_, Error>(row::insert(tx, business, &file, &[])?)).await?;
        Ok(id)
    }

    /// What a message says of such a file, once the network has it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none of this id; what the network says.
    pub(crate) async fn own_file_carried(&self, id: ObjectId) -> Result<pb::Media, Error> {
        let file = self.file(id).await?.ok_or(Error::NotFound("media"))?;
        self.carry(file).await?;
        self.own_file_for_send(id).await
    }

    /// What a message says of such a file; a placeholder when the network does not have it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none of this id.
    pub(crate) async fn own_file_for_send(&self, id: ObjectId) -> Result<pb::Media, Error> {
        let file = self.file(id).await?.ok_or(Error::NotFound("media"))?;
        if !file.is_carried(self.env().now()) {
            return Ok(placeholder::of(id, FileKind::Document));
        }
        let mut media = pb::Media { kind: FileKind::Document.as_str().into(), ..pb::Media::default() };
        file.describe(self.common().vault(), &mut media)?;
        Ok(media)
    }
}
