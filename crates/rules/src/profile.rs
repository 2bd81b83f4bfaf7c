//! What a business may say of itself (Cloud API, section 3e), and how its picture is shown (R30).
use crate::{Policy, Refusal, policy::section::section};

section! {
    /// What a business says of itself, and its picture. Lengths are in characters.
    pub struct ProfileFigures in "profile" {
        /// Its address.
        pub address: u64 = in (1, 4096),
        /// Its description.
        pub description: u64 = in (1, 4096),
        /// Its e-mail address.
        pub email: u64 = in (1, 1024),
        /// How many pages of its own it names.
        pub websites: u64 = in (0, 16),
        /// The address of each.
        pub website: u64 = in (1, 2048),
        /// How many beginnings of a conversation it offers.
        pub prompts: u64 = in (0, 16),
        /// Each of them.
        pub prompt: u64 = in (1, 1024),
        /// How many commands it offers.
        pub commands: u64 = in (0, 100),
        /// A command's name.
        pub command: u64 = in (1, 128),
        /// What a command does.
        pub command_description: u64 = in (1, 1024),
        /// The smallest side of its picture as it is uploaded, in pixels.
        pub picture_side: u32 = in (16, 4096),
        /// The longest side of its picture as customers are shown it, in pixels.
        pub picture_shown: u32 = in (16, 4096),
        /// The most bytes of its picture as customers are shown it.
        pub picture_bytes: u32 = in (1024, 98_304),
    }
}

/// The Cloud API code of a parameter that is out of range.
const OUT_OF_RANGE: i32 = 100;

/// A text, or a number of things, that a business says of itself: what it is, how many there are, and the most that is allowed.
pub type Measure<'a> = (&'a str, usize, u64);

/// Whether each is within what is allowed.
///
/// # Errors
/// With the first that is not.
pub fn check(policy: &Policy, measures: &[Measure<'_>]) -> Result<(), Refusal> {
    match measures.iter().find(|(_, is, most)| *is as u64 > *most) {
        None => Ok(()),
        Some((what, is, most)) => Err(refusal(policy, &format!("{what} has {is}; at most {most} are allowed"))),
    }
}

/// Whether a picture of so many bytes may be shown to customers.
///
/// # Errors
/// With what is allowed.
pub fn check_picture(policy: &Policy, bytes: usize) -> Result<(), Refusal> {
    check(policy, &[("the picture, in bytes,", bytes, policy.profile.picture_bytes.into())])
}

fn refusal(policy: &Policy, wrong: &str) -> Refusal {
    Refusal { rule: "profile", cloud_api_code: OUT_OF_RANGE, message: format!("{wrong} (policy {}, profile).", policy.name), retry_at: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_named() {
        for name in crate::SHIPPED_POLICIES.map(|(name, _)| name) {
            let policy = Policy::shipped(name).expect("it is shipped");
            let most = policy.profile.address;
            assert_eq!(check(&policy, &[("address", most as usize, most)]), Ok(()));
            let refused = check(&policy, &[("email", 0, 1), ("address", most as usize + 1, most)]).expect_err("it is too long");
            assert!(refused.message.starts_with("address has") && refused.cloud_api_code == 100, "{}", refused.message);
            assert!(check_picture(&policy, policy.profile.picture_bytes as usize + 1).is_err());
        }
    }
}
