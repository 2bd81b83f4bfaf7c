//! What the policy says of levels, verification and being found.
use super::section::{choice, section};
use crate::Length;

choice! {
    /// Which names a person looks at before customers see them.
    pub enum NameReview {
        /// None: what passes the rules is used at once.
        Never = "never",
        /// Changes of a name that is in use (R28).
        Changes = "changes",
        /// The first one too; until then customers see the number.
        Always = "always",
    }
}

choice! {
    /// What stands beside a name (R45).
    pub enum Label {
        /// "Shop".
        Shop = "shop",
        /// "Verified account".
        Verified = "verified",
        /// "Official account".
        Official = "official",
    }
}

choice! {
    /// What a business is before the law.
    pub enum Entity {
        /// A company with a registration of its own.
        Company = "company",
        /// A person who trades under his own name, registered.
        SoleTrader = "sole_trader",
        /// A charity, a church, a union.
        Nonprofit = "nonprofit",
        /// An office of a state or a town.
        PublicBody = "public_body",
    }
}

section! {
    /// Levels, marks and labels, and how a business comes to them (R39 to R48, R109, R110).
    pub struct Trust in "trust" {
        /// What the platform's own account is called (R46).
        pub platform_name: String = in (1, 75),
        /// Whether customers see the name of a plain account; if not they see its number (R39).
        pub plain_shows_name: bool,
        /// Labels of a plain account.
        pub plain_labels: Vec<Label> = in (0, 3),
        /// Labels of a checked one.
        pub checked_labels: Vec<Label> = in (0, 3),
        /// Labels of a confirmed one.
        pub confirmed_labels: Vec<Label> = in (0, 3),
        /// Which names a person looks at.
        pub name_review: NameReview,
        /// How often a name may be changed within `name_changes_within`.
        pub name_changes: u32 = in (1, 100),
        /// See `name_changes`.
        pub name_changes_within: Length = in ("1h", "3650d"),
        /// Who may be confirmed (R109).
        pub entities: Vec<Entity> = in (1, 4),
        /// How many documents a request for confirmation has at least.
        pub documents: u32 = in (0, 5),
        /// Whether a business is confirmed only after its number was approved (R109).
        pub number_first: bool,
        /// How long a decision takes, as the business is told.
        pub decision_within: Length = in ("1m", "60d"),
        /// After a refusal the same may be asked again after so long.
        pub again_after: Length = in ("1m", "365d"),
        /// For how long a refusal may be appealed.
        pub appeal_within: Length = in ("1m", "365d"),
        /// For how long documents are kept after the decision.
        pub documents_kept: Length = in ("1d", "3650d"),
        /// The fewest letters somebody searches businesses by (R22).
        pub search_shortest: u32 = in (1, 20),
        /// How often one person may search in a minute.
        pub searches_a_minute: u32 = in (1, 1000),
    }
}
