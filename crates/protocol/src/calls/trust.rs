//! Who a business is: terms, name, number, verification, and what customers see of it (R26 to R48, R109, R110).
use super::{Call, Told};
use crate::http::{Base64, CodeChannel, Trust};
use serde::{Deserialize, Serialize};
use suki_types::{Phone, Timestamp};

/// The terms in force, and what the business that asks has accepted (R26).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetTerms {}

impl Call for GetTerms {
    const NAME: &'static str = "terms.status";
    type Answer = TermsStatus;
}

/// The owner of the business accepts the terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptTerms {
    /// The version he read: the one in force.
    pub version: u32,
    /// Who accepts, as the record says it: 1 to 75 characters.
    pub by: String,
}

impl Call for AcceptTerms {
    const NAME: &'static str = "terms.accept";
    type Answer = TermsStatus;
}

/// Terms of service and privacy policy, as `GET /v1/terms` gives them to everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The version in force.
    pub version: u32,
    /// Since when.
    pub in_force_at: Timestamp,
    /// The terms of service.
    pub terms: Document,
    /// The privacy policy.
    pub privacy: Document,
}

/// A text that people read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is called.
    pub title: String,
    /// Where it stands; "" when `text` has it.
    pub url: String,
    /// The text; "" when it stands at `url`.
    pub text: String,
}

/// The terms and a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsStatus {
    /// The terms in force.
    pub current: Terms,
    /// The version that was accepted; 0: none.
    pub accepted_version: u32,
    /// When it was accepted.
    pub accepted_at: Option<Timestamp>,
    /// Until when those in force have to be accepted; none when they are.
    pub due: Option<Timestamp>,
}

/// Whether a name could be had, as somebody types it. Stores nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckName {
    /// The name.
    pub name: String,
}

impl Call for CheckName {
    const NAME: &'static str = "name.check";
    type Answer = NameChecked;
}

/// What the rules say of a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameChecked {
    /// The name as it would be stored.
    pub name: String,
    /// Every rule it breaks; none when it passes.
    pub breaches: Vec<NameBreach>,
    /// Whether a person would look at it before customers see it.
    pub reviewed: bool,
}

/// A rule that a name breaks (R29).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameBreach {
    /// The rule, such as `personal_name`.
    pub rule: String,
    /// What is wrong, what is allowed, what to change.
    pub message: String,
}

/// A business asks for another name (R28). The earlier one stays until this one is approved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestName {
    /// The name.
    pub name: String,
}

impl Call for RequestName {
    const NAME: &'static str = "name.request";
    type Answer = TrustStatus;
}

/// A business asks for a code on its number (R38).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestNumberCode {
    /// The number.
    pub phone: Phone,
    /// By text message, or by a call that reads it: landlines have no other way.
    pub channel: CodeChannel,
}

impl Call for RequestNumberCode {
    const NAME: &'static str = "number.request_code";
    type Answer = NumberCodeSent;
}

/// The code is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberCodeSent {
    /// For how many milliseconds it holds.
    pub expires_in_millis: i64,
}

/// The code that came proves the number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyNumber {
    /// The number.
    pub phone: Phone,
    /// Six digits.
    pub code: String,
}

impl Call for VerifyNumber {
    const NAME: &'static str = "number.verify";
    type Answer = TrustStatus;
}

/// A piece of a document for a verification. The first names it; each further one names the id that the first was answered with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UploadDocument {
    /// Its id; none with the first piece.
    #[serde(default)]
    pub id: Option<u64>,
    /// What the file is called, 1 to 120 characters.
    pub name: String,
    /// Which piece, from 0, in order. A piece that is sent again is stored once.
    pub part: u32,
    /// Whether it is the last.
    pub last: bool,
    /// At most [`suki_types::limits::DOCUMENT_PART_BYTES`].
    pub data: Base64,
}

impl Call for UploadDocument {
    const NAME: &'static str = "verification.document";
    type Answer = DocumentStatus;
}

/// A document that is, or is being, uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentStatus {
    /// Its id within the business.
    pub id: u64,
    /// What it is called.
    pub name: String,
    /// `application/pdf`, `image/png` or `image/jpeg`, as its first bytes say.
    pub media_type: String,
    /// How many bytes have come.
    pub bytes: u64,
    /// Whether all of it has.
    pub complete: bool,
}

/// What a request is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The name.
    Name,
    /// Level checked: the number is the company's (R40).
    Number,
    /// Level confirmed (R41).
    Verification,
}

/// A business asks to be checked or confirmed (R43).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestVerification {
    /// The level: `checked` or `confirmed`.
    pub level: Trust,
    /// `company`, `sole_trader`, `nonprofit` or `public_body`.
    pub entity: String,
    /// Its name in the register, 1 to 120 characters.
    pub legal_name: String,
    /// Its number in the register, at most 60 characters.
    #[serde(default)]
    pub registration_number: String,
    /// Two letters of ISO 3166.
    pub country: String,
    /// Its address in the register, at most 256 characters.
    #[serde(default)]
    pub address: String,
    /// Its web site, at most 256 characters.
    #[serde(default)]
    pub website: String,
    /// Its e-mail address, at most 128 characters.
    #[serde(default)]
    pub email: String,
    /// The number of its official contact data (R40).
    pub official_phone: Phone,
    /// Documents that were uploaded, at most five.
    #[serde(default)]
    pub documents: Vec<u64>,
}

impl Call for RequestVerification {
    const NAME: &'static str = "verification.request";
    type Answer = TrustStatus;
}

/// Takes a request back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdraw {
    /// Which.
    pub subject: Subject,
}

impl Call for Withdraw {
    const NAME: &'static str = "trust.withdraw";
    type Answer = TrustStatus;
}

/// Asks for a second look at a refusal, by another person (R44).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// Which.
    pub subject: Subject,
    /// Why the refusal is wrong: 1 to [`suki_types::limits::APPEAL_CHARS`] characters.
    pub text: String,
}

impl Call for Appeal {
    const NAME: &'static str = "trust.appeal";
    type Answer = TrustStatus;
}

/// Everything about a business's name, number, level and terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetTrust {}

impl Call for GetTrust {
    const NAME: &'static str = "trust.status";
    type Answer = TrustStatus;
}

/// Where a business stands; each stage is visible (R109).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustStatus {
    /// The name in use.
    pub name: String,
    /// Whether that name has passed what the policy asks of it.
    pub name_passed: bool,
    /// How far it was checked.
    pub level: Trust,
    /// What customers see.
    pub shown: Shown,
    /// The number whose code it knew.
    pub phone: Option<Phone>,
    /// When that was.
    pub phone_proven_at: Option<Timestamp>,
    /// The version of the terms that was accepted, and the one in force.
    pub terms: TermsSummary,
    /// Terms, name, number, verification: what is done, what waits, what is needed.
    pub stages: Vec<Stage>,
    /// Documents that are there.
    pub documents: Vec<DocumentStatus>,
}

/// The terms in a few words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsSummary {
    /// The version that was accepted; 0: none.
    pub accepted: u32,
    /// The version in force.
    pub in_force: u32,
    /// Until when it has to be accepted; none when it is.
    pub due: Option<Timestamp>,
}

/// What customers see of a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// `grey_question`, `grey_tick` or `green_tick` (R39 to R41).
    pub mark: String,
    /// What stands where the name does: the name, or the number (R39).
    pub title: String,
    /// Labels beside it: `shop`, `verified`, `official` (R45).
    pub labels: Vec<String>,
    /// Whether "verification pending" stands there (R42).
    pub verification_pending: bool,
}

/// A step on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    /// What it is about.
    pub subject: Subject,
    /// `open`, `waiting`, `approved`, `refused`, `withdrawn`, `appealed` or `final`.
    pub state: String,
    /// Since when; none when nothing was asked.
    pub since: Option<Timestamp>,
    /// What was asked for: a name, a legal name; "" when nothing was.
    pub asked: String,
    /// By what it is decided (R44).
    pub criteria: Vec<String>,
    /// What is missing before it can be asked; empty when nothing is.
    pub needed: Vec<String>,
    /// When a decision is to be expected; none when none is waited for.
    pub expected_at: Option<Timestamp>,
    /// Why it was decided so; "" when it was not, or by the rules alone.
    pub reason: String,
    /// The reason's code; "" without.
    pub code: String,
    /// Until when a refusal may be appealed.
    pub appeal_until: Option<Timestamp>,
    /// When the same may be asked again after a refusal.
    pub again_at: Option<Timestamp>,
}

/// Something about the business's trust has changed; also told when nothing was decided, such as after the terms changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrustChanged {
    /// Everything, as it is now.
    pub status: TrustStatus,
    /// The decision that changed it, if one did.
    pub decision: Option<Decision>,
}

impl Told for TrustChanged {
    const KIND: &'static str = "trust.changed";
}

/// What was decided about a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// About what.
    pub subject: Subject,
    /// What was asked for.
    pub asked: String,
    /// How.
    pub approved: bool,
    /// Why (R44).
    pub reason: String,
    /// The reason's code; "" without.
    pub code: String,
}
