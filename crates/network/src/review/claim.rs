//! A case before somebody: two operators do not decide one, and a second look is another's.
use super::{Case, CaseState, open};
use crate::console::{
    Console, ConsoleError, Operator,
    operators::{self, Duty},
};
use suki_store::Tx;
use suki_types::{CaseId, OperatorId, Timestamp};

impl Console {
    /// Puts a case before an operator for the policy's `review.claim`; again, for as long anew.
    ///
    /// # Errors
    /// [`ConsoleError::Conflict`] when another has it, when it is decided, or when he decided what it appeals against and another could look at it;
    /// [`ConsoleError::NotFound`]; [`ConsoleError::Forbidden`] when his role does not decide cases.
    pub async fn claim(&self, by: &Operator, id: CaseId) -> Result<Case, ConsoleError> {
        by.must(Duty::Decide)?;
        let (now, lease, by) = (self.now(), self.policy().review.claim.millis(), by.id);
        self.write(move |tx| take(tx, now, id, by, lease)).await
    }

    /// Puts a case back into its queue. Of another's claim nothing changes.
    ///
    /// # Errors
    /// [`ConsoleError::Forbidden`] when his role does not decide cases; when the store fails.
    pub async fn release(&self, by: &Operator, id: CaseId) -> Result<(), ConsoleError> {
        by.must(Duty::Decide)?;
        let by = by.id;
        self.write(move |tx| {
            let sql = "UPDATE review_case SET claimed_by = NULL, claimed_until = 0 WHERE case_id = ?1 AND claimed_by = ?2 AND state = 1";
            tx.execute(sql, &[(&id).into(), (&by).into()])?;
            Ok(())
        })
        .await
    }
}

/// The case, claimed by him from now on.
pub(super) fn take(tx: &mut Tx<'_>, now: Timestamp, id: CaseId, by: OperatorId, lease_millis: i64) -> Result<Case, ConsoleError> {
    let mut case = open::find(tx, id)?.ok_or(ConsoleError::NotFound("case"))?;
    may_take(tx, now, &case, by)?;
    let until = now.plus_millis(lease_millis);
    tx.execute("UPDATE review_case SET claimed_by = ?2, claimed_until = ?3 WHERE case_id = ?1", &[(&id).into(), (&by).into(), until.into()])?;
    case.claim = Some((by, until));
    Ok(case)
}

fn may_take(tx: &mut Tx<'_>, now: Timestamp, case: &Case, by: OperatorId) -> Result<(), ConsoleError> {
    if case.state != CaseState::Open {
        return Err(ConsoleError::Conflict("this case is not open any more: somebody decided it, or the business withdrew it".into()));
    }
    if let Some((other, until)) = case.claim
        && other != by
        && until > now
    {
        let name = operators::find(tx, other)?.map_or_else(|| "another operator".to_owned(), |operator| operator.name);
        return Err(ConsoleError::Conflict(format!("{name} has this case; it is free again when he puts it back or his time ends")));
    }
    let Some(first) = case.first else { return Ok(()) };
    let decided_by = open::find(tx, first)?.and_then(|first| first.decided).map(|decided| decided.by);
    if decided_by == Some(by) && operators::others_decide(tx, by)? {
        let text = "you made the decision that this appeals against, so another operator has to look at it";
        return Err(ConsoleError::Conflict(text.into()));
    }
    Ok(())
}
