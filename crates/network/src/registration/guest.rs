//! A person without a phone, from a link.
use super::{NewDevice, RegistrationError, link};
use crate::{Network, consent, quota::Quota, rows, rows::Caller};
use suki_protocol::{
    http::{RegisterGuest, Registered},
    pb::AccountKind,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, DeviceId, Phone};

impl Network {
    /// `POST /v1/guests`: a device key and nothing else. In the demo and the sandbox the guest gets the next test number.
    ///
    /// # Errors
    /// When the link is nobody's, the key is no key, or too many guests came in the last hour.
    pub async fn register_guest(&self, request: RegisterGuest) -> Result<Registered, RegistrationError> {
        let device = NewDevice::check(&request.signature_key, &request.device_name)?;
        if !link::is_slug(&request.slug) {
            return Err(link::unknown());
        }
        let (most, now) = (self.config().guests_per_hour, self.now());
        let (quota, text) = (Quota { name: "guests", an_hour: most }, format!("More guests came than this server takes: {most} an hour"));
        let caller = Caller { device: DeviceId::new(self.env()), account: AccountId::new(self.env()), kind: AccountKind::Person };
        let (slug, test_numbers, key) = (request.slug.clone(), self.config().test_numbers, device.key.clone());
        let own = self.clone();
        let phone = self.db().write(move |tx| {
            link::owner(tx, &slug)?.ok_or_else(link::unknown)?;
            quota.take(tx, now, &text)?;
            let phone = if test_numbers { Some(next_test_number(tx)?) } else { None };
            rows::insert_account(tx, caller.account, caller.kind, phone.as_ref(), now)?;
            if let Some(phone) = &phone {
                consent::attach(&own, tx, phone, caller.account)?;
            }
            rows::insert_device(tx, caller, &device.key, &device.name, now)?;
            Ok::<_, RegistrationError>(phone)
        });
        let phone = phone.await?;
        Ok(self.registered(caller, &key, phone))
    }
}

fn next_test_number(tx: &mut Tx<'_>) -> Result<Phone, StoreError> {
    let number: i64 = tx.query_one(
        "INSERT INTO counter (name, value) VALUES (?1, 1) ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value",
        &["test_numbers".into()],
        |row| row.get(0),
    )?;
    u32::try_from(number).ok().filter(|number| *number < 10_000_000).map(Phone::test).ok_or(StoreError::Corrupt("the test numbers are used up"))
}
