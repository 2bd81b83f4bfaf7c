//! Pictures, films, sound, documents and stickers.
use crate::{Business, Error};
use suki_cloud_api::{ApiError, Code, messages::File};
use suki_protocol::pb;

impl Business {
    /// A file as it is sealed into a message.
    ///
    /// # Errors
    /// [`Error::Refused`] with 131051: this server carries no files.
    pub(super) async fn file_for_send(&self, file: File) -> Result<pb::Media, Error> {
        let details = format!("this server carries no files, so that nothing of type {} can be sent", file.kind.as_str());
        Err(Error::Refused(ApiError::new(Code::UnsupportedType, details)))
    }
}
