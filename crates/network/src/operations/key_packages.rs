//! Key packages: what a business needs to add a device to a conversation's group.
use super::{WireFormat, check_handshake, conversation_id, device_id, read_only, refused, write};
use crate::{
    Network, int,
    operations::announce,
    refusal::{Outcome, Refusal},
    rows::{self, Caller},
    session::Answer,
};
use suki_protocol::pb::{self, server_frame::Body};
use suki_store::{StoreError, Tx};
use suki_types::{ConversationId, DeviceId, limits};

/// The most suites a frame may name.
const SUITES: usize = 16;
/// The most suites a device may offer.
const SUITES_PER_DEVICE: u64 = 8;

pub(super) fn publish(network: &Network, caller: Caller, body: pb::PublishKeyPackages) -> Answer {
    if let Err(refusal) = check(&body.packages) {
        return refused(refusal);
    }
    let own = network.clone();
    write(network, move |tx| {
        for (place, package) in (0_u16..).zip(&body.packages) {
            store(&own, tx, caller.device, package, place)?;
        }
        let mut suites: Vec<u32> = body.packages.iter().map(|package| package.suite).collect();
        suites.sort_unstable();
        suites.dedup();
        for suite in &suites {
            drop_oldest(tx, caller.device, *suite)?;
        }
        let offered: Vec<u64> = tx.query("SELECT DISTINCT suite FROM key_package WHERE device = ?1", &[(&caller.device).into()], |row| row.get(0))?;
        if offered.len() as u64 > SUITES_PER_DEVICE {
            return Err(Refusal::malformed(format!("A device offers at most {SUITES_PER_DEVICE} suites")));
        }
        Ok(Outcome::done(announce(&own, tx, &caller)?))
    })
}

fn check(packages: &[pb::KeyPackage]) -> Result<(), Refusal> {
    if packages.is_empty() || packages.len() > limits::KEY_PACKAGES {
        return Err(Refusal::malformed(format!("A frame carries 1 to {} key packages, not {}", limits::KEY_PACKAGES, packages.len())));
    }
    for package in packages {
        check_handshake("A key package", &package.data, WireFormat::KeyPackage)?;
        let suite = package.data.get(6..8).map(|suite| u32::from(suite[0]) << 8 | u32::from(suite[1]));
        if suite != Some(package.suite) {
            return Err(Refusal::malformed(format!("A key package is said to be of suite {} and is not", package.suite)));
        }
    }
    Ok(())
}

fn store(network: &Network, tx: &mut Tx<'_>, device: DeviceId, package: &pb::KeyPackage, place: u16) -> Result<(), StoreError> {
    if package.last_resort {
        tx.execute(
            "DELETE FROM key_package WHERE device = ?1 AND suite = ?2 AND last_resort = 1",
            &[(&device).into(), i64::from(package.suite).into()],
        )?;
    }
    // By time, and within one frame by place: the oldest is claimed first.
    let mut id = *suki_types::MessageId::new(network.env()).as_bytes();
    id[6..8].copy_from_slice(&place.to_be_bytes());
    tx.execute(
        "INSERT INTO key_package (device, suite, last_resort, id, data) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[(&device).into(), i64::from(package.suite).into(), package.last_resort.into(), (&id).into(), (&package.data).into()],
    )?;
    Ok(())
}

/// The newest stay: a device that publishes again may have lost the secrets of the old ones.
fn drop_oldest(tx: &mut Tx<'_>, device: DeviceId, suite: u32) -> Result<(), StoreError> {
    let suite = i64::from(suite);
    let newest_beyond = tx.query_opt(
        "SELECT id FROM key_package WHERE device = ?1 AND suite = ?2 AND last_resort = 0 ORDER BY id DESC LIMIT 1 OFFSET ?3",
        &[(&device).into(), suite.into(), int(limits::KEY_PACKAGES as u64)],
        |row| row.get::<Vec<u8>>(0),
    )?;
    if let Some(id) = newest_beyond {
        tx.execute(
            "DELETE FROM key_package WHERE device = ?1 AND suite = ?2 AND last_resort = 0 AND id <= ?3",
            &[(&device).into(), suite.into(), (&id).into()],
        )?;
    }
    Ok(())
}

pub(super) fn claim(network: &Network, caller: Caller, body: pb::ClaimKeyPackages) -> Answer {
    let parsed = conversation_id(&body.conversation).and_then(|conversation| {
        let device = if body.device.is_empty() { None } else { Some(device_id(&body.device)?) };
        Ok((conversation, device))
    });
    let (conversation, device) = match parsed {
        Ok(parsed) => parsed,
        Err(refusal) => return refused(refusal),
    };
    if body.suites.is_empty() || body.suites.len() > SUITES {
        return refused(Refusal::malformed(format!("Name 1 to {SUITES} suites, best first")));
    }
    if caller.kind != pb::AccountKind::Business {
        return read_only(network, |_| Err(Refusal::forbidden("Key packages are claimed by the business, which adds devices to the group")));
    }
    write(network, move |tx| take(tx, &caller, conversation, &body.suites, device))
}

fn take(tx: &mut Tx<'_>, caller: &Caller, conversation: ConversationId, suites: &[u32], only: Option<DeviceId>) -> Result<Outcome, Refusal> {
    let room = rows::room(tx, conversation, caller)?;
    if !room.side(caller)? {
        return Err(Refusal::forbidden("Key packages are claimed by the business of the conversation, which adds devices to the group"));
    }
    let mut devices = Vec::new();
    for customer in room.customers() {
        devices.extend(rows::devices_of(tx, customer)?);
    }
    if let Some(only) = only {
        if !devices.contains(&only) {
            return Err(Refusal::unknown("No customer of this conversation has a device of this id"));
        }
        devices = vec![only];
    }
    let mut packages = Vec::new();
    for device in devices {
        for suite in suites {
            if let Some(package) = take_one(tx, device, *suite)? {
                packages.push(pb::ClaimedKeyPackage { device: device.to_vec(), package: Some(package) });
                break;
            }
        }
    }
    Ok(Outcome::quiet(Body::KeyPackages(pb::KeyPackages { packages })))
}

/// The oldest of the suite, which is then gone; or the last-resort one, which stays. A package that another business has just taken is not there any more,
/// and the next one is looked for.
fn take_one(tx: &mut Tx<'_>, device: DeviceId, suite: u32) -> Result<Option<pb::KeyPackage>, StoreError> {
    loop {
        let found = tx.query_opt(
            "SELECT last_resort, id, data FROM key_package WHERE device = ?1 AND suite = ?2 ORDER BY last_resort, id LIMIT 1",
            &[(&device).into(), i64::from(suite).into()],
            |row| Ok((row.get::<bool>(0)?, row.get::<Vec<u8>>(1)?, row.get::<Vec<u8>>(2)?)),
        )?;
        let Some((last_resort, id, data)) = found else { return Ok(None) };
        let taken = last_resort
            || tx.execute(
                "DELETE FROM key_package WHERE device = ?1 AND suite = ?2 AND last_resort = 0 AND id = ?3",
                &[(&device).into(), i64::from(suite).into(), (&id).into()],
            )? > 0;
        if taken {
            return Ok(Some(pb::KeyPackage { suite, data, last_resort }));
        }
    }
}
