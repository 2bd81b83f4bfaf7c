//! What the platform's own account announces to businesses (R46).
use super::{Call, Told};
use crate::http::Trust;
use serde::{Deserialize, Serialize};
use suki_types::Timestamp;

/// What was announced to the business that asks, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListAnnouncements {
    /// Only older ones than this id; none: from the newest.
    #[serde(default)]
    pub before: Option<u64>,
    /// 1 to 50.
    pub limit: u32,
}

impl Call for ListAnnouncements {
    const NAME: &'static str = "announcement.list";
    type Answer = Announcements;
}

/// A page of announcements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcements {
    /// The newest first.
    pub data: Vec<Announcement>,
    /// Whether there are older ones.
    pub more: bool,
}

/// An announcement. Nobody can answer it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Grows with time.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// What the platform is called.
    pub from: String,
    /// The platform's account is confirmed.
    pub level: Trust,
    /// Its label: `official`.
    pub labels: Vec<String>,
    /// 1 to 120 characters.
    pub title: String,
    /// 1 to 4,096 characters.
    pub body: String,
}

impl Told for Announcement {
    const KIND: &'static str = "announcement.posted";
}
