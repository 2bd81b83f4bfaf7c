//! Queues, and the cases in them.
use super::{Case, CaseKind, CaseState, case_from_row, open};
use crate::console::{
    Console, ConsoleError, Operator, businesses,
    operators::{self, Duty},
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, CaseId, OperatorId, Timestamp};

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

/// Who the people of a case are.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Names {
    /// What the business is called.
    pub business_name: String,
    /// Who has the case before him, or had it last.
    pub claimed_by: Option<String>,
    /// Who decided it.
    pub decided_by: Option<String>,
}

/// A case, and what stands around it.
#[derive(Debug, Clone, PartialEq)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Its people.
    pub names: Names,
    /// Whom it is about.
    pub business: businesses::Card,
    /// The case an appeal is against.
    pub first: Option<(Case, Names)>,
    /// The business's newest other cases.
    pub earlier: Vec<Case>,
}

/// How many other cases of the business stand beside one.
const EARLIER: u32 = 20;
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

    /// Cases, with the names of whom they are about and who has or decided them.
    ///
    /// # Errors
    /// As [`Console::queues`].
    pub async fn cases(&self, by: &Operator, filter: CaseFilter) -> Result<Vec<(Case, Names)>, ConsoleError> {
        by.must(Duty::Decide)?;
        self.read(move |tx| {
            let cases = list(tx, filter)?;
            let named = cases.into_iter().map(|case| names(tx, &case).map(|names| (case, names)));
            Ok(named.collect::<Result<_, StoreError>>()?)
        })
        .await
    }

    /// A case with all that somebody needs who decides it.
    ///
    /// # Errors
    /// [`ConsoleError::NotFound`]; as [`Console::queues`].
    pub async fn case_file(&self, by: &Operator, id: CaseId) -> Result<CaseFile, ConsoleError> {
        by.must(Duty::Decide)?;
        self.read(move |tx| {
            let case = open::find(tx, id)?.ok_or(ConsoleError::NotFound("case"))?;
            let business = businesses::card(tx, case.business)?.ok_or(ConsoleError::NotFound("business"))?;
            let first = match case.first {
                Some(first) => open::find(tx, first)?.map(|first| names(tx, &first).map(|names| (first, names))).transpose()?,
                None => None,
            };
            let mut earlier = of_business(tx, case.business, EARLIER)?;
            earlier.retain(|one| one.id != id);
            Ok(CaseFile { names: names(tx, &case)?, case, business, first, earlier })
        })
        .await
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

/// The newest cases of a business.
pub(crate) fn of_business(tx: &mut Tx<'_>, business: AccountId, limit: u32) -> Result<Vec<Case>, StoreError> {
    tx.query(
        "SELECT case_id, business, kind, subject, detail, state, opened_at, first, claimed_by, claimed_until, decided_by, decided_at, reason, code \
         FROM review_case WHERE business = ?1 ORDER BY case_id DESC LIMIT ?2",
        &[(&business).into(), limit.into()],
        case_from_row,
    )
}

fn names(tx: &mut Tx<'_>, case: &Case) -> Result<Names, StoreError> {
    let name = |tx: &mut Tx<'_>, id: OperatorId| Ok::<_, StoreError>(operators::find(tx, id)?.map(|operator| operator.name));
    let claimed_by = case.claim.map(|(by, _)| name(tx, by)).transpose()?.flatten();
    let decided_by = case.decided.as_ref().map(|decided| name(tx, decided.by)).transpose()?.flatten();
    let business_name = businesses::card(tx, case.business)?.map(|card| card.name).unwrap_or_default();
    Ok(Names { business_name, claimed_by, decided_by })
}
