//! How people decide about businesses.
use super::section::section;
use crate::Length;

section! {
    /// How people decide about businesses in the console. The reasons are codes that programs are told; an operator chooses one and adds a text of his
    /// own (R44).
    pub struct Review in "review" {
        /// For how long a case that an operator has opened is kept for him; after that another may take it.
        pub claim: Length = in ("1m", "24h"),
        /// Reasons about names, as the Cloud API's `phone_number_name_update` names them.
        pub name_reasons: Vec<String> = in (1, 50),
        /// Reasons about verifications.
        pub verification_reasons: Vec<String> = in (1, 50),
        /// Reasons about numbers.
        pub number_reasons: Vec<String> = in (1, 50),
        /// Reasons about templates, as the Cloud API's `message_template_status_update` names them.
        pub template_reasons: Vec<String> = in (1, 50),
        /// Reasons about reported messages.
        pub report_reasons: Vec<String> = in (1, 50),
        /// Reasons about appeals.
        pub appeal_reasons: Vec<String> = in (1, 50),
    }
}
