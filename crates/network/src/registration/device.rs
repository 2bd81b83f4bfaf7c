//! Another device of an account, with a code that a device of it has made.
use super::{NewDevice, RegistrationError, add_device, phone_of, used_by};
use crate::{Network, codes, rows::Caller};
use suki_protocol::{
    http::{RegisterDevice, Registered},
    pb::AccountKind,
};
use suki_types::{AccountId, DeviceId, Timestamp};

impl Network {
    /// `POST /v1/devices`: the code is used up; the same device may ask again with it until it expires and gets the same answer.
    ///
    /// # Errors
    /// When the code is not one, the key is no key, or the account has as many devices as it may.
    pub async fn register_device(&self, request: RegisterDevice) -> Result<Registered, RegistrationError> {
        let device = NewDevice::check(&request.signature_key, &request.device_name)?;
        let hash = self.hash_code("link", &codes::canonical(&request.code));
        let (now, fresh, key) = (self.now(), DeviceId::new(self.env()), device.key.clone());
        let registered = self.db().write(move |tx| {
            let found = tx.query_opt("SELECT account, device, expires_at FROM link_code WHERE code = ?1", &[(&hash).into()], |row| {
                Ok((row.get::<AccountId>(0)?, row.get::<Option<DeviceId>>(1)?, row.get::<Timestamp>(2)?))
            })?;
            let (account, used, expires_at) = found.ok_or(RegistrationError::Code)?;
            if expires_at <= now {
                return Err(RegistrationError::Code);
            }
            let phone = phone_of(tx, account)?;
            if let Some(used) = used {
                let caller = used_by(tx, used, &device.key)?.ok_or(RegistrationError::Code)?;
                return Ok((caller, phone));
            }
            let caller = Caller { device: fresh, account, kind: AccountKind::Person };
            add_device(tx, caller, &device, now)?;
            tx.execute("UPDATE link_code SET device = ?2 WHERE code = ?1", &[(&hash).into(), (&fresh).into()])?;
            Ok((caller, phone))
        });
        let (caller, phone) = registered.await?;
        Ok(self.registered(caller, &key, phone))
    }
}
