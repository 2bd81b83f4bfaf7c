//! The rules a business has to keep, for its endpoint: what it shows, and what it can refuse before it sends.
use super::Call;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A business asks which rules are in force for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetRules {}

impl Call for GetRules {
    const NAME: &'static str = "business.rules";
    type Answer = Rules;
}

/// The figures of the policy that concern a business. The network decides; with these an endpoint can say so beforehand. Lengths of time are in
/// milliseconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// The policy's name: refusals cite it.
    pub policy: String,
    /// The customer-service window.
    pub window: WindowRules,
    /// How fast it may write.
    pub rates: Rates,
    /// How many operators it may have.
    pub staff_most: u32,
    /// How many customers a broadcast may go to.
    pub broadcast_recipients: u32,
    /// Whether a broadcast reaches only who keeps the business among his contacts.
    pub broadcast_saved_only: bool,
    /// Marketing messages that one customer gets from all businesses together, and in which time.
    pub marketing_most: u32,
    /// See `marketing_most`.
    pub marketing_within_millis: i64,
    /// The tiers.
    pub tiers: Tiers,
    /// Which media may be sent.
    pub media: Vec<MediaRule>,
    /// For how long files are kept and fetched.
    #[serde(default)]
    pub files: FileRules,
    /// How often programs may call.
    #[serde(default)]
    pub programs: ProgramRules,
    /// The number on the Cloud API.
    #[serde(default)]
    pub number: NumberRules,
    /// Flows.
    #[serde(default)]
    pub flows: FlowRules,
    /// Catalogues and orders.
    #[serde(default)]
    pub commerce: CommerceRules,
    /// What the business sees of who its customers are.
    #[serde(default)]
    pub identity: IdentityRules,
    /// The picture that the business shows of itself.
    #[serde(default)]
    pub pictures: PictureRules,
    /// The most bytes of a group's picture as it is shown.
    #[serde(default)]
    pub group_picture_bytes: u32,
}

/// Catalogues, their products, and what is ordered from them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommerceRules {
    /// How many catalogues a business may have.
    pub catalogs: u32,
    /// How many products one catalogue may have.
    pub products: u32,
    /// How many pieces of one product an order may have.
    pub quantity: u32,
    /// What cannot be sold (R108): kinds of goods, and the words that mean them. A word that ends in * stands for all that begin with it.
    pub prohibited: BTreeMap<String, Vec<String>>,
}

/// The picture that a business shows of itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PictureRules {
    /// The most bytes of what is uploaded; 0 before the network was heard.
    pub uploaded_bytes: u64,
    /// The smallest side of what is uploaded, in pixels.
    pub least_side: u32,
    /// The longest side of what is shown, in pixels.
    pub shown_side: u32,
    /// The most bytes of what is shown.
    pub bytes: u32,
}

/// What a business sees of who its customers are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityRules {
    /// For how long it sees the number of a customer with a username after a message from or to that number; 0 before the network was heard, which hides
    /// none.
    pub phone_shown_millis: i64,
}

/// For how long files are kept and fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRules {
    /// For how long a program may use what it uploaded.
    pub uploaded_millis: i64,
    /// For how long a program may fetch what a customer sent.
    pub received_millis: i64,
    /// For how long the address of a file holds.
    pub address_millis: i64,
    /// For how long a file that was fetched from a link is used again.
    pub link_kept_millis: i64,
    /// How long fetching a link may take.
    pub link_within_millis: i64,
}

/// How often programs may call, and for how long what they are given holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramRules {
    /// Calls an hour that manage an account, by one app, while the account's number is not proven.
    pub calls_per_hour: u32,
    /// The same once it is.
    pub active_calls_per_hour: u32,
    /// Calls an hour that concern the app itself.
    pub app_calls_per_hour: u32,
    /// For how long a code holds that an owner made for an app.
    pub code_millis: i64,
    /// For how long a token holds that was given for one that would have ended sooner.
    pub token_millis: i64,
}

/// What holds before the network was heard: nothing is counted, and what is given holds for an hour at most.
impl Default for ProgramRules {
    fn default() -> Self {
        Self {
            calls_per_hour: u32::MAX,
            active_calls_per_hour: u32::MAX,
            app_calls_per_hour: u32::MAX,
            code_millis: 600_000,
            token_millis: 3_600_000,
        }
    }
}

/// The number on the Cloud API: how often it is registered, the PIN that guards it, its links.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberRules {
    /// How often it may be registered and deregistered within `within_millis`; 0 before the network was heard.
    pub registrations: u32,
    /// See `registrations`.
    pub within_millis: i64,
    /// How long after its deregistration it cannot be registered.
    pub settles_millis: i64,
    /// How many wrong PINs in a row close it.
    pub pin_guesses: u32,
    /// For how long they close it.
    pub pin_closed_millis: i64,
    /// How long after a wrong PIN the next may be tried.
    pub pin_pause_millis: i64,
    /// How many links with a text it may have.
    pub qr_links: u32,
}

/// Flows: forms of several screens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowRules {
    /// How many a business may have; 0 before the network was heard.
    pub most: u32,
    /// How many customers a draft may be sent to.
    pub draft_customers: u32,
    /// For how long the address of a preview holds.
    pub preview_millis: i64,
    /// How often a throttled one may be sent within an hour.
    pub throttled_per_hour: u32,
    /// How many questions a minute one conversation may put.
    pub questions_per_minute: u32,
    /// Over how long the answers of a flow's server are looked at.
    pub watched_millis: i64,
    /// From how many questions within that time they count.
    pub watched_from: u32,
    /// From how many failures of a hundred programs are warned.
    pub error_rate: u32,
    /// From how many of a hundred a flow is throttled.
    pub throttled_at: u32,
    /// From how many of a hundred it is blocked.
    pub blocked_at: u32,
    /// Programs are warned when one answer of ten takes longer than this.
    pub latency_millis: i64,
    /// Below how many of a hundred questions that were heard programs are warned.
    pub availability: u32,
}

/// The customer-service window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowRules {
    /// For how long a message keeps it open.
    pub length_millis: i64,
    /// Whether the business's message starts it anew.
    pub business_renews: bool,
    /// How long before its end operators are warned.
    pub warn_before_millis: i64,
    /// Whether one late reply passes, at a penalty.
    pub late_replies: bool,
    /// For how long after the end such a reply passes.
    pub late_within_millis: i64,
}

/// How fast it may write.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// Between two messages to the same customer, on average.
    pub pair_interval_millis: i64,
    /// How many to the same customer may go at once, borrowed from the future.
    pub pair_burst: u32,
    /// How many messages a second to all customers, as the business stands now.
    pub per_second: u32,
}

/// The tiers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tiers {
    /// The steps: customers who may be written to outside their windows.
    pub limits: Vec<u32>,
    /// Whether the step above the last has no limit.
    pub unlimited: bool,
    /// For how long a customer counts.
    pub period_millis: i64,
}

/// Anybody asks which files may be sent: a device says so beforehand, in its person's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetMediaRules {}

impl Call for GetMediaRules {
    const NAME: &'static str = "media.rules";
    type Answer = MediaRules;
}

/// Which files may be sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRules {
    /// A row for each sort.
    pub media: Vec<MediaRule>,
}

/// One sort of file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaRule {
    /// `image`, `video`, `audio`, `document`, `sticker` or `moving_sticker`.
    pub kind: String,
    /// The media types.
    pub types: Vec<String>,
    /// The most bytes.
    pub bytes: u64,
}
