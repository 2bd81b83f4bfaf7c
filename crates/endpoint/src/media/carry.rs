//! Files on the network: put there when they are first sent, and again when the network will not keep them for much longer.
use super::{File, State, row};
use crate::{Business, Error};
use futures_util::{StreamExt as _, TryStreamExt as _};
use std::io;
use suki_e2ee::blob::sealed_bytes;
use suki_protocol::calls::blob::BeginBlob;
use suki_store::{StoreError, blobs::BlobName};

impl Business {
    /// Puts a file on the network, unless it is there for long enough.
    ///
    /// # Errors
    /// What the network says; [`Error::NotFound`] when its bytes are not here.
    pub(super) async fn carry(&self, file: File) -> Result<File, Error> {
        let _turn = self.files.lock(file.id).await;
        // Somebody else may have carried it meanwhile.
        let mut file = self.file(file.id).await?.ok_or(Error::NotFound("media"))?;
        if file.is_carried(self.env().now()) {
            return Ok(file);
        }
        if file.state != State::Here {
            return Err(Error::NotFound("the file's bytes"));
        }
        let _slot = self.common().files().carrying.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
        let bytes = sealed_bytes(file.bytes);
        let begun = self.env().now();
        let ticket = self.link.call(&BeginBlob { bytes }).await?;
        let blob = BlobName::try_from(&ticket.blob.0[..]).map_err(|_| Error::Answer("blob.begin"))?;
        let sealed = self.common().files().blobs.read(&file.place()?, None).await?.ok_or(StoreError::Corrupt("a file's bytes are missing"))?;
        self.common().files().carrier.put(blob, ticket.token, bytes, sealed.map_err(io::Error::other).boxed()).await?;
        // Half of its time is left to whoever was away when the message was sent.
        file.renew_at = begun.plus_millis(ticket.kept_until.since(begun) / 2);
        file.blob = blob.to_vec();
        let (business, id, blob, renew_at) = (self.id(), file.id, file.blob.clone(), file.renew_at);
        self.db().write(move |tx| Ok::<_, Error>(row::carried(tx, business, id, &blob, renew_at)?)).await?;
        Ok(file)
    }
}
