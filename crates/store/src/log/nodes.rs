//! On which node devices are connected, and how far the logs of those that are connected here reach. Of use where several nodes share one store.
use super::postgres;
use crate::{
    error::StoreError,
    row::Row,
    tx::{Engine, Tx},
};
use suki_types::{DeviceId, NodeId};

pub(super) const NODE: &str = "SELECT node FROM mailbox WHERE device = ?1";
pub(super) const REACH: &str = "SELECT device, last, node FROM mailbox WHERE device = ?1";
const REACHES: &str = "SELECT device, last, node FROM mailbox WHERE device = ANY($1)";

/// How far a device's log reaches, and where the device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Whose log.
    pub device: DeviceId,
    /// The place of the newest entry ever appended; 0 before the first.
    pub last: u64,
    /// The node that has its connection, or had it last.
    pub node: Option<NodeId>,
}

/// The node that has a device's connection, or had it last; what this unit itself notes is not seen.
///
/// # Errors
/// What the engine refuses.
pub fn node(tx: &mut Tx<'_>, device: DeviceId) -> Result<Option<NodeId>, StoreError> {
    Ok(tx.query_opt(NODE, &[(&device).into()], |row| node_of(row, 0))?.flatten())
}

/// How far the logs of these devices reach, in one statement on PostgreSQL; those without a log are left out.
///
/// # Errors
/// What the engine refuses.
pub fn reaches(tx: &mut Tx<'_>, devices: &[DeviceId]) -> Result<Vec<Reach>, StoreError> {
    if matches!(tx.engine(), Engine::Postgres(_)) {
        let devices: Vec<&[u8]> = devices.iter().map(|device| &device.as_bytes()[..]).collect();
        return postgres::read(tx, REACHES, &[&devices], reach);
    }
    let each = |device: &DeviceId| tx.query_opt(REACH, &[device.into()], reach).transpose();
    devices.iter().filter_map(each).collect()
}

fn reach(row: &Row<'_>) -> Result<Reach, StoreError> {
    Ok(Reach { device: row.get(0)?, last: row.get(1)?, node: node_of(row, 2)? })
}

/// Empty stands for none.
pub(super) fn node_of(row: &Row<'_>, column: usize) -> Result<Option<NodeId>, StoreError> {
    let bytes: Vec<u8> = row.get(column)?;
    if bytes.is_empty() { Ok(None) } else { row.get(column).map(Some) }
}
