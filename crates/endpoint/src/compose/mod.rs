//! What a program says becomes what is sealed: from a request of the Cloud API (section 3b) to a content.
//!
//! | file | subject |
//! |---|---|
//! | [`files`] | pictures, films, sound, documents and stickers |
//! | [`people`] | contacts |
//! | [`interactive`] | what can be pressed, chosen, filled in or bought |
//! | [`products`] | products as they stand at this moment |
pub(crate) mod files;
mod interactive;
mod people;
pub(crate) mod products;

use crate::{Business, Error, send};
use prost::Message as _;
use suki_cloud_api::{
    ApiError,
    messages::{Place, What},
};
use suki_protocol::pb::{self, content::Body};
use suki_types::limits;

/// What header, padding and the frame of MLS need beside a content, in bytes.
const AROUND: usize = 4 * 1024;

impl Business {
    /// Makes a content out of what a program wants to send.
    ///
    /// # Errors
    /// [`Error::Refused`] with the code of what cannot be sent: a file, a product, a flow or a template that is not there; 100 for more than fits into one
    /// message; and for a reaction, which is no message of its own.
    pub async fn compose(&self, what: What) -> Result<send::What, Error> {
        let body = match what {
            What::Text { body, preview_url } => return Ok(send::What::Text { body, preview_url }),
            What::Template(template) => return Ok(send::What::Template(Box::new(self.fill(&template).await?))),
            What::File(file) => Body::Media(self.file_for_send(file).await?),
            What::Location(place) => Body::Location(location(place)),
            What::Contacts(given) => Body::Contacts(pb::Contacts { cards: given.into_iter().map(people::card).collect() }),
            What::Interactive(given) => Body::Interactive(self.interactive(*given).await?),
            What::Reaction(_) => return Err(Error::Refused(ApiError::invalid_parameter("a reaction stands on a message and is none itself"))),
        };
        let (bytes, most) = (pb::Content { body: Some(body.clone()), ..Default::default() }.encoded_len(), limits::MESSAGE_BYTES - AROUND);
        if bytes > most {
            let details = format!("the message has {bytes} bytes without its files; at most {most} are carried. Send less, or several messages");
            return Err(Error::Refused(ApiError::invalid_parameter(details)));
        }
        Ok(send::What::Rich(Box::new(body)))
    }
}

fn location(place: Place) -> pb::Location {
    pb::Location { latitude: place.latitude, longitude: place.longitude, name: place.name, address: place.address, url: String::new() }
}
