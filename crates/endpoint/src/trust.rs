//! Who the business is to the network: terms, name, number, level and announcements (R26 to R48, R109). The network decides; what it last said is kept,
//! so that programs are answered while it cannot be asked.
use crate::{
    Business, Error,
    agent::Told,
    live::LiveEvent,
    notices::Notice,
    operators::{Operator, Role},
    webhooks,
};
use std::sync::Arc;
use suki_cloud_api::webhook_account as wire;
use suki_protocol::{
    calls::{
        Call,
        announcement::{Announcement, Announcements, ListAnnouncements},
        trust::{
            AcceptTerms, Appeal, CheckName, Decision, DocumentStatus, GetTerms, GetTrust, NameChecked, NumberCodeSent, RequestName,
            RequestNumberCode, RequestVerification, Subject, TermsStatus, TrustChanged, TrustStatus, UploadDocument, VerifyNumber, Withdraw,
        },
    },
    http::{Base64, Trust},
};
use suki_store::Tx;
use suki_types::{AccountId, limits};

impl Business {
    /// What the network last said; none before it ever said anything.
    pub fn trust(&self) -> Option<Arc<TrustStatus>> {
        self.trust.read().clone()
    }

    /// Whether the number is the business's beyond doubt: it knew a code that was sent there, or it is a test number.
    pub fn number_is_proven(&self) -> bool {
        let phone = &self.record().phone;
        phone.is_test() || self.trust().is_some_and(|trust| trust.phone.as_ref() == Some(phone))
    }

    /// Everything about the business's trust, as it is now; what was last known when the network cannot be asked.
    ///
    /// # Errors
    /// When it cannot be asked and never was.
    pub async fn ask_trust(&self) -> Result<TrustStatus, Error> {
        match self.link.call(&GetTrust {}).await {
            Ok(status) => Ok(status),
            Err(error) => self.trust().map(|known| (*known).clone()).ok_or_else(|| error.into()),
        }
    }

    /// Asks the network: when nothing was ever heard, and when a notice of a change may have passed unread.
    pub(crate) async fn learn_trust(&self) {
        let learnt = match self.link.call(&GetTrust {}).await {
            Ok(status) => self.keep_trust(status).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = learnt {
            tracing::warn!(business = %self.id(), %error, "what the network knows of this business is asked for at the next connection");
        }
    }

    async fn keep_trust(&self, status: TrustStatus) -> Result<(), Error> {
        let (id, stored) = (self.id(), status.clone());
        self.db().write(move |tx| store(tx, id, &stored)).await?;
        self.set_trust(status);
        Ok(())
    }

    /// What a request changed is known at once; the notice of it comes too.
    async fn changing<C: Call<Answer = TrustStatus>>(&self, by: &Operator, request: &C) -> Result<TrustStatus, Error> {
        owner_only(by)?;
        let status = self.link.call(request).await?;
        self.keep_trust(status.clone()).await?;
        Ok(status)
    }

    /// The terms in force, and what was accepted.
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn terms(&self) -> Result<TermsStatus, Error> {
        Ok(self.link.call(&GetTerms {}).await?)
    }

    /// Accepts the terms in the name of the operator who asks (R26).
    ///
    /// # Errors
    /// [`Error::Forbidden`] when he is no owner; when the version is not in force.
    pub async fn accept_terms(&self, by: &Operator, version: u32) -> Result<TermsStatus, Error> {
        owner_only(by)?;
        Ok(self.link.call(&AcceptTerms { version, by: by.name.clone() }).await?)
    }

    /// What the rules say of a name (R29).
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn check_name(&self, name: String) -> Result<NameChecked, Error> {
        Ok(self.link.call(&CheckName { name }).await?)
    }

    /// Asks for another name (R28).
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who is no owner; with the rules that the name breaks.
    pub async fn request_name(&self, by: &Operator, name: String) -> Result<TrustStatus, Error> {
        self.changing(by, &RequestName { name }).await
    }

    /// As [`Business::request_name`], by a program of the business.
    ///
    /// # Errors
    /// With the rules that the name breaks.
    pub async fn request_name_by_program(&self, name: String) -> Result<TrustStatus, Error> {
        let status = self.link.call(&RequestName { name }).await?;
        self.keep_trust(status.clone()).await?;
        Ok(status)
    }

    /// Has a code sent to a number (R38).
    ///
    /// # Errors
    /// When the network sends none.
    pub async fn request_number_code(&self, request: &RequestNumberCode) -> Result<NumberCodeSent, Error> {
        Ok(self.link.call(request).await?)
    }

    /// Proves a number with the code that came.
    ///
    /// # Errors
    /// When the code is wrong, or somebody else has the number.
    pub async fn verify_number(&self, request: &VerifyNumber) -> Result<TrustStatus, Error> {
        let status = self.link.call(request).await?;
        self.keep_trust(status.clone()).await?;
        Ok(status)
    }

    /// Uploads a document, in pieces.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who is no owner; when it is too large, or neither PDF nor picture.
    pub async fn upload_document(&self, by: &Operator, name: &str, bytes: &[u8]) -> Result<DocumentStatus, Error> {
        owner_only(by)?;
        if bytes.is_empty() || bytes.len() > limits::DOCUMENT_BYTES {
            let text = format!("A document has 1 to {} bytes, this one has {}", limits::DOCUMENT_BYTES, bytes.len());
            return Err(Error::Invalid(text));
        }
        let pieces = bytes.chunks(limits::DOCUMENT_PART_BYTES);
        let last = pieces.len() - 1;
        let mut status: Option<DocumentStatus> = None;
        for (number, piece) in pieces.enumerate() {
            let part = u32::try_from(number).map_err(|_| Error::Invalid("the document has too many pieces".into()))?;
            let id = status.as_ref().map(|status| status.id);
            let upload = UploadDocument { id, name: name.to_owned(), part, last: number == last, data: Base64(piece.to_vec()) };
            status = Some(self.link.call(&upload).await?);
        }
        status.ok_or_else(|| Error::Internal("a document of no pieces".into()))
    }

    /// Asks to be checked or confirmed (R43).
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who is no owner; with what is missing.
    pub async fn request_verification(&self, by: &Operator, request: &RequestVerification) -> Result<TrustStatus, Error> {
        self.changing(by, request).await
    }

    /// Takes a request back.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who is no owner; when nothing waits.
    pub async fn withdraw_request(&self, by: &Operator, subject: Subject) -> Result<TrustStatus, Error> {
        self.changing(by, &Withdraw { subject }).await
    }

    /// Asks for a second look at a refusal (R44).
    ///
    /// # Errors
    /// [`Error::Forbidden`] for who is no owner; when nothing was refused, or too long ago.
    pub async fn appeal_refusal(&self, by: &Operator, subject: Subject, text: String) -> Result<TrustStatus, Error> {
        self.changing(by, &Appeal { subject, text }).await
    }

    /// What the platform announced (R46).
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn announcements(&self, before: Option<u64>, limit: u32) -> Result<Announcements, Error> {
        Ok(self.link.call(&ListAnnouncements { before, limit }).await?)
    }
}

fn owner_only(by: &Operator) -> Result<(), Error> {
    match by.role {
        Role::Owner => Ok(()),
        Role::Admin | Role::Operator => Err(Error::Forbidden("only an owner of the business may do this".into())),
    }
}

/// Reads what was last said.
pub(crate) fn load(tx: &mut Tx<'_>, business: AccountId) -> Result<Option<TrustStatus>, Error> {
    let stored = tx.query_opt("SELECT status FROM trust WHERE business = ?1", &[(&business).into()], |row| row.get::<String>(0))?;
    // What an older program wrote and this one cannot read is asked for again.
    Ok(stored.and_then(|stored| serde_json::from_str(&stored).ok()))
}

/// Keeps what the network says, and name, number and level where everything else looks for them.
fn store(tx: &mut Tx<'_>, business: AccountId, status: &TrustStatus) -> Result<(), Error> {
    let json = serde_json::to_string(status).map_err(|error| Error::Internal(error.to_string()))?;
    tx.execute(
        "INSERT INTO trust (business, status) VALUES (?1, ?2) ON CONFLICT (business) DO UPDATE SET status = excluded.status",
        &[(&business).into(), (&json).into()],
    )?;
    let sql = "UPDATE business SET name = ?2, trust = ?3 WHERE id = ?1";
    tx.execute(sql, &[(&business).into(), (&status.name).into(), level(status.level).into()])?;
    if let Some(phone) = &status.phone {
        tx.execute("UPDATE business SET phone = ?2 WHERE id = ?1", &[(&business).into(), phone.into()])?;
    }
    Ok(())
}

/// The level as the store and the inbox write it.
pub(crate) fn level(level: Trust) -> &'static str {
    match level {
        Trust::Plain => "plain",
        Trust::Checked => "checked",
        Trust::Confirmed => "confirmed",
    }
}

/// Stores what a notice about trust says, and has programs told of decisions.
///
/// # Errors
/// When the store fails.
pub(crate) fn apply(business: &Business, tx: &mut Tx<'_>, notice: &Notice, told: &mut Told) -> Result<(), Error> {
    let Ok(changed) = serde_json::from_slice::<TrustChanged>(&notice.json) else {
        tracing::warn!(business = %business.id(), kind = %notice.kind, "a notice cannot be read: the network is of another version");
        return Ok(());
    };
    store(tx, business.id(), &changed.status)?;
    if let Some(decision) = &changed.decision {
        for (field, value) in events(business, decision) {
            told.queued.extend(webhooks::account(business, tx, field, &value, notice.at)?);
        }
    }
    told.live.push(LiveEvent::Trust(Box::new(changed.status.clone())));
    told.trust = Some(changed.status);
    Ok(())
}

/// What programs are told of a decision (Cloud API, section 3c).
fn events(business: &Business, decision: &Decision) -> Vec<(&'static str, wire::Value)> {
    let record = business.record();
    let review = (wire::ACCOUNT_REVIEW, wire::account_review(decision.approved));
    match decision.subject {
        Subject::Name => {
            let reason = (!decision.approved).then_some(decision.code.as_str());
            vec![(wire::NAME_UPDATE, wire::name_update(&record.phone, decision.approved, &decision.asked, reason))]
        }
        Subject::Number => vec![review],
        Subject::Verification => {
            let alert = (wire::ACCOUNT_ALERTS, wire::official_account(record.phone_number_id, decision.approved, &decision.reason));
            let mut told = vec![review, alert];
            if decision.approved {
                told.push((wire::ACCOUNT_UPDATE, wire::verified()));
            }
            told
        }
    }
}

/// Tells open inboxes of an announcement; the network keeps it.
pub(crate) fn announced(business: &Business, notice: &Notice, told: &mut Told) {
    match serde_json::from_slice::<Announcement>(&notice.json) {
        Ok(announcement) => told.live.push(LiveEvent::Announcement(Box::new(announcement))),
        Err(_) => tracing::warn!(business = %business.id(), "an announcement cannot be read: the network is of another version"),
    }
}
