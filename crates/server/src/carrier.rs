//! Sealed files between planes of one process: the network is called instead of asked over HTTP.
use futures_util::{StreamExt as _, TryStreamExt as _, future::BoxFuture};
use std::io;
use suki_link::{Carrier, FileName, FileStream, MoveError};
use suki_network::{
    Network,
    blobs::{BlobError, Upload},
};
use suki_store::StoreError;

/// To and from the network that this finds, as long as it finds one.
pub struct LocalCarrier<F>(pub F);

fn store(error: &StoreError) -> MoveError {
    MoveError::Later(error.to_string())
}

fn refused(error: BlobError) -> MoveError {
    match error {
        // The ticket's time is over: another one will be good.
        BlobError::NoTicket => MoveError::Later(error.to_string()),
        BlobError::Length { .. } => MoveError::Refused(error.to_string()),
        BlobError::Store(error) => store(&error),
    }
}

fn nobody() -> MoveError {
    MoveError::Later("the network does not run".into())
}

impl<F: Fn() -> Option<Network> + Send + Sync> Carrier for LocalCarrier<F> {
    fn put(&self, name: FileName, token: String, bytes: u64, mut sealed: FileStream) -> BoxFuture<'static, Result<(), MoveError>> {
        let network = (self.0)();
        Box::pin(async move {
            let network = network.ok_or_else(nobody)?;
            let mut incoming = match network.begin_upload(name, &token, Some(bytes)).await.map_err(refused)? {
                Upload::Stored => return Ok(()),
                Upload::Expected(incoming) => incoming,
            };
            while let Some(piece) = sealed.try_next().await.map_err(|error| MoveError::Later(error.to_string()))? {
                incoming.push(piece).await.map_err(refused)?;
            }
            incoming.finish().await.map_err(refused)
        })
    }

    fn get(&self, name: FileName) -> BoxFuture<'static, Result<FileStream, MoveError>> {
        let network = (self.0)();
        Box::pin(async move {
            let network = network.ok_or_else(nobody)?;
            let found = network.read_blob(&name, None).await.map_err(|error| store(&error))?.ok_or(MoveError::Gone)?;
            Ok(found.map_err(io::Error::other).boxed())
        })
    }
}
