//! Where a server's files are: in its data folder, in a folder that all nodes see, or in a bucket of a store that speaks S3.
use crate::{
    cli::Failure,
    operate::{Part, Standing},
    storage::Plane,
};
use std::path::{Path, PathBuf};
use suki_store::{
    Blobs,
    blobs::{Proof, S3Place},
};

/// A place for the files of both planes.
#[derive(Debug, Clone)]
pub enum Files {
    /// In the data folder of this process.
    Data(PathBuf),
    /// In a folder that several nodes see.
    Shared(PathBuf),
    /// In a bucket.
    Bucket(S3Place),
}

impl Files {
    /// Reads what `--files` says, `s3://BUCKET/PREFIX` or a folder; without it they are in the data folder. How the bucket is reached stands in the
    /// variables of the environment that begin with `AWS_`.
    ///
    /// # Errors
    /// When it is no such address.
    pub fn parse(said: Option<&str>, data: &Path) -> Result<Self, Failure> {
        match said {
            None => Ok(Self::Data(data.to_owned())),
            Some(url) if url.starts_with("s3://") => {
                let settings = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
                Ok(Self::Bucket(S3Place::parse(url, settings).map_err(|error| format!("cannot use the bucket of --files: {error}"))?))
            }
            Some(other) if other.is_empty() || other.contains("://") => {
                Err(format!("--files is {other:?}; it may be s3://BUCKET/PREFIX, or a folder that all nodes see").into())
            }
            Some(folder) => Ok(Self::Shared(folder.into())),
        }
    }

    /// Opens the files of a plane: the network's sealed ones, or the endpoint's. A bucket is tried, so that wrong settings are told now; one that cannot be
    /// reached now is used all the same, since messages without files pass without it.
    ///
    /// # Errors
    /// When they cannot be opened; the text says why.
    pub async fn open(&self, plane: Plane) -> Result<Blobs, Failure> {
        let folder = match plane {
            Plane::Network => "blobs",
            Plane::Endpoint => "media",
        };
        match self {
            Self::Data(data) => {
                let path = data.join(folder);
                Ok(Blobs::folder(&path).map_err(|error| format!("cannot open the folder {}: {error}", path.display()))?)
            }
            Self::Shared(shared) => {
                let path = shared.join(folder);
                Ok(Blobs::shared_folder(&path).map_err(|error| format!("cannot open the folder {}: {error}", path.display()))?)
            }
            Self::Bucket(place) => {
                let wrong = |error| format!("cannot use the bucket of --files: {error}");
                let blobs = Blobs::s3(place, plane.name()).map_err(wrong)?;
                if let Proof::NotNow(error) = blobs.prove().await.map_err(wrong)? {
                    tracing::error!(%error, "files cannot be stored or fetched now; the rest goes on");
                }
                Ok(blobs)
            }
        }
    }
}

/// The part `files` of `/readyz`. Messages without files pass without it, so a node is never taken out for its sake.
pub fn part(blobs: Vec<Blobs>) -> Part {
    Part::new("files", move || {
        let blobs = blobs.clone();
        async move {
            for one in &blobs {
                if let Err(error) = one.check().await {
                    return Standing::Degraded(error.to_string());
                }
            }
            Standing::Ok
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_files_may_be() {
        let parse = |said| Files::parse(said, Path::new("data"));
        assert!(matches!(parse(None), Ok(Files::Data(folder)) if folder == Path::new("data")));
        assert!(matches!(parse(Some("/mnt/files")), Ok(Files::Shared(folder)) if folder == Path::new("/mnt/files")));
        assert!(matches!(parse(Some("s3://bucket/suki")), Ok(Files::Bucket(_))));
        for wrong in ["", "http://bucket", "s3:///x"] {
            assert!(parse(Some(wrong)).is_err_and(|error| error.to_string().contains("s3://BUCKET/PREFIX")), "{wrong}");
        }
    }
}
