//! Counters that only the endpoint can keep, since the network reads neither operators nor contents: what each operator sent, and the customers' mood by
//! their reactions (R66). Days are of UTC.
use crate::{Business, Error};
use serde::Serialize;
use suki_store::{StoreError, Tx, Value};
use suki_types::{AccountId, OperatorId, Timestamp};

const DAY: i64 = 24 * 3_600_000;
/// Stands for programs, which are no operators.
const NO_OPERATOR: [u8; 16] = [0; 16];
/// How many operators one answer names.
const MAX_OPERATORS: i64 = 1000;

/// Emoji that say that somebody is glad, and that he is not; all others are neither. A tone of skin or a variant does not change what one says.
const GLAD: &str = "👍❤😍🥰😘🙏😊😀😃😄😁😆😂🤣🎉🔥💯👏😎🤩🥳✅💪🌹💐⭐🌟😇🤗💖💕💗💚💙💛🧡💜🤍👌🙌";
const NOT_GLAD: &str = "👎😡😠🤬😢😭😞😔☹🙁😤😩😫🤮🤢💔😒🙄❌😕😟😣😖😱";

/// What the team did and how customers liked it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamStatistics {
    /// Who sent how much, the busiest first.
    pub operators: Vec<OperatorCount>,
    /// How customers reacted.
    pub mood: Mood,
}

/// What one operator sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OperatorCount {
    /// Who; `None` for programs and automation.
    pub operator: Option<OperatorId>,
    /// How he is called, removed ones too; empty for programs.
    pub name: String,
    /// How many messages the network took from him.
    pub sent: u64,
}

/// Reactions of customers by what they say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Mood {
    /// Of somebody who is glad.
    pub glad: u64,
    /// Of neither kind.
    pub neither: u64,
    /// Of somebody who is not glad.
    pub not_glad: u64,
}

impl Business {
    /// What the team did from the day of `from` on and before the day of `to`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn team_statistics(&self, from: Timestamp, to: Timestamp) -> Result<TeamStatistics, Error> {
        let (business, from) = (self.id(), day(from));
        let read = move |tx: &mut Tx<'_>| {
            let operators = tx.query(
                "SELECT s.operator, COALESCE(o.name, ''), CAST(SUM(s.sent) AS BIGINT) FROM operator_statistic s \
                 LEFT JOIN operator o ON o.business = s.business AND o.id = s.operator \
                 WHERE s.business = ?1 AND s.day >= ?2 AND s.day < ?3 GROUP BY s.operator, o.name ORDER BY 3 DESC, s.operator LIMIT ?4",
                &[(&business).into(), from.into(), to.into(), Value::Int(MAX_OPERATORS)],
                |row| {
                    let operator: [u8; 16] = row.get(0)?;
                    let operator = (operator != NO_OPERATOR).then(|| OperatorId::from_bytes(operator));
                    Ok(OperatorCount { operator, name: row.get(1)?, sent: row.get(2)? })
                },
            )?;
            let mut mood = Mood::default();
            let feelings = tx.query(
                "SELECT feeling, CAST(SUM(count) AS BIGINT) FROM mood WHERE business = ?1 AND day >= ?2 AND day < ?3 GROUP BY feeling",
                &[(&business).into(), from.into(), to.into()],
                |row| Ok((row.get::<i64>(0)?, row.get::<u64>(1)?)),
            )?;
            for (feeling, count) in feelings {
                match feeling {
                    1 => mood.glad = count,
                    2 => mood.neither = count,
                    _ => mood.not_glad = count,
                }
            }
            Ok::<_, Error>(TeamStatistics { operators, mood })
        };
        self.db().read(read).await
    }
}

fn day(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis().div_euclid(DAY) * DAY)
}

/// Counts a message that the network took, for whoever sent it.
///
/// # Errors
/// When the store fails.
pub(crate) fn sent(tx: &mut Tx<'_>, business: AccountId, operator: Option<OperatorId>, at: Timestamp) -> Result<(), StoreError> {
    let operator = operator.map_or(NO_OPERATOR, |operator| *operator.as_bytes());
    tx.execute(
        "INSERT INTO operator_statistic (business, day, operator, sent) VALUES (?1, ?2, ?3, 1) \
         ON CONFLICT (business, day, operator) DO UPDATE SET sent = operator_statistic.sent + 1",
        &[(&business).into(), day(at).into(), (&operator).into()],
    )?;
    Ok(())
}

/// Counts a customer's reaction in the place of the `former` one on the same message, which was counted when it came; "" takes that one back.
///
/// # Errors
/// When the store fails.
pub(crate) fn reacted(tx: &mut Tx<'_>, business: AccountId, former: Option<(&str, Timestamp)>, emoji: &str, at: Timestamp) -> Result<(), StoreError> {
    if let Some((emoji, at)) = former {
        tx.execute(
            "UPDATE mood SET count = count - 1 WHERE business = ?1 AND day = ?2 AND feeling = ?3 AND count > 0",
            &[(&business).into(), day(at).into(), feeling(emoji).into()],
        )?;
    }
    if emoji.is_empty() {
        return Ok(());
    }
    tx.execute(
        "INSERT INTO mood (business, day, feeling, count) VALUES (?1, ?2, ?3, 1) \
         ON CONFLICT (business, day, feeling) DO UPDATE SET count = mood.count + 1",
        &[(&business).into(), day(at).into(), feeling(emoji).into()],
    )?;
    Ok(())
}

fn feeling(emoji: &str) -> i64 {
    let Some(first) = emoji.chars().next() else { return 2 };
    if GLAD.contains(first) {
        1
    } else if NOT_GLAD.contains(first) {
        3
    } else {
        2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r66_an_emoji_says_how_somebody_feels_in_every_tone() {
        for (emoji, expected) in [("👍", 1), ("👍🏽", 1), ("❤️", 1), ("❤", 1), ("👎🏿", 3), ("☹️", 3), ("😡", 3), ("🐟", 2), ("", 2)]
        {
            assert_eq!(feeling(emoji), expected, "{emoji}");
        }
    }
}
