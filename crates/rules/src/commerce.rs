//! Catalogues, their products, and what is ordered from them (R49; Cloud API, section 3e).
use crate::policy::section::section;

section! {
    /// Catalogues, their products, and what is ordered from them.
    pub struct CommerceFigures in "commerce" {
        /// How many catalogues a business may have.
        pub catalogs: u32 = in (1, 10_000),
        /// How many products one catalogue may have.
        pub products: u32 = in (1, 1_000_000),
        /// How many pieces of one product an order may have.
        pub quantity: u32 = in (1, 1_000_000),
    }
}
