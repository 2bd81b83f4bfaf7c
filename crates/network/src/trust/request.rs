//! A request for a name, a number's approval or a confirmation: its stage, and what a business may do with it whatever it is about.
use super::{documents, status};
use crate::{
    Network,
    audit::{self, Actor},
    operations::call,
    refusal::Refusal,
    review::{self, CaseKind, NewCase},
    rows::Caller,
    session::Answer,
};
use serde_json::{Value, json};
use suki_protocol::calls::trust::{Appeal, Subject, Withdraw};
use suki_rules::trust::{self, Stage, Step};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, CaseId, Timestamp, limits};

/// The newest request of a subject.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub subject: Subject,
    pub stage: Stage,
    pub since: Timestamp,
    /// What for: a name, a legal name.
    pub asked: String,
    /// All of it, as the console shows it.
    pub detail: Value,
    pub reason: String,
    pub code: String,
    pub review: Option<CaseId>,
}

/// All subjects, in the order of the way.
pub(super) const SUBJECTS: [Subject; 3] = [Subject::Name, Subject::Number, Subject::Verification];

pub(super) fn number_of(subject: Subject) -> i64 {
    match subject {
        Subject::Name => 1,
        Subject::Number => 2,
        Subject::Verification => 3,
    }
}

pub(super) fn kind_of(subject: Subject) -> CaseKind {
    match subject {
        Subject::Name => CaseKind::Name,
        Subject::Number => CaseKind::Number,
        Subject::Verification => CaseKind::Verification,
    }
}

impl Request {
    /// The request of a subject; one that was never made is open.
    pub fn load(tx: &mut Tx<'_>, business: AccountId, subject: Subject) -> Result<Self, StoreError> {
        let sql = "SELECT stage, since, asked, detail, reason, code, review FROM trust_request WHERE business = ?1 AND subject = ?2";
        let found = tx.query_opt(sql, &[(&business).into(), number_of(subject).into()], |row| {
            let detail: String = row.get(3)?;
            Ok(Self {
                subject,
                stage: Stage::from_number(row.get(0)?),
                since: row.get(1)?,
                asked: row.get(2)?,
                detail: serde_json::from_str(&detail).map_err(|_| StoreError::Corrupt("a request's detail"))?,
                reason: row.get(4)?,
                code: row.get(5)?,
                review: row.get(6)?,
            })
        })?;
        Ok(found.unwrap_or_else(|| Self {
            subject,
            stage: Stage::Open,
            since: Timestamp::from_millis(0),
            asked: String::new(),
            detail: Value::Null,
            reason: String::new(),
            code: String::new(),
            review: None,
        }))
    }

    /// Stores it, and whether the business waits for a level (R42).
    pub fn save(&self, tx: &mut Tx<'_>, business: AccountId) -> Result<(), StoreError> {
        tx.execute(
            "INSERT INTO trust_request (business, subject, stage, since, asked, detail, reason, code, review) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (business, subject) DO UPDATE SET stage = excluded.stage, \
             since = excluded.since, asked = excluded.asked, detail = excluded.detail, reason = excluded.reason, code = excluded.code, \
             review = excluded.review",
            &[
                (&business).into(),
                number_of(self.subject).into(),
                (self.stage as i64).into(),
                self.since.into(),
                (&self.asked).into(),
                (&self.detail.to_string()).into(),
                (&self.reason).into(),
                (&self.code).into(),
                self.review.as_ref().into(),
            ],
        )?;
        tx.execute(
            "UPDATE business SET pending = (SELECT COUNT(*) FROM trust_request WHERE business = ?1 AND subject > 1 AND stage IN (1, 5)) WHERE account = ?1",
            &[(&business).into()],
        )?;
        Ok(())
    }

    /// Takes a step, and remembers when.
    pub fn advance(&mut self, network: &Network, step: Step, now: Timestamp) -> Result<(), Refusal> {
        self.stage = trust::advance(&network.policy().trust, self.stage, self.since, step, now).map_err(Refusal::rule)?;
        self.since = now;
        Ok(())
    }

    /// Puts it before a person.
    pub fn open_case(&mut self, tx: &mut Tx<'_>, business: AccountId, now: Timestamp) -> Result<(), StoreError> {
        let new = NewCase { kind: kind_of(self.subject), business, subject: &self.asked, detail: &self.detail };
        self.review = Some(review::open(tx, now, new)?);
        Ok(())
    }
}

pub(super) fn withdraw(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<Withdraw>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        let now = own.now();
        let mut request = Request::load(tx, caller.account, asked.subject)?;
        request.advance(&own, Step::Withdraw, now)?;
        if let Some(case) = request.review.take() {
            review::close(tx, case)?;
        }
        request.save(tx, caller.account)?;
        documents::keep_until(tx, caller.account, &request.detail, now.plus_millis(own.policy().trust.documents_kept.millis()))?;
        let wakes = status::tell(&own, tx, caller.account, None)?;
        Ok((status::read(&own, tx, caller.account)?, wakes))
    })
}

pub(super) fn appeal(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<Appeal>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        let text = asked.text.trim();
        let count = text.chars().count();
        if !(1..=limits::APPEAL_CHARS).contains(&count) {
            let most = limits::APPEAL_CHARS;
            return Err(Refusal::malformed(format!("An appeal has 1 to {most} characters, this one has {count}: say why the refusal is wrong")));
        }
        let now = own.now();
        let mut request = Request::load(tx, caller.account, asked.subject)?;
        request.advance(&own, Step::Appeal, now)?;
        let refused_for = json!({ "reason": request.reason, "code": request.code });
        request.detail["appeal"] = json!({ "text": text, "against": refused_for });
        let new = NewCase { kind: kind_of(asked.subject), business: caller.account, subject: &request.asked, detail: &request.detail };
        let case = match request.review {
            Some(against) => review::open_appeal(tx, now, new, against)?,
            None => review::open(tx, now, new)?,
        };
        request.review = Some(case);
        request.save(tx, caller.account)?;
        documents::keep_until(tx, caller.account, &request.detail, documents::IN_USE)?;
        let subject = format!("{} {}", caller.account, request.asked);
        audit::record(tx, now, Actor::Business(caller.account), &format!("{}.appealed", kind_of(asked.subject).as_str()), &subject, "")?;
        let wakes = status::tell(&own, tx, caller.account, None)?;
        Ok((status::read(&own, tx, caller.account)?, wakes))
    })
}
