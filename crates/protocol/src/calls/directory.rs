//! Finding businesses by name or number (R22).
use super::Call;
use crate::http::Trust;
use serde::{Deserialize, Serialize};
use suki_types::AccountId;

/// A person looks for a business.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchBusinesses {
    /// The beginning of any word of its name, whatever its case and accents; or its whole number.
    pub text: String,
    /// 1 to 50.
    pub limit: u32,
}

impl Call for SearchBusinesses {
    const NAME: &'static str = "business.search";
    type Answer = FoundBusinesses;
}

/// What was found, the best checked first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundBusinesses {
    /// The businesses.
    pub data: Vec<FoundBusiness>,
}

/// A business that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundBusiness {
    /// Its account.
    pub business: AccountId,
    /// What stands where the name does.
    pub title: String,
    /// What it says of itself.
    pub about: String,
    /// How far it was checked.
    pub level: Trust,
    /// Labels beside it.
    pub labels: Vec<String>,
    /// The name in its link.
    pub slug: String,
}
