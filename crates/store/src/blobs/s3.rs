//! Files in a bucket of a store that speaks S3: Amazon's, or any other that does.
use super::{BlobStream, error::failed};
use crate::StoreError;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use object_store::{
    BackoffConfig, ClientConfigKey, ClientOptions, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey},
    list::{PaginatedListOptions, PaginatedListStore as _},
    path::Path as Place,
};
use std::{net::IpAddr, ops::Range, sync::Arc, time::Duration};

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(5);
/// How long one request may take, its bytes included: a piece of an upload needs 170 kB/s.
const REQUEST: Duration = Duration::from_secs(30);
/// How often a request is tried again.
const RETRIES: usize = 3;
/// After how long none is tried again.
const RETRY_WITHIN: Duration = Duration::from_secs(20);
/// How long the look whether the store is there may take in all: less than a part of `/readyz` may, so that a store which hangs takes no node out.
const LOOK: Duration = Duration::from_secs(3);
/// The bytes that are read at once: whoever reads slowly holds no request open.
const READ_BYTES: u64 = 1024 * 1024;

/// A bucket, a prefix in it, and the settings of the environment.
#[derive(Clone)]
pub struct S3Place {
    bucket: String,
    prefix: String,
    settings: Vec<(String, String)>,
}

impl S3Place {
    /// Reads `s3://BUCKET/PREFIX`; the prefix may be left out. Of the settings, variables of the environment by their names, those that begin with `AWS_` are
    /// used: `AWS_ENDPOINT_URL`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_VIRTUAL_HOSTED_STYLE_REQUEST`,
    /// `AWS_ALLOW_HTTP` and the others that Amazon's own programs know.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] with what is allowed.
    pub fn parse(url: &str, settings: impl IntoIterator<Item = (String, String)>) -> Result<Self, StoreError> {
        let wrong = |what: &str| StoreError::Unavailable(format!("{what}; files in a bucket are named s3://BUCKET/PREFIX"));
        let rest = url.strip_prefix("s3://").ok_or_else(|| wrong("the address does not begin with s3://"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let of_a_bucket = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if bucket.is_empty() || bucket.len() > 63 || !bucket.chars().all(of_a_bucket) {
            return Err(wrong("the bucket's name has 1 to 63 letters, digits, dots and hyphens"));
        }
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let of_a_prefix = |c: char| of_a_bucket(c) || c == '/';
        if prefix.len() > 200
            || !prefix.chars().all(of_a_prefix)
            || prefix.split('/').any(|part| part == "." || part == "..")
            || prefix.starts_with('/')
            || prefix.contains("//")
        {
            return Err(wrong("the prefix has at most 200 letters, digits, dots, hyphens, underscores and slashes"));
        }
        let settings = settings.into_iter().filter(|(name, _)| name.starts_with("AWS_")).collect();
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned(), settings })
    }
}

/// Without the settings, which hold the key.
impl std::fmt::Debug for S3Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.prefix)
    }
}

/// A bucket, looked at beside its files.
#[derive(Debug)]
pub(super) struct Bucket {
    store: AmazonS3,
    prefix: String,
}

pub(super) fn open(place: &S3Place, below: &str) -> Result<(Bucket, AmazonS3), StoreError> {
    let mut builder = AmazonS3Builder::new();
    let mut allow_http = false;
    for (name, value) in &place.settings {
        if let Ok(key) = name.to_ascii_lowercase().parse::<AmazonS3ConfigKey>() {
            allow_http |= key == AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp) && matches!(value.as_str(), "1" | "true" | "TRUE" | "yes");
            builder = builder.with_config(key, value);
        }
    }
    // The later call wins in the builder, and the specific name over the general one.
    let endpoint = builder.get_config_value(&AmazonS3ConfigKey::S3Endpoint).or_else(|| builder.get_config_value(&AmazonS3ConfigKey::Endpoint));
    let plain = endpoint.as_deref().is_some_and(|endpoint| endpoint.starts_with("http://"));
    if plain && !allow_http && !endpoint.as_deref().is_some_and(is_loopback) {
        return Err(StoreError::Unavailable(
            "AWS_ENDPOINT_URL is http:// and not on the loopback: the key would be used in the open; use https://, or set AWS_ALLOW_HTTP=true".into(),
        ));
    }
    let client = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(REQUEST).with_allow_http(plain);
    let retry = RetryConfig {
        backoff: BackoffConfig { init_backoff: Duration::from_millis(100), max_backoff: Duration::from_secs(2), base: 2.0 },
        max_retries: RETRIES,
        retry_timeout: RETRY_WITHIN,
    };
    let built = builder.with_bucket_name(&place.bucket).with_client_options(client).with_retry(retry).build();
    // What is wrong with the settings; none of them is shown.
    let store = built.map_err(|_| {
        StoreError::Unavailable("the settings of the object store do not fit together: look at the variables that begin with AWS_".into())
    })?;
    let prefix = [place.prefix.as_str(), below].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join("/");
    Ok((Bucket { store: store.clone(), prefix }, store))
}

/// Whether an address of the form `http://HOST:PORT` is this machine's own.
fn is_loopback(endpoint: &str) -> bool {
    let host = endpoint.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl Bucket {
    pub(super) fn prefix(&self) -> Place {
        Place::from(self.prefix.as_str())
    }

    /// Asks for one name.
    pub(super) async fn look(&self) -> Result<(), object_store::Error> {
        let options = PaginatedListOptions { max_keys: Some(1), ..PaginatedListOptions::default() };
        self.store.list_paginated(Some(&self.prefix), options).await.map(drop)
    }

    /// Whether the bucket is there and may be looked at.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        match tokio::time::timeout(LOOK, self.look()).await {
            Ok(looked) => looked.map_err(|error| failed(&error)),
            Err(_) => Err(StoreError::Unavailable(format!("the object store of the files has not answered for {} seconds", LOOK.as_secs()))),
        }
    }
}

/// Reads in requests of bounded length, each tried again on its own.
pub(super) async fn read(store: Arc<dyn ObjectStore>, place: Place, range: Option<Range<u64>>) -> Result<Option<BlobStream>, StoreError> {
    let asked = range.unwrap_or(0..u64::MAX);
    if asked.is_empty() {
        return Ok(store_has(&*store, &place).await?.map(|_| stream::empty().boxed()));
    }
    let (first, size) = match piece(&*store, &place, &asked).await {
        Ok(found) => found,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        // A file without bytes has no range that could be asked for.
        Err(error) => match store_has(&*store, &place).await? {
            Some(0) => return Ok(Some(stream::empty().boxed())),
            _ => return Err(failed(&error)),
        },
    };
    let rest = asked.start + first.len() as u64..asked.end.min(size);
    let following = stream::try_unfold(rest, move |rest| {
        let (store, place) = (store.clone(), place.clone());
        async move {
            if rest.is_empty() {
                return Ok(None);
            }
            let (bytes, _) = piece(&*store, &place, &rest).await.map_err(|error| failed(&error))?;
            if bytes.is_empty() {
                return Err(StoreError::Unavailable("the object store of the files gave less than was asked for".into()));
            }
            let next = rest.start + bytes.len() as u64..rest.end;
            Ok(Some((bytes, next)))
        }
    });
    Ok(Some(stream::once(async move { Ok(first) }).chain(following).boxed()))
}

/// The first bytes of a range, and how many the whole file has.
async fn piece(store: &dyn ObjectStore, place: &Place, range: &Range<u64>) -> Result<(Bytes, u64), object_store::Error> {
    let part = range.start..range.end.min(range.start.saturating_add(READ_BYTES));
    let found = store.get_opts(place, GetOptions { range: Some(GetRange::Bounded(part)), ..GetOptions::default() }).await?;
    let size = found.meta.size;
    Ok((found.bytes().await?, size))
}

async fn store_has(store: &dyn ObjectStore, place: &Place) -> Result<Option<u64>, StoreError> {
    match store.head(place).await {
        Ok(found) => Ok(Some(found.size)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(error) => Err(failed(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(url: &str, settings: &[(&str, &str)]) -> Result<String, String> {
        let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let place = S3Place::parse(url, settings).map_err(|error| error.to_string())?;
        open(&place, "media").map(|(bucket, _)| bucket.prefix).map_err(|error| error.to_string())
    }

    #[test]
    fn an_address_names_a_bucket_and_a_prefix() {
        let keys = [("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s"), ("PATH", "/bin")];
        assert_eq!(opened("s3://files", &keys), Ok("media".into()));
        assert_eq!(opened("s3://files/suki/one/", &keys), Ok("suki/one/media".into()));
        for wrong in ["files", "s3://", "s3://a b", "s3://a/../b", "s3://a//b", "s3://a/b?c", "https://a/b"] {
            assert!(opened(wrong, &keys).is_err_and(|text| text.contains("s3://BUCKET/PREFIX")), "{wrong}");
        }
    }

    #[test]
    fn a_key_is_not_used_in_the_open() {
        let at = |endpoint, more: &[(&'static str, &'static str)]| {
            opened("s3://files", &[&[("AWS_ENDPOINT_URL", endpoint), ("AWS_ACCESS_KEY_ID", "k"), ("AWS_SECRET_ACCESS_KEY", "s")], more].concat())
        };
        for here in ["http://127.0.0.1:9000", "http://localhost:9000", "http://[::1]:9000", "https://s3.example"] {
            assert_eq!(at(here, &[]), Ok("media".into()), "{here}");
        }
        assert!(at("http://s3.example", &[]).is_err_and(|text| text.contains("AWS_ALLOW_HTTP")));
        assert!(at("http://127.0.0.1.example", &[]).is_err());
        assert_eq!(at("http://s3.example", &[("AWS_ALLOW_HTTP", "true")]), Ok("media".into()));
    }

    #[test]
    fn settings_are_not_shown() {
        let place = S3Place::parse("s3://files/suki", [("AWS_SECRET_ACCESS_KEY".to_owned(), "hidden".to_owned())]).unwrap();
        assert_eq!(format!("{place:?}"), "s3://files/suki");
        let half = opened("s3://files", &[("AWS_SECRET_ACCESS_KEY", "hidden")]).unwrap_err();
        assert!(half.contains("AWS_") && !half.contains("hidden"), "{half}");
    }
}
