//! Files on the web, for links: given at once, held until a test lets them go, or not at all.
use bytes::Bytes;
use futures_util::{StreamExt as _, future::BoxFuture, stream};
use parking_lot::Mutex;
use std::{collections::HashMap, sync::Arc};
use suki_endpoint::media::{Linked, Links};
use tokio::sync::watch;

/// What stands at an address.
#[derive(Debug, Clone)]
struct Page {
    media_type: String,
    bytes: Vec<u8>,
    open: watch::Sender<bool>,
    asked: u32,
}

/// The web. Clones are the same one.
#[derive(Debug, Clone, Default)]
pub struct Web(Arc<Mutex<HashMap<String, Page>>>);

impl Web {
    /// Puts a file at an address.
    pub fn put(&self, url: &str, media_type: &str, bytes: &[u8]) {
        self.0.lock().insert(url.into(), Page { media_type: media_type.into(), bytes: bytes.into(), open: watch::Sender::new(true), asked: 0 });
    }

    /// Puts a file at an address that does not answer before [`Web::release`].
    pub fn hold(&self, url: &str, media_type: &str, bytes: &[u8]) {
        self.put(url, media_type, bytes);
        self.with(url, |page| page.open.send_replace(false));
    }

    /// Lets a file go that was held.
    ///
    /// # Panics
    /// When nothing stands there.
    pub fn release(&self, url: &str) {
        self.with(url, |page| page.open.send_replace(true));
    }

    /// How often an address was asked.
    pub fn asked(&self, url: &str) -> u32 {
        self.0.lock().get(url).map_or(0, |page| page.asked)
    }

    fn with<R>(&self, url: &str, change: impl FnOnce(&mut Page) -> R) -> R {
        change(self.0.lock().get_mut(url).expect("something stands there"))
    }
}

impl Links for Web {
    fn fetch(&self, url: &str) -> BoxFuture<'static, Result<Linked, String>> {
        let page = self.0.lock().get_mut(url).map(|page| {
            page.asked += 1;
            page.clone()
        });
        Box::pin(async move {
            let Some(page) = page else { return Err("the link answers with status 404".into()) };
            let mut open = page.open.subscribe();
            open.wait_for(|open| *open).await.map_err(|_| "the web is gone")?;
            let pieces: Vec<_> = page.bytes.chunks(50_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
            let body = stream::iter(pieces).boxed();
            Ok(Linked { media_type: page.media_type, filename: String::new(), bytes: None, body })
        })
    }
}
