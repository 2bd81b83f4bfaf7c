//! The decision on a case: one unit stores it, records it, and lets the part of the network whose case it is draw its consequences.
use super::{Case, CaseKind, Decided, Decision, checked_reason, claim};
use crate::{
    Network,
    audit::{self, Actor},
    consent,
    console::{Console, ConsoleError, Operator, operators::Duty},
    operations::call::Wakes,
    refusal::Refusal,
    standing, templates, trust,
};
use suki_store::Tx;
use suki_types::{CaseId, Timestamp};

impl Console {
    /// Decides a case. The business is told, with the reason (R44).
    ///
    /// # Errors
    /// [`ConsoleError::Invalid`] for a reason that is none; as [`Console::claim`].
    pub async fn decide(&self, by: &Operator, id: CaseId, decision: Decision) -> Result<Case, ConsoleError> {
        by.must(Duty::Decide)?;
        let (now, lease, by, own) = (self.now(), self.policy().review.claim.millis(), by.id, self.clone());
        let unit = move |tx: &mut Tx<'_>| {
            let mut case = claim::take(tx, now, id, by, lease)?;
            own.check(case.kind, &decision)?;
            let decided = Decided { by, at: now, reason: decision.reason.trim().to_owned(), code: decision.code.clone() };
            store(tx, &mut case, decision.approve, decided)?;
            let detail = format!("{}: {}", decision.code.as_deref().unwrap_or("-"), decision.reason.trim());
            let action = format!("{}.{}", case.kind.as_str(), if decision.approve { "approved" } else { "rejected" });
            audit::record(tx, now, Actor::Console(by), &action, &format!("{} {} {}", case.business, case.id, case.subject), &detail)?;
            let wakes = hand_over(own.network(), tx, &case, &decision, now)?;
            Ok((case, wakes))
        };
        let (case, wakes) = self.write(unit).await?;
        self.network().wake(wakes);
        Ok(case)
    }

    fn check(&self, kind: CaseKind, decision: &Decision) -> Result<(), ConsoleError> {
        let reasons = kind.reasons(self.policy());
        checked_reason(&decision.reason)?;
        match &decision.code {
            Some(code) if !reasons.contains(code) => {
                let text = format!("{code} is no reason for cases of the kind {}; the policy has {}", kind.as_str(), reasons.join(", "));
                Err(ConsoleError::Invalid(text))
            }
            _ => Ok(()),
        }
    }
}

pub(super) fn store(tx: &mut Tx<'_>, case: &mut Case, approve: bool, decided: Decided) -> Result<(), ConsoleError> {
    use super::CaseState::{Approved, Rejected};
    case.state = if approve { Approved } else { Rejected };
    case.claim = None;
    tx.execute(
        "UPDATE review_case SET state = ?2, claimed_by = NULL, claimed_until = 0, decided_by = ?3, decided_at = ?4, reason = ?5, code = ?6 \
         WHERE case_id = ?1",
        &[
            (&case.id).into(),
            case.state.number().into(),
            (&decided.by).into(),
            decided.at.into(),
            (&decided.reason).into(),
            decided.code.as_deref().unwrap_or_default().into(),
        ],
    )?;
    case.decided = Some(decided);
    Ok(())
}

/// Lets the owner of the case draw the consequences.
fn hand_over(network: &Network, tx: &mut Tx<'_>, case: &Case, decision: &Decision, now: Timestamp) -> Result<Wakes, Refusal> {
    match case.kind {
        CaseKind::Name | CaseKind::Verification | CaseKind::Number => trust::decided(network, tx, case, decision, now),
        CaseKind::Template => templates::decided(network, tx, case, decision, now),
        CaseKind::Appeal => standing::decided(network, tx, case, decision, now),
        CaseKind::Report => consent::decided(network, tx, case, decision, now),
    }
}
