//! Pictures, films, sound, documents and stickers.
use crate::{Business, Error, media::Source};
use suki_cloud_api::{
    messages::File,
    templates::sent::{MediaFile, ParameterValue, SentTemplate},
};
use suki_protocol::pb::{self, template_parameter::Value};

impl Business {
    /// A file as it is sealed into a message; it may be a placeholder, which [`Business::send`] fills.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 for an id that names no file and 131053 for a file that may not be sent as this kind.
    pub(super) async fn file_for_send(&self, file: File) -> Result<pb::Media, Error> {
        let media = self.media_for_send(source(&file.place), file.kind).await?;
        let filename = if file.filename.is_empty() { media.filename } else { file.filename };
        Ok(pb::Media { caption: file.caption, filename, voice: file.voice, ..media })
    }

    /// The files of a template's header and of its cards, in their order.
    ///
    /// # Errors
    /// As [`Business::media_for_send`].
    pub(crate) async fn template_files(&self, given: &SentTemplate) -> Result<Vec<pb::Media>, Error> {
        let mut files = Vec::new();
        for parameter in given.header.iter().chain(given.cards.iter().flat_map(|card| &card.header)) {
            if let ParameterValue::Media { kind, file, filename } = &parameter.value {
                let media = self.media_for_send(source(file), (*kind).into()).await?;
                let filename = filename.clone().unwrap_or_else(|| media.filename.clone());
                files.push(pb::Media { filename, ..media });
            }
        }
        Ok(files)
    }
}

/// Puts the files of a template where they belong, in their order. Their links stay here: no device of a customer asks a business's server for anything.
pub(crate) fn put_files(template: &mut pb::Template, files: Vec<pb::Media>) {
    let mut files = files.into_iter();
    for parameter in template.header.iter_mut().chain(template.cards.iter_mut().flat_map(|card| &mut card.header)) {
        if let Some(Value::Media(media)) = &mut parameter.value {
            media.link.clear();
            media.media = files.next();
        }
    }
}

fn source(place: &MediaFile) -> Source {
    match place {
        MediaFile::Id(id) => Source::Id(*id),
        MediaFile::Link(link) => Source::Link(link.to_string()),
    }
}
