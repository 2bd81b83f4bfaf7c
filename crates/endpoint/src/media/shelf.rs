//! Where an endpoint's files are, how they move, and how many of them at once.
use super::Links;
use std::sync::Arc;
use suki_link::Carrier;
use suki_store::Blobs;
use tokio::sync::Semaphore;

/// How many pictures are decoded at once: each may take hundreds of megabytes for a moment.
const PICTURES: usize = 2;
/// How many files go to the network at once.
const CARRYING: usize = 16;
/// How many links are fetched at once: most of the time is waiting for others' servers.
const FETCHING: usize = 64;

/// All businesses' files of one endpoint.
pub(crate) struct Shelf {
    /// Their bytes.
    pub blobs: Blobs,
    /// To the network and from it.
    pub carrier: Arc<dyn Carrier>,
    /// From the web.
    pub links: Arc<dyn Links>,
    /// The address people use.
    pub public_url: Arc<str>,
    pub(super) pictures: Semaphore,
    pub(super) carrying: Semaphore,
    pub(super) fetching: Semaphore,
}

impl Shelf {
    pub fn new(blobs: Blobs, carrier: Arc<dyn Carrier>, links: Arc<dyn Links>, public_url: Arc<str>) -> Self {
        let turns = Semaphore::new;
        Self { blobs, carrier, links, public_url, pictures: turns(PICTURES), carrying: turns(CARRYING), fetching: turns(FETCHING) }
    }
}
