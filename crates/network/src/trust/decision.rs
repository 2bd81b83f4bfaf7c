//! What a decision of a person does to a business (R41, R44).
use super::{
    documents, name,
    request::{Request, SUBJECTS, kind_of},
    status::{self, business, level_of},
};
use crate::{
    Network,
    audit::{self, Actor},
    operations::call::Wakes,
    refusal::Refusal,
    registration::RegistrationError,
    review::{Case, Decision},
    standing,
};
use suki_protocol::{
    calls::trust::{Decision as WireDecision, Subject},
    pb::{RefusalCode, TrustLevel},
};
use suki_rules::trust::{Level, Stage, Step};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Timestamp};

/// Carries out the decision on a name, a number or a verification, and tells the business, with the reason.
///
/// # Errors
/// When the case waits for no decision any more, or the name came to be another's meanwhile.
pub(crate) fn decided(network: &Network, tx: &mut Tx<'_>, case: &Case, decision: &Decision, now: Timestamp) -> Result<Wakes, Refusal> {
    let over = || Refusal::new(RefusalCode::Conflict, "The business has nothing of this kind that waits for a decision");
    let subject = SUBJECTS.into_iter().find(|subject| kind_of(*subject) == case.kind).ok_or_else(over)?;
    let mut request = Request::load(tx, case.business, subject)?;
    if request.review != Some(case.id) || !request.stage.is_pending() {
        return Err(over());
    }
    request.advance(network, if decision.approve { Step::Approve } else { Step::Refuse }, now)?;
    decision.reason.trim().clone_into(&mut request.reason);
    request.code = decision.code.clone().unwrap_or_default();
    request.save(tx, case.business)?;
    if decision.approve {
        approve(tx, case.business, &request)?
    } else {
        refuse(tx, case.business, &request)?
    }
    documents::keep_until(tx, case.business, &request.detail, now.plus_millis(network.policy().trust.documents_kept.millis()))?;
    let told = WireDecision { subject, asked: request.asked, approved: decision.approve, reason: request.reason, code: request.code };
    status::tell(network, tx, case.business, Some(told))
}

fn approve(tx: &mut Tx<'_>, id: AccountId, request: &Request) -> Result<(), Refusal> {
    let known = business(tx, id)?;
    match request.subject {
        Subject::Name => {
            if let Some(breach) = name::look_alike(tx, id, &request.asked)? {
                return Err(Refusal::new(RefusalCode::Conflict, format!("The name cannot be approved any more. {}", breach.message)));
            }
            name::put_in_use(tx, id, &request.asked, known.level)?;
        }
        Subject::Number => {
            tx.execute("UPDATE business SET phone_approved = 1 WHERE account = ?1", &[(&id).into()])?;
            write_level(tx, id, &known.name, known.level.max(Level::Checked))?;
        }
        Subject::Verification => {
            if let Some(breach) = name::look_alike(tx, id, &known.name)? {
                return Err(Refusal::new(RefusalCode::Conflict, format!("Its name stands in the way. {}", breach.message)));
            }
            if let Some(country) = request.detail["country"].as_str() {
                tx.execute("UPDATE business SET country = ?2 WHERE account = ?1", &[(&id).into(), country.into()])?;
            }
            write_level(tx, id, &known.name, Level::Confirmed)?;
        }
    }
    Ok(())
}

/// A name that never passed is refused for good until another is asked for; otherwise everything stays as it was.
fn refuse(tx: &mut Tx<'_>, id: AccountId, request: &Request) -> Result<(), Refusal> {
    if request.subject == Subject::Name && !business(tx, id)?.name_passed {
        tx.execute("UPDATE standing SET name_state = 3 WHERE business = ?1", &[(&id).into()])?;
    }
    Ok(())
}

/// Writes the level, and whose look the name is.
pub(super) fn write_level(tx: &mut Tx<'_>, id: AccountId, name: &str, level: Level) -> Result<(), StoreError> {
    tx.execute("UPDATE business SET trust = ?2 WHERE account = ?1", &[(&id).into(), (level as i64).into()])?;
    standing::due_at_once(tx, id)?;
    name::protect(tx, id, name, level)
}

/// A person of the platform sets a level by himself, such as when a mark was given wrongly. Requests that no longer hold are refused with his reason.
///
/// # Errors
/// When there is no such business.
pub(super) fn set_level(
    network: &Network,
    tx: &mut Tx<'_>,
    (id, level): (AccountId, Level),
    (actor, reason): (Actor, &str),
    now: Timestamp,
) -> Result<Wakes, Refusal> {
    let known = business(tx, id)?;
    for subject in SUBJECTS.into_iter().filter(|subject| level_of(*subject) > level) {
        let mut request = Request::load(tx, id, subject)?;
        if request.stage == Stage::Approved {
            request.advance(network, Step::Revoke, now)?;
            (request.reason, request.code) = (reason.to_owned(), String::new());
            request.save(tx, id)?;
        }
    }
    if level == Level::Plain {
        tx.execute("UPDATE business SET phone_approved = 0 WHERE account = ?1", &[(&id).into()])?;
    }
    write_level(tx, id, &known.name, level)?;
    audit::record(tx, now, actor, "level.set", &format!("{id} {}", level.word()), reason)?;
    status::tell(network, tx, id, None)
}

impl Network {
    /// Sets how far a business is checked, for the network's operator. `reason` is shown to the business and recorded.
    ///
    /// # Errors
    /// When there is no such business, or the store fails.
    pub async fn set_trust(&self, business: AccountId, trust: TrustLevel, reason: &str) -> Result<(), RegistrationError> {
        let (level, own, reason) = (Level::from_number(i64::from(i32::from(trust))), self.clone(), reason.to_owned());
        let done = self.db().write(move |tx| set_level(&own, tx, (business, level), (Actor::System, &reason), own.now()));
        let wakes = done.await.map_err(|refusal: Refusal| match refusal.0.code() {
            RefusalCode::Unknown => RegistrationError::Unknown(refusal.0.message),
            _ => RegistrationError::Unavailable,
        })?;
        self.wake(wakes);
        Ok(())
    }
}
