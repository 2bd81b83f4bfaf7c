//! Files a customer sends and fetches: sealed on his device, under a key that travels inside the message.
use crate::{Client, ClientError};
use aws_lc_rs::digest;
use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use suki_e2ee::blob::{BlobKey, Opener, Part, Sealer};
use suki_link::{Carrier, FileName, MoveError};
use suki_protocol::{calls::blob::BeginBlob, pb};
use suki_types::Env;

/// The bytes that go to the network at once.
const PIECE_BYTES: usize = 256 * 1024;

impl From<MoveError> for ClientError {
    fn from(error: MoveError) -> Self {
        Self::File(error.to_string())
    }
}

impl Client {
    /// Puts a file on the network, for a message: what it says of it comes back, with kind, type and all else that the caller said.
    ///
    /// # Errors
    /// When there is no connection, or the network refuses its size or today's amount.
    pub async fn put_file(&self, carrier: &dyn Carrier, env: &Env, bytes: &[u8], said: pb::Media) -> Result<pb::Media, ClientError> {
        let key = BlobKey::fresh(env);
        let (mut sealer, mut sealed) = (Sealer::new(&key), Vec::new());
        sealer.push(bytes, &mut sealed);
        sealer.finish(&mut sealed);
        let ticket = self.call(&BeginBlob { bytes: sealed.len() as u64 }).await?;
        let name = FileName::try_from(&ticket.blob.0[..]).map_err(|_| ClientError::File("the network gave a file no name".into()))?;
        let length = sealed.len() as u64;
        let pieces: Vec<_> = sealed.chunks(PIECE_BYTES).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        carrier.put(name, ticket.token, length, stream::iter(pieces).boxed()).await?;
        let sha256 = digest::digest(&digest::SHA256, bytes).as_ref().to_vec();
        Ok(pb::Media { blob: name.to_vec(), key: key.as_bytes().to_vec(), sha256, bytes: bytes.len() as u64, ..said })
    }

    /// Fetches a file that a message speaks of.
    ///
    /// # Errors
    /// [`ClientError::File`] when the network has it no more, or has another one under its name.
    pub async fn fetch_file(&self, carrier: &dyn Carrier, media: &pb::Media) -> Result<Vec<u8>, ClientError> {
        let forged = || ClientError::File("the file is not the one that the message speaks of".into());
        let name = FileName::try_from(&media.blob[..]).map_err(|_| forged())?;
        let key = BlobKey::from_bytes(&media.key).map_err(|_| forged())?;
        let mut sealed = carrier.get(name).await?;
        let (mut opener, mut plain) = (Opener::new(&key, &Part::whole()), Vec::new());
        while let Some(piece) = sealed.try_next().await.map_err(|error| ClientError::File(error.to_string()))? {
            opener.push(&piece, &mut plain).map_err(|_| forged())?;
            // Nobody sends more than he says.
            if plain.len() as u64 > media.bytes {
                return Err(forged());
            }
        }
        opener.finish(&mut plain).map_err(|_| forged())?;
        let is_it = digest::digest(&digest::SHA256, &plain).as_ref() == media.sha256 && plain.len() as u64 == media.bytes;
        is_it.then_some(plain).ok_or_else(forged)
    }
}
