//! A business's endpoint, with a one-time code that the network's operator gave out.
use super::{NewDevice, RegistrationError, link, used_by};
use crate::{Network, codes, rows, rows::Caller, standing};
use suki_protocol::{
    http::{RegisterBusiness, Registered},
    pb::{AccountKind, TrustLevel},
};
use suki_store::Tx;
use suki_types::{AccountId, DeviceId, Timestamp, limits};

impl Network {
    /// A one-time code with which one business may register within a day. For the network's operator.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn create_enrolment(&self) -> Result<String, RegistrationError> {
        let code = codes::enrolment_code(self.env());
        let hash = self.hash_code("enrolment", &code);
        let expires_at = self.now().plus_millis(limits::ENROLMENT_MILLIS);
        let stored = self.db().write(move |tx| {
            tx.execute("INSERT INTO enrolment (code, expires_at) VALUES (?1, ?2)", &[(&hash).into(), expires_at.into()])?;
            Ok::<_, RegistrationError>(())
        });
        stored.await?;
        Ok(code)
    }

    /// `POST /v1/businesses`: the code is used up; the same endpoint may ask again with it and gets the same answer.
    ///
    /// # Errors
    /// When the code is not one, a field is out of range, or the link's name is taken.
    pub async fn register_business(&self, request: RegisterBusiness) -> Result<Registered, RegistrationError> {
        check(&request)?;
        let device = NewDevice::check(&request.signature_key, "endpoint")?;
        let hash = self.hash_code("enrolment", &codes::canonical(&request.enrolment));
        let fresh = Caller { device: DeviceId::new(self.env()), account: AccountId::new(self.env()), kind: AccountKind::Business };
        let (now, key, policy) = (self.now(), device.key.clone(), self.0.policy.clone());
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
            insert(tx, fresh, &request, now)?;
            standing::register(&policy, tx, fresh.account, now)?;
            rows::insert_device(tx, fresh, &device.key, &device.name, now)?;
            tx.execute("UPDATE enrolment SET device = ?2 WHERE code = ?1", &[(&hash).into(), (&fresh.device).into()])?;
            Ok(fresh)
        });
        let caller = registered.await?;
        Ok(self.registered(caller, &key, None))
    }

    /// Sets how far the network has checked a business (R39 to R41). For the network's operator.
    ///
    /// # Errors
    /// When there is no such business, or the store fails.
    pub async fn set_trust(&self, business: AccountId, trust: TrustLevel) -> Result<(), RegistrationError> {
        let (level, now) = (i64::from(i32::from(trust).max(1)), self.now());
        let changed = self.db().write(move |tx| {
            standing::due(tx, business, now)?;
            Ok::<_, RegistrationError>(tx.execute("UPDATE business SET trust = ?2 WHERE account = ?1", &[(&business).into(), level.into()])?)
        });
        match changed.await? {
            0 => Err(RegistrationError::Unknown("No business has this id".into())),
            _ => Ok(()),
        }
    }
}

fn check(request: &RegisterBusiness) -> Result<(), RegistrationError> {
    let text = |field: &str, value: &str, least: usize, most: usize| {
        let length = value.trim().chars().count();
        if (least..=most).contains(&length) && !value.chars().any(char::is_control) {
            return Ok(());
        }
        Err(RegistrationError::Invalid(format!("{field} has {length} characters; {least} to {most} are allowed, and no control characters")))
    };
    text("name", &request.name, 1, limits::NAME_CHARS)?;
    text("about", &request.about, 0, limits::ABOUT_CHARS)?;
    text("hosted_by", &request.hosted_by, 1, limits::NAME_CHARS)?;
    if !link::is_slug(&request.slug) {
        return Err(RegistrationError::Invalid("slug has 3 to 40 of a to z, 0 to 9 and hyphens, and begins and ends with none of these".into()));
    }
    Ok(())
}

fn insert(tx: &mut Tx<'_>, caller: Caller, request: &RegisterBusiness, now: Timestamp) -> Result<(), RegistrationError> {
    let taken = tx.execute(
        "INSERT INTO slug (slug, account) VALUES (?1, ?2) ON CONFLICT (slug) DO NOTHING",
        &[request.slug.as_str().into(), (&caller.account).into()],
    )?;
    if taken == 0 {
        return Err(RegistrationError::Taken(format!("The link name {} is taken", request.slug)));
    }
    rows::insert_account(tx, caller.account, caller.kind, None, now)?;
    tx.execute(
        "INSERT INTO business (account, name, about, trust, hosted_by, slug) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            (&caller.account).into(),
            request.name.trim().into(),
            request.about.trim().into(),
            i64::from(i32::from(TrustLevel::Plain)).into(),
            request.hosted_by.trim().into(),
            request.slug.as_str().into(),
        ],
    )?;
    Ok(())
}
