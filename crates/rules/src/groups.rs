//! Groups: a business with several customers, who come by its invitation and by nothing else (Cloud API, section 3a, "Groups").
use crate::{Length, Policy, Refusal, Sort, policy::section::section, price::Category};

section! {
    /// Groups: a business with several customers, who come by its invitation and by nothing else (Cloud API, section 3a).
    pub struct Groups in "groups" {
        /// Whether businesses may make groups.
        pub allowed: bool,
        /// How many customers a group may have.
        pub participants: u32 = in (1, 32),
        /// How many groups one number may have.
        pub per_number: u32 = in (1, 1_000_000),
        /// How many of them it may make within a period.
        pub created: u32 = in (1, 1_000_000),
        /// That period.
        pub created_within: Length = in ("1m", "30d"),
        /// The most characters of a group's subject.
        pub subject: u32 = in (1, 512),
        /// The most characters of its description.
        pub description: u32 = in (0, 4096),
        /// How many requests to be let in may wait in one group.
        pub requests: u32 = in (1, 10_000),
        /// The smallest side of its picture, in pixels.
        pub picture_side: u32 = in (16, 1024),
        /// The most bytes of its picture.
        pub picture_bytes: u32 = in (1024, 98_304),
        /// What a business may send into a group: answers inside the window, and templates of these categories at any time.
        pub sorts: Vec<Sort> = in (1, 4),
    }
}

/// The Cloud API code of a parameter that is out of range.
const INVALID: i32 = 100;
/// The Cloud API code of a parameter's value that is not taken.
const VALUE: i32 = 131_009;
/// The Cloud API code of a group without participants.
const ALONE: i32 = 131_020;
/// The Cloud API code of a group that is full.
const FULL: i32 = 131_204;
/// The Cloud API code of groups that are made too fast.
const TOO_FAST: i32 = 131_208;
/// The Cloud API code of a number with too many groups.
const TOO_MANY: i32 = 131_211;
/// The Cloud API code of a server where no groups are made.
const NOT_ALLOWED: i32 = 131_214;

fn refusal(cloud_api_code: i32, message: String) -> Refusal {
    Refusal { rule: "groups", cloud_api_code, message, retry_at: None }
}

/// Whether a number with so many groups, of which so many are of the policy's period, may have one more.
///
/// # Errors
/// With the figure that is reached.
pub fn check_one_more(policy: &Policy, groups: u64, of_period: u64) -> Result<(), Refusal> {
    let Groups { allowed, per_number, created, created_within, .. } = policy.groups;
    if !allowed {
        return Err(refusal(
            NOT_ALLOWED,
            format!("No groups are made here (policy {}, groups.allowed). Write to customers one by one.", policy.name),
        ));
    }
    if groups >= u64::from(per_number) {
        let text = format!(
            "This number has {groups} groups; at most {per_number} are allowed (policy {}, groups.per_number). Delete one first.",
            policy.name
        );
        return Err(refusal(TOO_MANY, text));
    }
    if of_period >= u64::from(created) {
        let text = format!(
            "This number has made {of_period} groups within {created_within}; at most {created} are allowed (policy {}, groups.created). Try again later.",
            policy.name
        );
        return Err(refusal(TOO_FAST, text));
    }
    Ok(())
}

/// A group's subject as it is kept: without the spaces around it.
///
/// # Errors
/// When it is empty or too long.
pub fn subject(policy: &Policy, subject: &str) -> Result<String, Refusal> {
    text(policy, "subject", subject, 1, policy.groups.subject)
}

/// A group's description as it is kept: without the spaces around it.
///
/// # Errors
/// When it is too long.
pub fn description(policy: &Policy, description: &str) -> Result<String, Refusal> {
    text(policy, "description", description, 0, policy.groups.description)
}

fn text(policy: &Policy, what: &str, text: &str, least: usize, most: u32) -> Result<String, Refusal> {
    let text = text.trim();
    let count = text.chars().count();
    if count < least || count > most as usize || text.chars().any(|c| c.is_control() && c != '\n') {
        let text = format!(
            "The {what} of a group has {least} to {most} characters, none of them for control, and this one has {count} (policy {}, groups.{what}).",
            policy.name
        );
        return Err(refusal(INVALID, text));
    }
    Ok(text.to_owned())
}

/// Whether a picture of so many bytes may be a group's.
///
/// # Errors
/// With the figure that is allowed.
pub fn check_picture(policy: &Policy, bytes: usize) -> Result<(), Refusal> {
    let most = policy.groups.picture_bytes;
    if bytes <= most as usize {
        return Ok(());
    }
    let text = format!("The picture has {bytes} bytes; at most {most} are allowed (policy {}, groups.picture_bytes).", policy.name);
    Err(refusal(INVALID, text))
}

/// Whether a group with so many customers may have one more.
///
/// # Errors
/// With the figure that is reached.
pub fn check_participants(policy: &Policy, participants: usize) -> Result<(), Refusal> {
    let most = policy.groups.participants;
    if participants < most as usize {
        return Ok(());
    }
    let text = format!(
        "The group has {participants} participants; at most {most} are allowed (policy {}, groups.participants). Wait until somebody leaves.",
        policy.name
    );
    Err(refusal(FULL, text))
}

/// Whether one more may ask to be let in, when so many wait.
///
/// # Errors
/// With the figure that is reached.
pub fn check_requests(policy: &Policy, waiting: u64) -> Result<(), Refusal> {
    let most = policy.groups.requests;
    if waiting < u64::from(most) {
        return Ok(());
    }
    let text = format!("{waiting} customers wait to be let in; at most {most} may (policy {}, groups.requests). Try again later.", policy.name);
    Err(refusal(FULL, text))
}

/// Whether a business may send something of this category into a group with so many customers.
///
/// # Errors
/// When nobody is in it, or such messages do not go to groups.
pub fn check_message(policy: &Policy, participants: usize, category: Category) -> Result<(), Refusal> {
    if participants == 0 {
        return Err(refusal(ALONE, "Nobody but the business is in this group yet: send its invitation link to those who shall come in.".into()));
    }
    if policy.groups.sorts.contains(&Sort::of(category)) {
        return Ok(());
    }
    let words: Vec<_> = policy.groups.sorts.iter().map(|sort| sort.word()).collect();
    let text = format!(
        "{} messages do not go to groups: {} do (policy {}, groups.sorts). Write to the customer alone.",
        category.word(),
        words.join(", "),
        policy.name
    );
    Err(refusal(VALUE, text))
}
