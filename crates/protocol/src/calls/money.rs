//! What messages cost: quotes before sending, the rate card, bills and statements.
use super::{Call, Told, statistics::Granularity};
use serde::{Deserialize, Serialize};
use suki_types::{Amount, ConversationId, Country, Phone, Timestamp};

/// Asks what a message would cost now. The price of the next message of the same kind is exactly this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetQuote {
    /// To whom.
    pub to: Recipient,
    /// `marketing`, `utility`, `authentication`; `service` for all that is no template.
    pub category: String,
}

/// Whom a quote is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// A conversation of the business: its window and what is open in it count.
    Conversation(ConversationId),
    /// A number: the conversation with whoever has it, or nobody's yet.
    Phone(Phone),
    /// Anybody of a country, with whom there is no conversation.
    Country(Country),
}

impl Call for GetQuote {
    const NAME: &'static str = "price.quote";
    type Answer = Quoted;
}

/// What a message would cost now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quoted {
    /// In millionths of the currency's unit.
    pub amount: Amount,
    /// ISO 4217.
    pub currency: String,
    /// `PMP` for each message, `CBP` for a conversation.
    pub model: String,
    /// `regular`, `free_customer_service`, `free_entry_point`, `allowance`, `small_business`, `open_conversation`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is to the bill.
    pub category: String,
    /// Whether it is charged.
    pub billable: bool,
    /// The rate card's row.
    pub market: String,
    /// The slice of the month's volume, such as `0:25000`; empty where the price does not depend on it.
    pub tier: String,
    /// One sentence in English: where the price comes from.
    pub why: String,
}

/// Asks for the rate card that holds now, and the next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetCard {}

impl Call for GetCard {
    const NAME: &'static str = "price.card";
    type Answer = Cards;
}

/// The rate card that holds, and the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cards {
    /// What is charged: `per-message`, `per-conversation`, `by-initiator`.
    pub model: String,
    /// The card that holds now.
    pub current: Card,
    /// The next one.
    pub next: Option<Card>,
}

/// A rate card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// From when on; 0 when it always was.
    pub effective_at: Timestamp,
    /// ISO 4217.
    pub currency: String,
    /// A row for each market.
    pub markets: Vec<CardMarket>,
}

/// A row of a rate card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardMarket {
    /// Its name.
    pub market: String,
    /// What a message costs: by category, and `late-reply`. What is not here has no price.
    pub rates: Vec<CardRate>,
}

/// A cell of a rate card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardRate {
    /// The category, or `late-reply`.
    pub what: String,
    /// In millionths of the currency's unit.
    pub amount: Amount,
    /// Slices of the month's volume, lowest first; empty where the price does not depend on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<CardTier>,
}

/// A slice of a month's volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardTier {
    /// Such as `0:25000`; the highest ends in `MAX`.
    pub range: String,
    /// What each message of the slice costs.
    pub amount: Amount,
}

/// Asks for the bill of a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetBill {
    /// Such as `2026-11`, of UTC.
    pub month: String,
}

impl Call for GetBill {
    const NAME: &'static str = "bill.get";
    type Answer = Bill;
}

/// A month's bill; of a month that is not over: what it comes to so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bill {
    /// Such as `2026-11`.
    pub month: String,
    /// ISO 4217.
    pub currency: String,
    /// What was delivered, by market, category, kind and slice; free messages too.
    pub lines: Vec<BillLine>,
    /// Services that are no messages.
    pub services: Vec<BillService>,
    /// Messages and services together.
    pub total: Amount,
    /// What messages under way will cost if they are delivered; not in the total.
    pub reserved: Amount,
}

/// Messages of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillLine {
    /// The rate card's row.
    pub market: String,
    /// What they are.
    pub category: String,
    /// Why they cost what they cost; as [`Quoted::kind`].
    #[serde(rename = "type")]
    pub kind: String,
    /// The slice of the month's volume.
    pub tier: String,
    /// How many.
    pub count: u64,
    /// What they cost together.
    pub amount: Amount,
    /// ISO 4217.
    pub currency: String,
}

/// A service that is no message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillService {
    /// When it was charged.
    pub at: Timestamp,
    /// Its name.
    pub service: String,
    /// What it cost.
    pub amount: Amount,
    /// ISO 4217.
    pub currency: String,
}

/// Asks for what was delivered and what it cost, by period: for analytics. Whole periods are answered, those that are under way too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetCharges {
    /// From the period of this moment on.
    pub from: Timestamp,
    /// Before the period of this moment.
    pub to: Timestamp,
    /// How long a point's period is. Half hours, and what is told apart by templates, are kept for 90 days. There is no total.
    pub granularity: Granularity,
    /// What is told apart.
    #[serde(default)]
    pub by: Vec<ChargeDimension>,
    /// What counts; without, everything.
    #[serde(default)]
    pub of: Charged,
}

/// What charges are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeDimension {
    /// The customers' country.
    Country,
    /// What messages are to the bill.
    Category,
    /// Why they cost what they cost.
    Kind,
    /// The slice of the month's volume.
    Tier,
    /// The template.
    Template,
}

/// Which charges count; an empty list lets all pass.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charged {
    /// The customers' countries, ISO 3166.
    #[serde(default)]
    pub countries: Vec<Country>,
    /// As [`Quoted::category`].
    #[serde(default)]
    pub categories: Vec<String>,
    /// As [`Quoted::kind`].
    #[serde(default)]
    pub kinds: Vec<String>,
    /// The templates' ids; 0 of what is none.
    #[serde(default)]
    pub templates: Vec<u64>,
}

impl Call for GetCharges {
    const NAME: &'static str = "bill.charges";
    type Answer = Charges;
}

/// What was delivered and what it cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charges {
    /// In the order of time. A period without anything has no point.
    pub points: Vec<Charge>,
    /// From where on to ask for the rest; absent when this is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

/// Messages of a kind in a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Charge {
    /// The period's first millisecond, of UTC.
    pub at: Timestamp,
    /// ISO 3166, `ZZ` for an unknown one; empty when not asked for.
    #[serde(default)]
    pub country: String,
    /// As [`Quoted::category`]; empty when not asked for.
    #[serde(default)]
    pub category: String,
    /// As [`Quoted::kind`]; empty when not asked for.
    #[serde(default, rename = "type")]
    pub kind: String,
    /// As [`Quoted::tier`]; empty when not asked for.
    #[serde(default)]
    pub tier: String,
    /// The template's id; 0 when not asked for, and of what is none.
    #[serde(default)]
    pub template: u64,
    /// How many were delivered.
    pub count: u64,
    /// What they cost together.
    pub amount: Amount,
    /// ISO 4217.
    pub currency: String,
}

/// Asks for a month's statement as a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetStatement {
    /// Such as `2026-11`, of UTC.
    pub month: String,
    /// What kind of file.
    pub format: StatementFormat,
}

/// What kind of file a statement is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatementFormat {
    /// Comma-separated values, UTF-8.
    Csv,
    /// A document for printing.
    Pdf,
}

impl Call for GetStatement {
    const NAME: &'static str = "bill.statement";
    type Answer = Statement;
}

/// A statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// What to call the file.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub data: crate::http::Base64,
}

/// The business has reached a cheaper slice of volume (webhook `account_update`, `VOLUME_BASED_PRICING_TIER_UPDATE`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TierReached {
    /// When.
    pub at: Timestamp,
    /// The category whose price falls.
    pub category: String,
    /// The rate card's row.
    pub region: String,
    /// The slice, such as `25000:50000`.
    pub tier: String,
    /// The month it holds for, such as `2026-11`.
    pub effective_month: String,
}

impl Told for TierReached {
    const KIND: &'static str = "bill.tier";
}
