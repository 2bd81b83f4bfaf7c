//! A business's endpoint, with a one-time code that the network's operator gave out.
use super::{NewDevice, RegistrationError, link, used_by};
use crate::{Network, codes, rows, rows::Caller, standing, trust};
use aws_lc_rs::hmac;
use suki_protocol::{
    http::{RegisterBusiness, Registered},
    pb::{AccountKind, TrustLevel},
};
use suki_rules::{
    goods,
    names::{self, NameBreach},
};
use suki_store::{Db, Tx};
use suki_types::{AccountId, DeviceId, Env, Timestamp, limits};

impl Network {
    /// A one-time code with which one business may register within a day. For the network's operator.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create_enrolment(&self) -> Result<String, RegistrationError> {
        store_enrolment(self.db(), self.env(), &self.0.code_key).await
    }

    /// `POST /v1/businesses`: the code is used up; the same endpoint may ask again with it and gets the same answer.
    ///
    /// # Errors
    /// When the code is not one, a field is out of range, or the link's name is taken.
    pub async fn register_business(&self, request: RegisterBusiness) -> Result<Registered, RegistrationError> {
        let name = self.check_business(&request)?;
        let device = NewDevice::check(&request.signature_key, "endpoint")?;
        let hash = self.hash_code("enrolment", &codes::canonical(&request.enrolment));
        let fresh = Caller { device: DeviceId::new(self.env()), account: AccountId::new(self.env()), kind: AccountKind::Business };
        let (now, key, own) = (self.now(), device.key.clone(), self.clone());
        let registered = self.db().write(move |tx| {
            let found = tx.query_opt("SELECT device, expires_at FROM enrolment WHERE code = ?1", &[(&hash).into()], |row| {
                Ok((row.get::<Option<DeviceId>>(0)?, row.get::<Timestamp>(1)?))
            })?;
            let (used, expires_at) = found.ok_or(RegistrationError::Code)?;
            if expires_at <= now {
                return Err(RegistrationError::Code);
            }
            if let Some(used) = used {
                return used_by(tx, used, &device.key)?.ok_or(RegistrationError::Code);
            }
            insert(&own, tx, fresh, (&request, &name), now)?;
            rows::insert_device(tx, fresh, &device.key, &device.name, now)?;
            tx.execute("UPDATE enrolment SET device = ?2 WHERE code = ?1", &[(&hash).into(), (&fresh.device).into()])?;
            Ok(fresh)
        });
        let caller = registered.await?;
        Ok(self.registered(caller, &key, None))
    }

    /// The name as it is stored, if everything is as it has to be. Terms come first: without them there is no access (R26).
    fn check_business(&self, request: &RegisterBusiness) -> Result<String, RegistrationError> {
        let terms = &self.policy().terms;
        if request.terms_version != terms.version {
            return Err(RegistrationError::Invalid(format!(
                "terms_version is {}; accept version {}, the one in force, after reading {:?} and {:?} (GET /v1/terms)",
                request.terms_version, terms.version, terms.title, terms.privacy_title
            )));
        }
        check(request)?;
        for text in [&request.name, &request.about] {
            goods::check_profile(self.policy(), text).map_err(|refusal| RegistrationError::Invalid(refusal.message))?;
        }
        names::check(&self.policy().names, &request.name).map_err(|breaches| name_error(&breaches))
    }
}

/// As [`Network::create_enrolment`], beside the running network: the command line does it from outside, with the seed of the network's key.
///
/// # Errors
/// When the store fails.
pub async fn issue_enrolment(db: &Db, env: &Env, key: &[u8; 32]) -> Result<String, RegistrationError> {
    store_enrolment(db, env, &codes::key(key)).await
}

async fn store_enrolment(db: &Db, env: &Env, key: &hmac::Key) -> Result<String, RegistrationError> {
    let code = codes::enrolment_code(env);
    let hash = codes::keyed(key, "enrolment", &code);
    let expires_at = env.now().plus_millis(limits::ENROLMENT_MILLIS);
    let stored = db.write(move |tx| {
        tx.execute("INSERT INTO enrolment (code, expires_at) VALUES (?1, ?2)", &[(&hash).into(), expires_at.into()])?;
        Ok::<_, RegistrationError>(())
    });
    stored.await?;
    Ok(code)
}

fn name_error(breaches: &[NameBreach]) -> RegistrationError {
    let all: Vec<_> = breaches.iter().map(|breach| format!("{}: {}", breach.rule, breach.message)).collect();
    RegistrationError::Invalid(format!("This name cannot be used. {}", all.join(". ")))
}

fn check(request: &RegisterBusiness) -> Result<(), RegistrationError> {
    let text = |field: &str, value: &str, least: usize, most: usize| {
        let length = value.trim().chars().count();
        if (least..=most).contains(&length) && !value.chars().any(char::is_control) {
            return Ok(());
        }
        Err(RegistrationError::Invalid(format!("{field} has {length} characters; {least} to {most} are allowed, and no control characters")))
    };
    text("name", &request.name, 0, names::LOOKED_AT)?;
    text("about", &request.about, 0, limits::ABOUT_CHARS)?;
    text("hosted_by", &request.hosted_by, 1, limits::NAME_CHARS)?;
    if !link::is_slug(&request.slug) {
        return Err(RegistrationError::Invalid("slug has 3 to 40 of a to z, 0 to 9 and hyphens, and begins and ends with none of these".into()));
    }
    Ok(())
}

fn insert(
    network: &Network,
    tx: &mut Tx<'_>,
    caller: Caller,
    (request, name): (&RegisterBusiness, &str),
    now: Timestamp,
) -> Result<(), RegistrationError> {
    let taken = tx.execute(
        "INSERT INTO slug (slug, account) VALUES (?1, ?2) ON CONFLICT (slug) DO NOTHING",
        &[request.slug.as_str().into(), (&caller.account).into()],
    )?;
    if taken == 0 {
        return Err(RegistrationError::Taken(format!("The link name {} is taken", request.slug)));
    }
    if let Some(breach) = trust::look_alike(tx, caller.account, name)? {
        return Err(name_error(&[breach]));
    }
    rows::insert_account(tx, caller.account, caller.kind, None, now)?;
    tx.execute(
        "INSERT INTO business (account, name, about, trust, hosted_by, slug) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            (&caller.account).into(),
            name.into(),
            request.about.trim().into(),
            i64::from(i32::from(TrustLevel::Plain)).into(),
            request.hosted_by.trim().into(),
            request.slug.as_str().into(),
        ],
    )?;
    standing::register(network.policy(), tx, caller.account, now)?;
    trust::terms::note_accepted(tx, caller.account, request.terms_version, request.hosted_by.trim(), now)?;
    trust::first_name(network, tx, caller.account, name, now).map_err(|refusal| {
        tracing::error!(reason = refusal.0.message, "a first name was not stored");
        RegistrationError::Unavailable
    })?;
    match &request.test_phone {
        Some(phone) if network.config().test_numbers && phone.is_test() => trust::number::take_test_number(tx, caller.account, phone, now),
        _ => Ok(()),
    }
}
