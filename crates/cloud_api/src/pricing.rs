//! Prices on the wire: the value of the webhook field that tells a business it has reached a cheaper slice of its month's volume (sections 3c and 3f).
use serde_json::{Value, json};
use suki_types::Timestamp;

/// A slice of a month's volume that a business has reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeTier<'a> {
    /// When.
    pub at: Timestamp,
    /// The category whose price falls: `utility`, `authentication`.
    pub category: &'a str,
    /// The rate card's row.
    pub region: &'a str,
    /// The slice, such as `25000:50000`; the highest ends in `MAX`.
    pub range: &'a str,
    /// The month it holds for, such as `2026-11`.
    pub month: &'a str,
}

/// The value of `account_update`: `VOLUME_BASED_PRICING_TIER_UPDATE`.
pub fn tier_update(tier: &VolumeTier<'_>) -> Value {
    json!({
        "event": "VOLUME_BASED_PRICING_TIER_UPDATE",
        "volume_tier_info": {
            "tier_update_time": tier.at.seconds(),
            "pricing_category": tier.category.to_ascii_uppercase(),
            "tier": tier.range,
            "effective_month": tier.month,
            "region": tier.region,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_is_told_as_the_cloud_api_tells_it() {
        let at = Timestamp::from_millis(1_767_225_600_999);
        let value = tier_update(&VolumeTier { at, category: "utility", region: "India", range: "25000:50000", month: "2026-01" });
        let expected = r#"{"event":"VOLUME_BASED_PRICING_TIER_UPDATE","volume_tier_info":{"effective_month":"2026-01","pricing_category":"UTILITY","region":"India","tier":"25000:50000","tier_update_time":1767225600}}"#;
        assert_eq!(value.to_string(), expected);
    }
}
