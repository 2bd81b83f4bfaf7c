//! The address of a file's bytes, as programs are given it: it names the file and its end, and is signed, so that nobody makes one himself or a longer
//! one. It still needs a token of the business (Cloud API, section 2.1 row 15).
use super::File;
use crate::{Business, Error};
use std::str::FromStr as _;
use suki_cloud_api::ObjectId;
use suki_types::Timestamp;

/// The path of every such address, as Meta's is.
const PATH: &str = "/whatsapp_business/attachments/";

/// What the query of an address says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// `mid`: the file.
    pub media: ObjectId,
    /// `ext`: until when, in seconds since 1970.
    pub expires: i64,
    /// `hash`: that this endpoint made it.
    pub hash: String,
}

impl Address {
    /// Reads the query's values; none when they are not of an address.
    pub fn read(media: &str, expires: &str, hash: &str) -> Option<Self> {
        Some(Self { media: ObjectId::from_str(media).ok()?, expires: expires.parse().ok()?, hash: hash.to_owned() })
    }
}

impl Business {
    /// The address of a file at `origin`, such as `https://suki.example`.
    ///
    /// # Errors
    /// [`Error::Unavailable`] while the rules are not known.
    pub fn media_address(&self, origin: &str, id: ObjectId) -> Result<String, Error> {
        let holds =
            self.rules().map(|rules| rules.files.address_millis).ok_or_else(|| Error::Unavailable("The network was not reached yet".into()))?;
        let expires = self.env().now().plus_millis(holds).millis() / 1000;
        Ok(format!("{origin}{PATH}?mid={id}&ext={expires}&hash={}", self.hash(id, expires)))
    }

    /// The file of an address whose time is not over.
    ///
    /// # Errors
    /// [`Error::NotFound`] for any other address, and when the file's bytes are not here.
    pub async fn at_address(&self, address: &Address) -> Result<File, Error> {
        let right = aws_lc_rs::constant_time::verify_slices_are_equal(self.hash(address.media, address.expires).as_bytes(), address.hash.as_bytes());
        if right.is_err() || Timestamp::from_millis(address.expires.saturating_mul(1000)) <= self.env().now() {
            return Err(Error::NotFound("file"));
        }
        self.media(address.media).await
    }

    fn hash(&self, id: ObjectId, expires: i64) -> String {
        let what = [self.id().as_bytes().as_slice(), &id.number().to_be_bytes(), &expires.to_be_bytes()].concat();
        hex::encode(self.common().vault().pseudonym("media-address", &what))
    }
}
