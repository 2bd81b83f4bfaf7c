//! Which usernames there may be: one namespace for persons and businesses (Cloud API, section 3e).
use crate::{Length, Policy, Refusal, policy::section::section};

section! {
    /// Usernames, of persons and of businesses: out of a to z, 0 to 9, dots and underscores, with a letter, and without a dot at an end or beside another.
    pub struct Usernames in "usernames" {
        /// The fewest characters.
        pub shortest: u64 = in (1, 64),
        /// The most characters.
        pub longest: u64 = in (1, 64),
        /// What none begins with, in small letters: what looks like an address of the web.
        pub refused_beginnings: Vec<String> = in (0, 64),
        /// What none ends with, in small letters: what looks like a domain.
        pub refused_endings: Vec<String> = in (0, 512),
        /// Whether a business has one only while its own name has passed and it is not banned.
        pub passed_name: bool,
        /// For how long a business sees the number of a customer with a username after it last saw a message from or to that number.
        pub phone_shown: Length = in ("1h", "36525d"),
    }
    check lengths;
}

fn lengths(usernames: &Usernames) -> Result<(), (&'static str, String)> {
    if usernames.shortest <= usernames.longest {
        return Ok(());
    }
    Err(("longest", "it is not below shortest".into()))
}

/// The Cloud API code of a username that nobody can have, or that somebody has.
pub const UNAVAILABLE: i32 = 147_001;

/// The Cloud API code of a business that may have none.
pub const NOT_ELIGIBLE: i32 = 147_002;

/// Whether a business may take a username: what is known of its name, and whether it is banned.
///
/// # Errors
/// 147002, with what it lacks.
pub fn eligible(policy: &Policy, name_passed: bool, banned: bool) -> Result<(), Refusal> {
    let lacks = match (policy.usernames.passed_name, name_passed, banned) {
        (true, _, true) => "A business that is banned takes no username: wait until the ban ends, or appeal",
        (true, false, false) => "A business takes a username once its own name has passed: wait for the decision, or ask for another name",
        _ => return Ok(()),
    };
    let message = format!("{lacks} (policy {}, usernames).", policy.name);
    Err(Refusal { rule: "username", cloud_api_code: NOT_ELIGIBLE, message, retry_at: None })
}

/// A username in the form in which it is kept: small letters.
///
/// # Errors
/// With what is allowed.
pub fn check(policy: &Policy, text: &str) -> Result<String, Refusal> {
    let rule = &policy.usernames;
    let name = text.to_ascii_lowercase();
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'.' || byte == b'_';
    let wrong = if !name.bytes().all(allowed) {
        "A username has only the letters a to z, digits, dots and underscores".to_owned()
    } else if !(rule.shortest..=rule.longest).contains(&(name.len() as u64)) {
        format!("A username has {} to {} characters", rule.shortest, rule.longest)
    } else if !name.bytes().any(|byte| byte.is_ascii_lowercase()) {
        "A username has at least one letter".to_owned()
    } else if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        "A username neither begins nor ends with a dot, and has no two of them side by side".to_owned()
    } else if let Some(part) = rule.refused_beginnings.iter().find(|part| name.starts_with(part.as_str())) {
        format!("No username begins with {part}")
    } else if let Some(part) = rule.refused_endings.iter().find(|part| name.ends_with(part.as_str())) {
        format!("No username ends with {part}, as addresses of the web do")
    } else {
        return Ok(name);
    };
    Err(refusal(policy, &wrong))
}

/// Somebody else has it.
pub fn taken(policy: &Policy) -> Refusal {
    refusal(policy, "Somebody else has this username")
}

fn refusal(policy: &Policy, wrong: &str) -> Refusal {
    let message = format!("{wrong} (policy {}, usernames). Choose another one.", policy.name);
    Refusal { rule: "username", cloud_api_code: UNAVAILABLE, message, retry_at: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_has_one_once_its_own_name_has_passed() {
        let mut policy = Policy::shipped("meta-2026").expect("it is shipped");
        let code = |policy: &Policy, passed, banned| eligible(policy, passed, banned).map_err(|refused| refused.cloud_api_code);
        assert_eq!(code(&policy, true, false), Ok(()));
        assert_eq!((code(&policy, false, false), code(&policy, true, true)), (Err(NOT_ELIGIBLE), Err(NOT_ELIGIBLE)));
        policy.usernames.passed_name = false;
        assert_eq!(code(&policy, false, true), Ok(()));
    }

    #[test]
    fn which_usernames_there_may_be() {
        for name in crate::SHIPPED_POLICIES.map(|(name, _)| name) {
            let policy = Policy::shipped(name).expect("it is shipped");
            let longest = "a".repeat(35);
            for (text, kept) in [("ana", "ana"), ("Kape.ni_Ana2", "kape.ni_ana2"), ("a_1", "a_1"), (&longest, &longest)] {
                assert_eq!(check(&policy, text).as_deref(), Ok(kept), "{text}");
            }
            let long = "a".repeat(36);
            for text in
                ["an", "", &long, "123", "1.2", "...", ".ana", "ana.", "a..na", "ana!", "añna", "a na", "www.ana", "wwwana", "ana.com", "Ana.PH"]
            {
                let refused = check(&policy, text).expect_err(text);
                assert_eq!((refused.rule, refused.cloud_api_code), ("username", UNAVAILABLE), "{text}");
            }
        }
    }
}
