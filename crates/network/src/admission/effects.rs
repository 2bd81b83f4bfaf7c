//! What a message that passes changes in the rows.
use super::facts::OutreachRow;
use crate::{int, refusal::Refusal, rows::Room};
use suki_rules::{Chat, Effects, Policy, Reach, Standing, frequency, tier};
use suki_store::{StoreError, Tx, Value};
use suki_types::{AccountId, Timestamp};

/// How many customers who no longer count one statement takes out.
const FORGOTTEN_AT_ONCE: i64 = 64;
/// How many such statements one message pays for: only a tier that has fallen needs more than one.
const STATEMENTS: usize = 32;

/// Writes it all, in the message's unit.
///
/// # Errors
/// When the customer has had his share of marketing; what the store refuses.
pub(super) fn write(
    policy: &Policy,
    tx: &mut Tx<'_>,
    room: &Room,
    effects: &Effects,
    row: Option<OutreachRow>,
    now: Timestamp,
) -> Result<(), Refusal> {
    count(policy, tx, room, effects, row, now)?;
    move_on(tx, room, &effects.chat)?;
    if room.chat.customer_wrote_at.is_none() && effects.chat.customer_wrote_at.is_some() {
        note_first_word(tx, room, now)?;
    }
    Ok(())
}

/// Counts the message where its customer is counted.
///
/// # Errors
/// When he has had his share of marketing; what the store refuses.
pub(super) fn count(
    policy: &Policy,
    tx: &mut Tx<'_>,
    room: &Room,
    effects: &Effects,
    row: Option<OutreachRow>,
    now: Timestamp,
) -> Result<(), Refusal> {
    if effects.marketing {
        count_marketing(policy, tx, room.customer, now)?;
    }
    if let (Some(row), Reach::New | Reach::Again) = (row, effects.reach) {
        count_reached(tx, room, row, now)?;
    }
    Ok(())
}

/// Takes a marketing message out of a customer's count again, which was one too many for him and goes to others.
pub(super) fn uncount_marketing(tx: &mut Tx<'_>, customer: AccountId) -> Result<(), StoreError> {
    let sql = "UPDATE person SET marketing_count = marketing_count - 1 WHERE account = ?1 AND marketing_count > 0";
    tx.execute(sql, &[(&customer).into()])?;
    Ok(())
}

/// Stores where the conversation stands now.
pub(super) fn move_on(tx: &mut Tx<'_>, room: &Room, chat: &Chat) -> Result<(), StoreError> {
    if *chat == room.chat {
        return Ok(());
    }
    tx.execute(
        "UPDATE conversation SET window_until = ?2, entry_at = ?3, entry_until = ?4, customer_wrote_at = ?5, business_wrote_at = ?6, pair_tat = ?7 \
         WHERE conversation = ?1",
        &[
            (&room.id).into(),
            time(chat.window_until),
            time(chat.entry_at),
            time(chat.entry_until),
            time(chat.customer_wrote_at),
            time(chat.business_wrote_at),
            time(chat.pair_tat),
        ],
    )?;
    Ok(())
}

fn time(at: Option<Timestamp>) -> Value<'static> {
    Value::Int(at.map_or(0, Timestamp::millis))
}

/// The customer has written to the business: it may answer, and write to him first later on (R10).
fn note_first_word(tx: &mut Tx<'_>, room: &Room, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO relation (business, customer, global_choice, wrote_at) \
         VALUES (?1, ?2, COALESCE((SELECT global_choice FROM person WHERE account = ?2), 1), ?3) \
         ON CONFLICT (business, customer) DO UPDATE SET wrote_at = ?3 WHERE relation.wrote_at = 0",
        &[(&room.business).into(), (&room.customer).into(), now.into()],
    )?;
    Ok(())
}

/// Counts a marketing message to a customer, and refuses the one too many.
fn count_marketing(policy: &Policy, tx: &mut Tx<'_>, customer: AccountId, now: Timestamp) -> Result<(), Refusal> {
    let began_after = now.plus_millis(-policy.frequency.within.millis());
    let (count, since) = tx.query_one(
        "INSERT INTO person (account, marketing_since, marketing_count) VALUES (?1, ?2, 1) \
         ON CONFLICT (account) DO UPDATE SET \
           marketing_count = CASE WHEN person.marketing_since > ?3 THEN person.marketing_count + 1 ELSE 1 END, \
           marketing_since = CASE WHEN person.marketing_since > ?3 THEN person.marketing_since ELSE ?2 END \
         RETURNING marketing_count, marketing_since",
        &[(&customer).into(), now.into(), began_after.into()],
        |row| Ok((row.get::<u64>(0)?, row.get::<Timestamp>(1)?)),
    )?;
    frequency::check(policy, count, since).map_err(Refusal::rule)
}

/// Counts a customer from now on, once.
fn count_reached(tx: &mut Tx<'_>, room: &Room, row: OutreachRow, now: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO outreach (business, customer, at) VALUES (?1, ?2, ?3) ON CONFLICT (business, customer) DO UPDATE SET at = ?3",
        &[(&room.business).into(), (&room.customer).into(), now.into()],
    )?;
    match row.at {
        None => {
            tx.execute(
                "UPDATE standing SET unique_count = unique_count + 1, unique_oldest = CASE WHEN unique_oldest = 0 THEN ?2 ELSE unique_oldest END \
                 WHERE business = ?1",
                &[(&room.business).into(), now.into()],
            )?;
        }
        // He was the first of all, and is now the last.
        Some(at) if row.first_at.is_some_and(|first| at <= first) => {
            recount(tx, room.business, 0)?;
        }
        Some(_) => {}
    }
    Ok(())
}

/// Takes out the customers who no longer count, a few at a time, until there is room for one more. The customer who is written to keeps his row.
pub(super) fn forget_uncounted(policy: &Policy, tx: &mut Tx<'_>, room: &Room, standing: &mut Standing, now: Timestamp) -> Result<(), StoreError> {
    let last = now.plus_millis(-policy.tiers.period.millis());
    for _ in 0..STATEMENTS {
        if standing.reached_first_at.is_none_or(|first| tier::counts(policy, first, now)) {
            break;
        }
        let forgotten = tx.execute(
            "DELETE FROM outreach WHERE business = ?1 AND customer IN \
             (SELECT customer FROM outreach WHERE business = ?1 AND at <= ?2 AND customer <> ?3 ORDER BY at LIMIT ?4)",
            &[(&room.business).into(), last.into(), (&room.customer).into(), Value::Int(FORGOTTEN_AT_ONCE)],
        )?;
        (standing.reached, standing.reached_first_at) = recount(tx, room.business, forgotten)?;
        let room_for_one = standing.tier_limit.is_none_or(|limit| standing.reached < limit);
        if forgotten == 0 || room_for_one {
            break;
        }
    }
    Ok(())
}

/// Takes so many off the count and finds the first of the rest.
fn recount(tx: &mut Tx<'_>, business: AccountId, forgotten: u64) -> Result<(u64, Option<Timestamp>), StoreError> {
    tx.query_one(
        "UPDATE standing SET unique_count = unique_count - ?2, \
           unique_oldest = COALESCE((SELECT at FROM outreach WHERE business = ?1 ORDER BY at LIMIT 1), 0) \
         WHERE business = ?1 RETURNING unique_count, unique_oldest",
        &[(&business).into(), int(forgotten)],
        |row| {
            let first: i64 = row.get(1)?;
            Ok((row.get::<u64>(0)?, (first != 0).then_some(Timestamp::from_millis(first))))
        },
    )
}
