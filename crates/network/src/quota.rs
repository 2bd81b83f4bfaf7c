//! Limits that hold for the whole network, on however many nodes and over restarts, since what they bound costs money: they stand in the store.
use crate::registration::RegistrationError;
use suki_store::Tx;
use suki_types::Timestamp;

const HOUR_MICROS: i64 = 3_600_000_000;

/// Something of which so many are allowed an hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    /// Its name in the store.
    pub name: &'static str,
    /// How many an hour.
    pub an_hour: u32,
}

impl Quota {
    /// Takes one, in the unit that needs it: what is refused there is not counted. An hour's worth may go at once, and comes back evenly.
    ///
    /// # Errors
    /// [`RegistrationError::TooMany`] with this text and when there is one again; what the store refuses.
    pub fn take(self, tx: &mut Tx<'_>, now: Timestamp, text: &str) -> Result<(), RegistrationError> {
        let each = HOUR_MICROS / i64::from(self.an_hour.max(1));
        let now_micros = now.millis().saturating_mul(1000);
        // As long as the time until which everything is spent lies no further ahead, there is one.
        let furthest = now_micros + HOUR_MICROS - each;
        let taken = tx.query_opt(
            "INSERT INTO counter (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET \
               value = CASE WHEN counter.value > ?3 THEN counter.value ELSE ?3 END + ?4 WHERE counter.value <= ?5 RETURNING value",
            &[self.name.into(), (now_micros + each).into(), now_micros.into(), each.into(), furthest.into()],
            |row| row.get::<i64>(0),
        )?;
        if taken.is_some() && self.an_hour > 0 {
            return Ok(());
        }
        let spent: Option<i64> = tx.query_opt("SELECT value FROM counter WHERE name = ?1", &[self.name.into()], |row| row.get(0))?;
        let wait = (spent.unwrap_or(now_micros) - furthest).max(1000) / 1000;
        Err(RegistrationError::TooMany { text: text.to_owned(), retry_at: now.plus_millis(wait) })
    }
}
