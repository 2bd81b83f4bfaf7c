//! Flows: forms of several screens that a business sends (sections 3a and 3b).
//!
//! | module | subject |
//! |---|---|
//! | [`check`] | whether a file is a flow, and what is wrong with it |
//! | [`request`] | what programs ask: create, change, publish, migrate |
//! | [`node`] | what a flow says of itself |
//! | [`channel`] | what is said to the business's own server, and what it answers |
//! | [`webhook`] | what programs are told |
pub mod channel;
pub mod check;
pub mod node;
pub mod request;
pub mod webhook;

macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$variant_doc:meta])* $name:ident $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $type { $($(#[$variant_doc])* $name,)* }

        impl $type {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// As the Cloud API writes it.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$name => $word,)* }
            }

            /// The one of this word, in capitals or not.
            pub fn of(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.word().eq_ignore_ascii_case(word))
            }
        }
    };
}

words! {
    /// Where a flow stands in its life.
    Status {
        /// It is written; testers alone get it.
        Draft "DRAFT",
        /// It is what it is for good, and goes to customers.
        Published "PUBLISHED",
        /// Nobody gets it any more.
        Deprecated "DEPRECATED",
        /// Its server fails so often that nobody gets it until it is well again.
        Blocked "BLOCKED",
        /// Its server fails often, so that it goes to few an hour until it is well again.
        Throttled "THROTTLED",
    }
}

impl Status {
    /// Whether it was published and not taken back.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Published | Self::Blocked | Self::Throttled)
    }
}

words! {
    /// What a flow is for.
    Category {
        /// To become a customer.
        SignUp "SIGN_UP",
        /// To come back as one.
        SignIn "SIGN_IN",
        /// A day and an hour.
        AppointmentBooking "APPOINTMENT_BOOKING",
        /// Who may become a customer.
        LeadGeneration "LEAD_GENERATION",
        /// To be written to.
        ContactUs "CONTACT_US",
        /// To be helped.
        CustomerSupport "CUSTOMER_SUPPORT",
        /// What people think.
        Survey "SURVEY",
        /// Anything else.
        Other "OTHER",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for status in Status::ALL {
            assert_eq!(Status::of(&status.word().to_lowercase()), Some(*status));
        }
        assert_eq!((Category::of("Survey"), Category::of("PARTY")), (Some(Category::Survey), None));
        assert!(Status::Throttled.is_live() && !Status::Draft.is_live());
    }
}
