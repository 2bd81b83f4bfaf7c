//! Queues, and the cases in them.
use super::{Case, CaseKind, CaseState, case_from_row, open};
use crate::console::{Console, ConsoleError, Operator, operators::Duty};
use suki_store::{StoreError, Tx};
use suki_types::{CaseId, Timestamp};

/// Which cases are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CaseFilter {
    /// In which state.
    pub state: CaseState,
    /// Of one kind, or all.
    pub kind: Option<CaseKind>,
    /// Open cases stand oldest first, and those after this one are listed; all others newest first, and those before it.
    pub cursor: Option<CaseId>,
    /// At most so many.
    pub limit: u32,
}

/// How much waits in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QueueCount {
    /// Which queue.
    pub kind: CaseKind,
    /// How many cases are open.
    pub open: u64,
    /// Since when the oldest waits.
    pub oldest: Timestamp,
}

const FIRST: CaseId = CaseId::from_bytes([0; 16]);
const LAST: CaseId = CaseId::from_bytes([0xFF; 16]);

impl Console {
    /// How much waits, by queue; queues where nothing waits are left out.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] when his role does not decide cases; when the store fails.
    pub async fn queues(&self, by: &Operator) -> Result<Vec<QueueCount>, ConsoleError> {
        by.must(Duty::Decide)?;
        self.read(|tx| {
            let sql = "SELECT kind, count(*), min(opened_at) FROM review_case WHERE state = 1 GROUP BY kind ORDER BY kind";
            Ok(tx.query(sql, &[], |row| Ok(QueueCount { kind: CaseKind::from_number(row.get(0)?)?, open: row.get(1)?, oldest: row.get(2)? }))?)
        })
        .await
    }

    /// Cases, without anything that their lists do not show left out.
    ///
    /// # Errors
    /// As [`Console::queues`].
    pub async fn cases(&self, by: &Operator, filter: CaseFilter) -> Result<Vec<Case>, ConsoleError> {
        by.must(Duty::Decide)?;
        self.read(move |tx| Ok(list(tx, filter)?)).await
    }

    /// A case.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`]; as [`Console::queues`].
    pub async fn case(&self, by: &Operator, id: CaseId) -> Result<Case, ConsoleError> {
        by.must(Duty::Decide)?;
        self.read(move |tx| open::find(tx, id)?.ok_or(ConsoleError::NotFound("case"))).await
    }
}

fn list(tx: &mut Tx<'_>, filter: CaseFilter) -> Result<Vec<Case>, StoreError> {
    let (state, limit) = (filter.state.number(), filter.limit);
    let from = filter.cursor.unwrap_or(if filter.state == CaseState::Open { FIRST } else { LAST });
    match (filter.kind, filter.state) {
        (None, CaseState::Open) => tx.query(
            "SELECT case_id, business, kind, subject, detail, state, opened_at, first, claimed_by, claimed_until, decided_by, decided_at, \
             reason, code FROM review_case WHERE state = ?1 AND case_id > ?2 ORDER BY case_id LIMIT ?3",
            &[state.into(), (&from).into(), limit.into()],
            case_from_row,
        ),
        (Some(kind), CaseState::Open) => tx.query(
            "SELECT case_id, business, kind, subject, detail, state, opened_at, first, claimed_by, claimed_until, decided_by, decided_at, \
             reason, code FROM review_case WHERE state = ?1 AND kind = ?4 AND case_id > ?2 ORDER BY case_id LIMIT ?3",
            &[state.into(), (&from).into(), limit.into(), kind.number().into()],
            case_from_row,
        ),
        (None, _) => tx.query(
            "SELECT case_id, business, kind, subject, detail, state, opened_at, first, claimed_by, claimed_until, decided_by, decided_at, \
             reason, code FROM review_case WHERE state = ?1 AND case_id < ?2 ORDER BY case_id DESC LIMIT ?3",
            &[state.into(), (&from).into(), limit.into()],
            case_from_row,
        ),
        (Some(kind), _) => tx.query(
            "SELECT case_id, business, kind, subject, detail, state, opened_at, first, claimed_by, claimed_until, decided_by, decided_at, \
             reason, code FROM review_case WHERE state = ?1 AND kind = ?4 AND case_id < ?2 ORDER BY case_id DESC LIMIT ?3",
            &[state.into(), (&from).into(), limit.into(), kind.number().into()],
            case_from_row,
        ),
    }
}
