//! Whether programs may write in the number's name: it is registered, guarded by a PIN, and deregistered (section 3a; codes 133005 to 133016).
//!
//! A guess is counted before it is looked at, so that many at once are no more than as many one after another.
use crate::{
    Business, Error, password,
    settings::{self, Document},
    webhooks,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use suki_cloud_api::{
    ApiError, Code, ObjectId,
    number::registration::{SECURITY_FIELD, pin_changed},
};
use suki_protocol::calls::{rules::NumberRules, trust::TrustStatus};
use suki_types::Timestamp;

/// How the number's registration stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default)]
pub struct Registration {
    /// Whether programs may write in its name.
    pub is_registered: bool,
    /// The hash of its PIN; "" without one.
    pin: String,
    /// How many wrong PINs there were in a row, and when the last was.
    wrong: u32,
    wrong_at: Timestamp,
    /// When it was deregistered last.
    ended_at: Timestamp,
    /// When it was registered or deregistered, as far as that counts.
    changes: Vec<Timestamp>,
}

/// A number is registered from the start: its business came through the network's own door.
impl Default for Registration {
    fn default() -> Self {
        let never = Timestamp::default();
        Self { is_registered: true, pin: String::new(), wrong: 0, wrong_at: never, ended_at: never, changes: Vec::new() }
    }
}

impl Document for Registration {
    const SUBJECT: &'static str = "registration";
}

impl Registration {
    /// Whether it has a PIN.
    pub fn has_pin(&self) -> bool {
        !self.pin.is_empty()
    }

    /// Counts a change of the registration.
    fn count(&mut self, rules: &NumberRules, now: Timestamp) -> Result<(), Error> {
        self.changes.retain(|at| now.since(*at) < rules.within_millis);
        if rules.registrations > 0 && self.changes.len() >= rules.registrations as usize {
            let hours = rules.within_millis / 3_600_000;
            return Err(refused(
                Code::RegistrationLimit,
                format!("{} registrations and deregistrations in {hours} hours are allowed for a number; wait", rules.registrations),
            ));
        }
        self.changes.push(now);
        Ok(())
    }

    /// Counts a guess of the PIN as a wrong one, before it is looked at.
    fn guess(&mut self, rules: &NumberRules, now: Timestamp) -> Result<(), Error> {
        let past = now.since(self.wrong_at);
        if self.wrong >= rules.pin_guesses && rules.pin_guesses > 0 {
            if past < rules.pin_closed_millis {
                let minutes = (rules.pin_closed_millis - past) / 60_000 + 1;
                return Err(refused(Code::PinTooManyGuesses, format!("There were {} wrong PINs in a row; wait {minutes} minutes", self.wrong)));
            }
            self.wrong = 0;
        }
        if self.wrong > 0 && past < rules.pin_pause_millis {
            let seconds = (rules.pin_pause_millis - past) / 1_000 + 1;
            return Err(refused(Code::PinGuessedTooFast, format!("After a wrong PIN the next may be tried in {seconds} seconds")));
        }
        (self.wrong, self.wrong_at) = (self.wrong + 1, now);
        Ok(())
    }
}

fn refused(code: Code, details: impl Into<String>) -> Error {
    Error::Refused(ApiError::new(code, details))
}

fn not_registered() -> Error {
    refused(Code::NumberNotRegistered, "The number was deregistered: POST /PHONE_NUMBER_ID/register with its PIN, and programs may write again")
}

impl Business {
    /// An error unless programs may write in the number's name.
    ///
    /// # Errors
    /// 133010 when it was deregistered.
    pub fn must_be_registered(&self) -> Result<(), Error> {
        if self.registered.load(std::sync::atomic::Ordering::Relaxed) { Ok(()) } else { Err(not_registered()) }
    }

    fn number_rules(&self) -> NumberRules {
        self.rules().map(|rules| rules.number).unwrap_or_default()
    }

    /// Registers the number with its PIN; a number without one gets this one.
    ///
    /// # Errors
    /// 133006 when the number is not proven, 133005 when the PIN is wrong, 133008 and 133009 when too many were tried or too fast, 133015 right after it
    /// was deregistered, 133016 when it is registered too often.
    pub async fn register_number(&self, pin: String) -> Result<(), Error> {
        let record = self.record();
        // What is known may be from before the number was proven.
        let is_proven = |trust: &TrustStatus| trust.phone.as_ref() == Some(&record.phone);
        if !self.trust().is_some_and(|known| is_proven(&known)) && !self.ask_trust().await.is_ok_and(|now| is_proven(&now)) {
            return Err(refused(
                Code::NumberNotVerified,
                "Prove that the number is yours first: POST /PHONE_NUMBER_ID/request_code, then verify_code",
            ));
        }
        let (rules, now) = (self.number_rules(), self.env().now());
        let known = self.counted(move |registration| {
            let left = rules.settles_millis - now.since(registration.ended_at);
            if !registration.is_registered && left > 0 {
                let seconds = left / 1_000 + 1;
                return Err(refused(
                    Code::NumberRecentlyDeleted,
                    format!("The number was deregistered a moment ago; register it in {seconds} seconds"),
                ));
            }
            registration.count(&rules, now)?;
            if registration.has_pin() { registration.guess(&rules, now) } else { Ok(()) }
        });
        let known = known.await?;
        let hash = match known.has_pin() {
            false => Some(password::hash(self.env(), pin).await?),
            true if password::verify(pin, known.pin).await? => None,
            true => return Err(refused(Code::PinMismatch, "The PIN is not the number's; POST /PHONE_NUMBER_ID with pin sets another")),
        };
        self.counted(move |registration| {
            (registration.is_registered, registration.wrong) = (true, 0);
            if let (Some(hash), false) = (&hash, registration.has_pin()) {
                registration.pin.clone_from(hash);
            }
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Takes the number from programs; the inbox goes on.
    ///
    /// # Errors
    /// 133010 when it is not registered, 133016 when that is done too often.
    pub async fn deregister_number(&self) -> Result<(), Error> {
        let (rules, now) = (self.number_rules(), self.env().now());
        self.counted(move |registration| {
            if !registration.is_registered {
                return Err(not_registered());
            }
            registration.count(&rules, now)?;
            (registration.is_registered, registration.ended_at) = (false, now);
            Ok(())
        })
        .await?;
        Ok(())
    }

    /// Gives the number another PIN, and has programs told. What was guessed is forgotten.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn set_pin(self: &Arc<Self>, pin: String, app: ObjectId) -> Result<(), Error> {
        let hash = password::hash(self.env(), pin).await?;
        let (business, now) = (self.clone(), self.env().now());
        let queued = self
            .db()
            .write(move |tx| {
                let mut registration: Registration = settings::find(tx, business.id())?.unwrap_or_default();
                (registration.pin, registration.wrong) = (hash.clone(), 0);
                settings::store(tx, business.id(), &registration)?;
                webhooks::account(&business, tx, SECURITY_FIELD, &pin_changed(&business.record().phone, app), now)
            })
            .await?;
        self.common().dispatcher().notify(queued);
        Ok(())
    }

    /// Changes the registration in one unit; programs may write by it as soon as that is committed.
    async fn counted(&self, change: impl Fn(&mut Registration) -> Result<(), Error> + Send + 'static) -> Result<Registration, Error> {
        let business = self.id();
        let changed = self
            .db()
            .write(move |tx| {
                let mut registration: Registration = settings::find(tx, business)?.unwrap_or_default();
                change(&mut registration)?;
                settings::store(tx, business, &registration)?;
                Ok::<_, Error>(registration)
            })
            .await?;
        self.registered.store(changed.is_registered, std::sync::atomic::Ordering::Relaxed);
        Ok(changed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: NumberRules = NumberRules {
        registrations: 2,
        within_millis: 10_000,
        settles_millis: 1_000,
        pin_guesses: 2,
        pin_closed_millis: 60_000,
        pin_pause_millis: 1_000,
        qr_links: 1,
    };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(1_000_000 + millis)
    }

    fn code(result: Result<(), Error>) -> i32 {
        match result {
            Ok(()) => 0,
            Err(Error::Refused(refusal)) => refusal.code.number(),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn guesses_are_counted_and_forgotten_after_a_time() {
        let mut registration = Registration::default();
        let tried: Vec<_> = [0, 999, 1_000, 2_000, 60_999, 61_000, 61_500].map(|millis| code(registration.guess(&RULES, at(millis)))).into();
        assert_eq!(tried, [0, 133_009, 0, 133_008, 133_008, 0, 133_009]);
    }

    #[test]
    fn registrations_count_for_a_time() {
        let mut registration = Registration::default();
        let tried: Vec<_> = [0, 1, 9_999, 10_000, 10_001, 10_002].map(|millis| code(registration.count(&RULES, at(millis)))).into();
        assert_eq!(tried, [0, 0, 133_016, 0, 0, 133_016]);
    }
}
