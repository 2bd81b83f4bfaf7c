//! Files that customers sent: their rows are stored with the message, their bytes fetched from the network afterwards, again and again until they are here
//! or the network has them no more. They are kept as they came, sealed.
use super::{File, Origin, State, kind, placeholder, row, upload};
use crate::{
    Business, Error,
    messages::{NewMessage, Side},
};
use aws_lc_rs::digest;
use futures_util::TryStreamExt as _;
use suki_cloud_api::ObjectId;
use suki_e2ee::blob::{BlobKey, Opener, Part, sealed_bytes};
use suki_link::MoveError;
use suki_protocol::pb;
use suki_store::{Tx, blobs::BlobName};
use suki_types::{MessageId, Timestamp};

/// How long to wait before a file is fetched again, in milliseconds; doubled each time up to the last.
const RETRY_MILLIS: std::ops::RangeInclusive<i64> = 1_000..=3_600_000;

/// Stores the row of a customer's file, in the unit that stores its message. The one who calls lets [`super::Files::arrivals`] know after the commit.
fn store(business: &Business, tx: &mut Tx<'_>, message: MessageId, media: &pb::Media, at: Timestamp) -> Result<ObjectId, Error> {
    let env = business.env();
    let mut file = business.new_file(Origin::Received, at);
    let kept = business.rules().map_or(0, |rules| rules.files.received_millis);
    file.key_sealed = row::seal_key(business.common().vault(), file.id, &BlobKey::from_bytes(&media.key).map_err(|_| Error::Invalid("key".into()))?);
    file.media_type = media.media_type.chars().filter(|c| !c.is_control()).take(255).collect();
    file.bytes = media.bytes.min(i64::MAX.unsigned_abs());
    file.sha256.clone_from(&media.sha256);
    file.name = env.random::<32>().to_vec();
    file.blob.clone_from(&media.blob);
    file.filename = upload::filename(&media.filename);
    file.look = row::Look { animated: media.animated, width: media.width, height: media.height, preview: media.preview.clone() };
    file.message = message.to_vec();
    file.used = true;
    file.next_at = at;
    file.expires_at = at.plus_millis(kept);
    row::insert(tx, business.id(), &file, &[])?;
    Ok(file.id)
}

/// Stores the row of the file that a customer's message brings, and says whether it brings one.
///
/// # Errors
/// When the store fails.
pub(crate) fn store_of(business: &Business, tx: &mut Tx<'_>, message: &NewMessage) -> Result<bool, Error> {
    match placeholder::all(&message.sent)?.first() {
        Some(media) if message.from == Side::Customer => store(business, tx, message.id, media, message.at).map(|_| true),
        _ => Ok(false),
    }
}

/// Why a customer's file is not here.
enum Problem {
    /// It never will be.
    Never(String),
    /// It may come later.
    Later(Error),
}

impl<E: Into<Error>> From<E> for Problem {
    fn from(error: E) -> Self {
        Self::Later(error.into())
    }
}

impl Business {
    /// The file that came with a customer's message, and where a program finds its bytes: for the webhook, in the unit that stores the message.
    ///
    /// # Errors
    /// When the store fails, or the rules are not known.
    pub fn received_file(&self, tx: &mut Tx<'_>, message: MessageId) -> Result<Option<(File, String)>, Error> {
        let Some(file) = row::of_message(tx, self.id(), message)? else { return Ok(None) };
        let url = self.media_address(&self.common().files().public_url, file.id)?;
        Ok(Some((file, url)))
    }

    /// Fetches a customer's file, unless it is here or will never be. When the network cannot give it yet, it is due again later.
    ///
    /// # Errors
    /// When the store fails.
    pub(super) async fn fetch_received(&self, file: File) -> Result<File, Error> {
        let _turn = self.files.lock(file.id).await;
        let mut file = self.file(file.id).await?.ok_or(Error::NotFound("media"))?;
        if file.state != State::Awaited || file.origin != Origin::Received {
            return Ok(file);
        }
        let business = self.id();
        match self.take_received(&file).await {
            Ok(()) => {
                file.state = State::Here;
                let stored = file.clone();
                self.db().write(move |tx| Ok::<_, Error>(row::arrived(tx, business, &stored)?)).await?;
            }
            Err(Problem::Never(text)) => {
                tracing::warn!(business = %business, media = %file.id, reason = text, "a customer's file cannot be had");
                (file.state, file.problem) = (State::Failed, text);
                let (id, problem) = (file.id, file.problem.clone());
                self.db().write(move |tx| Ok::<_, Error>(row::failed(tx, business, id, &problem)?)).await?;
            }
            Err(Problem::Later(error)) => {
                tracing::warn!(business = %business, media = %file.id, %error, "a customer's file will be fetched again");
                let wait = RETRY_MILLIS.start().checked_shl(u32::try_from(file.attempts).unwrap_or(31).min(31)).unwrap_or(i64::MAX);
                file.attempts += 1;
                file.next_at = self.env().now().plus_millis(wait.clamp(*RETRY_MILLIS.start(), *RETRY_MILLIS.end()));
                let (id, attempts, next_at) = (file.id, file.attempts, file.next_at);
                self.db().write(move |tx| Ok::<_, Error>(row::later(tx, business, id, attempts, next_at)?)).await?;
            }
        }
        Ok(file)
    }

    async fn take_received(&self, file: &File) -> Result<(), Problem> {
        let most = kind::most_of_all(self.media_rules()?.as_ref());
        if file.bytes > most {
            return Err(Problem::Never(format!("The customer's file has {} bytes; {most} are allowed", file.bytes)));
        }
        let blob = BlobName::try_from(&file.blob[..]).map_err(|_| Problem::Never("The message names no file".into()))?;
        let mut sealed = match self.common().files().carrier.get(blob).await {
            Err(MoveError::Gone) => return Err(Problem::Never("The network has the customer's file no more".into())),
            other => other?,
        };
        let forged = |_| Problem::Never("The customer's file is not the one that his message speaks of".into());
        let mut writing = self.common().files().blobs.write(&file.place()?).await?;
        let mut opener = Opener::new(&file.key(self.common().vault())?, &Part::whole());
        let (mut hash, mut plain) = (digest::Context::new(&digest::SHA256), Vec::new());
        while let Some(piece) = sealed.try_next().await.map_err(|error| Error::Unavailable(error.to_string()))? {
            if writing.bytes() + piece.len() as u64 > sealed_bytes(file.bytes) {
                return Err(Problem::Never("The customer's file is longer than his message says".into()));
            }
            opener.push(&piece, &mut plain).map_err(forged)?;
            hash.update(&plain);
            plain.clear();
            writing.push(piece).await?;
        }
        opener.finish(&mut plain).map_err(forged)?;
        hash.update(&plain);
        if hash.finish().as_ref() != file.sha256 || writing.bytes() != sealed_bytes(file.bytes) {
            return Err(Problem::Never("The customer's file is not the one that his message speaks of".into()));
        }
        Ok(writing.finish().await?)
    }
}
