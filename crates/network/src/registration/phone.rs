//! A person with a phone: a six-digit code proves that it is his (R38 for landlines).
use super::{NewDevice, RegistrationError, add_device};
use crate::{Network, codes, consent, quota::Quota, rows, rows::Caller};
use suki_protocol::{
    http::{CodeChannel, PhoneCodeSent, RegisterPhone, Registered, RequestPhoneCode},
    pb::AccountKind,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, DeviceId, Phone, Timestamp, limits};

const HOUR_MILLIS: i64 = 3_600_000;
/// What the code of a person's registration is for.
const PERSON: &str = "person";

impl Network {
    /// `POST /v1/phone-codes`: sends a code. Whether the number has an account is neither looked up nor told.
    ///
    /// # Errors
    /// When this server sends no codes, too many were sent to the number, or the gateway refuses.
    pub async fn request_phone_code(&self, request: RequestPhoneCode) -> Result<PhoneCodeSent, RegistrationError> {
        self.send_code(&request.phone, request.channel, PERSON).await?;
        Ok(PhoneCodeSent { expires_in: limits::PHONE_CODE_MILLIS / 1000 })
    }

    /// Sends a code to a number. `whose` stands in its hash: for another purpose the code is of no use.
    ///
    /// # Errors
    /// When this server sends no codes, too many were sent to the number, or the gateway refuses.
    pub(crate) async fn send_code(&self, phone: &Phone, channel: CodeChannel, whose: &str) -> Result<(), RegistrationError> {
        let sender = self.config().code_sender.clone().ok_or_else(not_configured)?;
        let (now, stored_for) = (self.now(), phone.clone());
        let most = self.config().phone_codes_per_hour;
        let (quota, text) =
            (Quota { name: "phone_codes", an_hour: most }, format!("More codes are asked for than this server sends: {most} an hour"));
        let code = codes::phone_code(self.env());
        let hash = self.hash_code("phone", &hashed(whose, phone, &code));
        self.db()
            .write(move |tx| {
                quota.take(tx, now, &text)?;
                remember(tx, &stored_for, &hash, now)
            })
            .await?;
        sender.send(phone.clone(), code, channel).await.map_err(|error| {
            tracing::warn!(%error, "a phone code was not sent");
            RegistrationError::Gateway
        })
    }

    /// Whether this is the code that was sent to the number for this purpose, in time. A wrong one leaves a try less.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn try_phone_code(&self, phone: &Phone, code: &str, whose: &str) -> Result<bool, StoreError> {
        let (now, network) = (self.now(), self.clone());
        let typed = hashed(whose, phone, &codes::canonical(code));
        let phone = phone.clone();
        // A wrong code costs a try, and that has to be stored: the unit succeeds either way.
        self.db().write(move |tx| try_code(&network, tx, &phone, &typed, now)).await
    }

    /// `POST /v1/phones`: with the right code the device joins the number's account, which is made if there is none.
    ///
    /// # Errors
    /// When the code is wrong or expired, the key is no key, or the account has as many devices as it may.
    pub async fn register_phone(&self, request: RegisterPhone) -> Result<Registered, RegistrationError> {
        if self.config().code_sender.is_none() {
            return Err(not_configured());
        }
        let device = NewDevice::check(&request.signature_key, &request.device_name)?;
        if !self.try_phone_code(&request.phone, &request.code, PERSON).await? {
            return Err(RegistrationError::Code);
        }
        let (now, phone, key) = (self.now(), request.phone.clone(), device.key.clone());
        let (fresh_device, fresh_account) = (DeviceId::new(self.env()), AccountId::new(self.env()));
        let own = self.clone();
        let registered = self.db().write(move |tx| {
            let known = owner(tx, &phone)?;
            let caller = Caller { device: fresh_device, account: known.unwrap_or(fresh_account), kind: AccountKind::Person };
            if known.is_none() {
                rows::insert_account(tx, caller.account, caller.kind, Some(&phone), now)?;
                consent::attach(&own, tx, &phone, caller.account)?;
            }
            add_device(tx, caller, &device, now)?;
            tx.execute("UPDATE phone_code SET tries_left = 0 WHERE phone = ?1", &[phone.digits().into()])?;
            Ok::<_, RegistrationError>(caller)
        });
        let caller = registered.await?;
        Ok(self.registered(caller, &key, Some(request.phone.clone())))
    }
}

fn not_configured() -> RegistrationError {
    let text = "This server sends no codes, so nobody can register by phone; its owner starts it with --codes-url and the address of a gateway";
    RegistrationError::NotConfigured(text.into())
}

/// The hash is of purpose, number and code together, so that a code is of no use for another number or purpose.
fn hashed(whose: &str, phone: &Phone, code: &str) -> String {
    format!("{whose}/{}/{code}", phone.digits())
}

/// The person the number belongs to. One number does not serve a business and a private account at once (R24).
fn owner(tx: &mut Tx<'_>, phone: &Phone) -> Result<Option<AccountId>, RegistrationError> {
    let sql = "SELECT p.account, a.kind FROM phone p JOIN account a ON a.account = p.account WHERE p.phone = ?1";
    let found = tx.query_opt(sql, &[phone.into()], |row| Ok((row.get::<AccountId>(0)?, row.get::<i64>(1)?)))?;
    match found {
        Some((_, kind)) if kind != i64::from(i32::from(AccountKind::Person)) => {
            let text = "This number serves a business; one number cannot serve a private account too: take another one, or release it there";
            Err(RegistrationError::Taken(text.into()))
        }
        found => Ok(found.map(|(account, _)| account)),
    }
}

/// Puts the code in the place of an earlier one, unless too many went out in the hour.
fn remember(tx: &mut Tx<'_>, phone: &Phone, hash: &[u8], now: Timestamp) -> Result<(), RegistrationError> {
    let before = tx.query_opt("SELECT hour_began, sent FROM phone_code WHERE phone = ?1", &[phone.digits().into()], |row| {
        Ok((row.get::<Timestamp>(0)?, row.get::<i64>(1)?))
    })?;
    let (hour_began, sent) = before.filter(|(began, _)| now.since(*began) < HOUR_MILLIS).unwrap_or((now, 0));
    if sent >= limits::PHONE_CODES_PER_HOUR {
        let text = format!("{sent} codes were sent to this number within an hour, the most that is allowed");
        return Err(RegistrationError::TooMany { text, retry_at: hour_began.plus_millis(HOUR_MILLIS) });
    }
    tx.execute(
        "INSERT INTO phone_code (phone, code, expires_at, tries_left, hour_began, sent) VALUES (?1, ?2, ?3, ?4, ?5, ?6) \
         ON CONFLICT (phone) DO UPDATE SET code = excluded.code, expires_at = excluded.expires_at, tries_left = excluded.tries_left, \
         hour_began = excluded.hour_began, sent = excluded.sent",
        &[
            phone.digits().into(),
            hash.into(),
            now.plus_millis(limits::PHONE_CODE_MILLIS).into(),
            limits::PHONE_CODE_TRIES.into(),
            hour_began.into(),
            (sent + 1).into(),
        ],
    )?;
    Ok(())
}

/// Whether this is the number's code, in time; a wrong one leaves a try less.
fn try_code(network: &Network, tx: &mut Tx<'_>, phone: &Phone, typed: &str, now: Timestamp) -> Result<bool, StoreError> {
    let found = tx.query_opt("SELECT code, expires_at, tries_left FROM phone_code WHERE phone = ?1", &[phone.digits().into()], |row| {
        Ok((row.get::<Vec<u8>>(0)?, row.get::<Timestamp>(1)?, row.get::<i64>(2)?))
    })?;
    let Some((hash, expires_at, tries_left)) = found else { return Ok(false) };
    if tries_left <= 0 || expires_at <= now {
        return Ok(false);
    }
    if network.code_matches("phone", typed, &hash) {
        return Ok(true);
    }
    tx.execute("UPDATE phone_code SET tries_left = tries_left - 1 WHERE phone = ?1", &[phone.digits().into()])?;
    Ok(false)
}
