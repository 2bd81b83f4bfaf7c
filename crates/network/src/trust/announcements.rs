//! The platform's own account speaks to businesses (R46): every business it is meant for gets it once, durably, and nobody can answer.
use super::status::wire_level;
use crate::{
    Network,
    audit::{self, Actor},
    operations::call::{self, Wakes},
    refusal::Refusal,
    rows::{self, Caller},
    session::Answer,
};
use suki_protocol::calls::announcement::{Announcement, Announcements, ListAnnouncements};
use suki_rules::trust::{self, Identity, Level};
use suki_store::{Row, StoreError, Tx};
use suki_types::{AccountId, OperatorId, Timestamp, market::Country};

/// The most characters of a title and of a body.
const TITLE_CHARS: usize = 120;
const BODY_CHARS: usize = 4096;
/// How many businesses one unit reaches.
const PAGE: i64 = 200;
/// How many announcements a page has at most.
const MOST: u32 = 50;
/// Before the first business.
const BEGINNING: AccountId = AccountId::from_bytes([0; 16]);

/// Whom an announcement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Every business.
    All,
    /// Those of a country: of their number, or of the company once it is confirmed.
    Country(Country),
    /// Those that were checked so far: 1 plain, 2 checked, 3 confirmed.
    Level(Level),
}

impl Audience {
    fn columns(self) -> (i64, String) {
        match self {
            Self::All => (0, String::new()),
            Self::Country(country) => (1, country.code().to_owned()),
            Self::Level(level) => (2, (level as i64).to_string()),
        }
    }
}

/// What is to be announced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAnnouncement {
    /// For whom.
    pub audience: Audience,
    /// 1 to 120 characters.
    pub title: String,
    /// 1 to 4,096 characters.
    pub body: String,
}

/// An announcement as the console shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announced {
    /// Its id.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// For whom: "all", a country's two letters, or a level's word.
    pub audience: String,
    /// Its title.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Whether every business it is for has it in its log.
    pub delivered: bool,
}

/// An announcement that is stored.
struct Stored {
    id: u64,
    at: Timestamp,
    audience: i64,
    value: String,
    title: String,
    body: String,
}

impl Network {
    /// Announces something in the platform's name. It is durable when this returns; it reaches the businesses at once, and after a crash by the next run
    /// of the jobs.
    ///
    /// # Errors
    /// When title or body are out of range, or the store fails.
    pub async fn announce(&self, by: OperatorId, new: NewAnnouncement) -> Result<u64, AnnounceError> {
        check(&new)?;
        let now = self.now();
        let stored = self.db().write(move |tx| {
            let (audience, value) = new.audience.columns();
            let id = tx.query_one("SELECT COALESCE(MAX(id), 0) + 1 FROM announcement", &[], |row| row.get::<u64>(0))?;
            tx.execute(
                "INSERT INTO announcement (id, at, audience, audience_value, title, body, delivered_to) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                &[id.into(), now.into(), audience.into(), (&value).into(), new.title.trim().into(), new.body.trim().into(), (&BEGINNING).into()],
            )?;
            let for_whom = if value.is_empty() { "all" } else { &value };
            audit::record(tx, now, Actor::Console(by), "announcement.posted", &format!("announcement {id} for {for_whom}"), new.title.trim())?;
            Ok::<_, StoreError>(id)
        });
        let id = stored.await?;
        self.deliver_announcements().await?;
        Ok(id)
    }

    /// Puts announcements into the logs of businesses that do not have them yet.
    ///
    /// # Errors
    /// When the store fails; what was done before stays done.
    pub(crate) async fn deliver_announcements(&self) -> Result<(), StoreError> {
        loop {
            let own = self.clone();
            let page = self.db().write(move |tx| deliver_page(&own, tx)).await;
            match page {
                Ok(Some(wakes)) => self.wake(wakes),
                Ok(None) => return Ok(()),
                Err(refusal) => return Err(StoreError::Unavailable(refusal.0.message)),
            }
        }
    }

    /// What was announced, the newest first, for the console.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn announcements(&self, before: Option<u64>, limit: u32) -> Result<Vec<Announced>, StoreError> {
        let (before, limit) = (before.unwrap_or(i64::MAX as u64), i64::from(limit.clamp(1, MOST)));
        self.db()
            .read(move |tx| {
                let sql = "SELECT id, at, audience, audience_value, title, body, under_way FROM announcement WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
                tx.query(sql, &[before.into(), limit.into()], |row| {
                    let stored = stored(row)?;
                    let audience = match stored.audience {
                        0 => "all".to_owned(),
                        2 => Level::from_number(stored.value.parse().unwrap_or(1)).word().to_owned(),
                        _ => stored.value,
                    };
                    let delivered = !row.get::<bool>(6)?;
                    Ok(Announced { id: stored.id, at: stored.at, audience, title: stored.title, body: stored.body, delivered })
                })
            })
            .await
    }
}

/// Why something is not announced.
#[derive(Debug, thiserror::Error)]
pub enum AnnounceError {
    /// A text is too long or missing.
    #[error("{0}")]
    Invalid(String),
    /// The store does not take it.
    #[error("the announcement cannot be stored: {0}")]
    Store(#[from] StoreError),
}

fn check(new: &NewAnnouncement) -> Result<(), AnnounceError> {
    for (field, text, most) in [("title", &new.title, TITLE_CHARS), ("body", &new.body, BODY_CHARS)] {
        let count = text.trim().chars().count();
        if !(1..=most).contains(&count) {
            return Err(AnnounceError::Invalid(format!("{field} has {count} characters; 1 to {most} are allowed")));
        }
    }
    Ok(())
}

fn stored(row: &Row<'_>) -> Result<Stored, StoreError> {
    Ok(Stored { id: row.get(0)?, at: row.get(1)?, audience: row.get(2)?, value: row.get(3)?, title: row.get(4)?, body: row.get(5)? })
}

/// The next businesses of the oldest announcement under way; none when nothing is.
fn deliver_page(network: &Network, tx: &mut Tx<'_>) -> Result<Option<Wakes>, Refusal> {
    let sql = "SELECT id, at, audience, audience_value, title, body, delivered_to FROM announcement \
         WHERE under_way = 1 ORDER BY id LIMIT 1";
    let found = tx.query_opt(sql, &[], |row| Ok((stored(row)?, row.get::<AccountId>(6)?)))?;
    let Some((announcement, after)) = found else { return Ok(None) };
    let sql = "SELECT account, country, trust FROM business WHERE account > ?1 ORDER BY account LIMIT ?2";
    let page: Vec<(AccountId, String, i64)> = tx.query(sql, &[(&after).into(), PAGE.into()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let told = wire(network, &announcement);
    let mut wakes = Wakes::new();
    for (business, country, level) in &page {
        if is_for(announcement.audience, &announcement.value, country, *level) {
            let devices = rows::devices_of(tx, *business)?;
            wakes.extend(network.append_notice(tx, devices, None, &told)?);
        }
    }
    let reached = page.last().map_or(after, |(business, ..)| *business);
    let more = page.len() as i64 == PAGE;
    let sql = "UPDATE announcement SET delivered_to = ?2, under_way = ?3 WHERE id = ?1";
    tx.execute(sql, &[announcement.id.into(), (&reached).into(), more.into()])?;
    Ok(Some(wakes))
}

fn is_for(audience: i64, value: &str, country: &str, level: i64) -> bool {
    match audience {
        0 => true,
        1 => country == value,
        _ => level.to_string() == value,
    }
}

fn wire(network: &Network, stored: &Stored) -> Announcement {
    let platform = Identity { level: Level::Confirmed, is_platform: true, name_passed: true, has_number: false, pending: false };
    let shown = trust::shown(&network.policy().trust, &platform);
    Announcement {
        id: stored.id,
        at: stored.at,
        from: network.policy().trust.platform_name.clone(),
        level: wire_level(Level::Confirmed),
        labels: shown.labels.iter().map(|label| label.word().to_owned()).collect(),
        title: stored.title.clone(),
        body: stored.body.clone(),
    }
}

pub(super) fn list(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::reads::<ListAnnouncements>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        if !(1..=MOST).contains(&asked.limit) {
            return Err(Refusal::malformed(format!("limit is {}; 1 to {MOST} are allowed", asked.limit)));
        }
        let sql = "SELECT country, trust FROM business WHERE account = ?1";
        let of = tx.query_opt(sql, &[(&caller.account).into()], |row| Ok((row.get::<String>(0)?, row.get::<i64>(1)?)))?;
        let (country, level) = of.ok_or_else(|| Refusal::unknown("No business has this id"))?;
        let sql = "SELECT id, at, audience, audience_value, title, body FROM announcement WHERE id < ?1 \
             AND (audience = 0 OR (audience = 1 AND audience_value = ?2) OR (audience = 2 AND audience_value = ?3)) ORDER BY id DESC LIMIT ?4";
        let before = asked.before.unwrap_or(i64::MAX as u64);
        let level = level.to_string();
        let mut found = tx.query(sql, &[before.into(), (&country).into(), (&level).into(), (i64::from(asked.limit) + 1).into()], stored)?;
        let more = found.len() > asked.limit as usize;
        found.truncate(asked.limit as usize);
        Ok(Announcements { data: found.iter().map(|stored| wire(&own, stored)).collect(), more })
    })
}
