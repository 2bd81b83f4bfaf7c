//! How a template lives: when it may be created, edited, appealed for and sent again, and what a pause is (R84).
//!
//! The portfolio of the Cloud API's rules is the business account here: each has one number.
use super::problem::{Problem, Subcode};
use crate::{Length, Policy};
use suki_template::{Category, Status};
use suki_types::Timestamp;

/// What a business has when it proposes another template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shelf {
    /// How many templates, each language counted.
    pub count: u64,
    /// Whether the platform has checked the business.
    pub checked: bool,
    /// How many it created within the last hour, and when the first of these.
    pub created: (u64, Timestamp),
    /// Whether there is one of this name and language.
    pub exists: bool,
    /// Until when the name is taken by a deleted one.
    pub name_blocked_until: Option<Timestamp>,
}

/// The hour and the days of the Cloud API's figures.
const HOUR_MILLIS: i64 = 3_600_000;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;
const MONTH_MILLIS: i64 = 30 * DAY_MILLIS;

/// Since when a business's creations count at `now`.
pub fn created_since(now: Timestamp) -> Timestamp {
    now.plus_millis(-HOUR_MILLIS)
}

/// Since when a template's edits and appeals count at `now`.
pub fn changes_since(now: Timestamp) -> Timestamp {
    now.plus_millis(-MONTH_MILLIS)
}

/// How many templates a business may have.
pub fn allowed(policy: &Policy, checked: bool) -> u32 {
    if checked { policy.templates.per_checked_business } else { policy.templates.per_business }
}

/// Whether another template may be created.
///
/// # Errors
/// With the limit that is reached, and when it passes.
pub fn may_create(policy: &Policy, shelf: &Shelf, now: Timestamp) -> Result<(), Problem> {
    if shelf.exists {
        let message = "there is a template of this name in this language; edit that one, or choose another name";
        return Err(Problem::new(Subcode::Exists, "name", message));
    }
    if let Some(until) = shelf.name_blocked_until.filter(|until| now < *until) {
        let wait = Length::from_millis(until.since(now));
        let message = format!("a template of this name was deleted; the name is free again in {wait}, another one is free now");
        return Err(Problem::new(Subcode::NameBlocked, "name", message).until(until));
    }
    let most = allowed(policy, shelf.checked);
    if shelf.count >= u64::from(most) {
        let more = policy.templates.per_checked_business;
        let hint = if shelf.checked { String::new() } else { format!(", or have the business checked: then {more} are allowed") };
        return Err(Problem::new(
            Subcode::Count,
            "name",
            format!("there are {} templates; at most {most} are allowed: delete one{hint}", shelf.count),
        ));
    }
    let most = policy.templates.created_per_hour;
    if shelf.created.0 >= u64::from(most) {
        let message = format!("{} templates were created within an hour; at most {most} are allowed", shelf.created.0);
        return Err(Problem::rate("name", message).until(shelf.created.1.plus_millis(HOUR_MILLIS)));
    }
    Ok(())
}

/// Whether a template may be edited. `edits` are the times at which it was edited while it was approved, oldest first.
///
/// # Errors
/// When its status forbids it, its category is fixed, or it was edited often enough.
pub fn may_edit(policy: &Policy, status: Status, changes_category: bool, edits: &[Timestamp], now: Timestamp) -> Result<(), Problem> {
    if !matches!(status, Status::Approved | Status::Rejected | Status::Paused) {
        let message = format!("it is {status}; a template can be edited when it is APPROVED, REJECTED or PAUSED");
        return Err(Problem::new(Subcode::Locked, "status", message));
    }
    if status != Status::Approved {
        return Ok(());
    }
    if changes_category {
        return Err(Problem::new(Subcode::Locked, "category", "the category of an APPROVED template cannot be changed; create another template"));
    }
    for (most, length, name) in
        [(policy.templates.edits_per_day, DAY_MILLIS, "24 hours"), (policy.templates.edits_per_month, MONTH_MILLIS, "30 days")]
    {
        let within: Vec<Timestamp> = edits.iter().copied().filter(|at| now.since(*at) < length).collect();
        if let Some(oldest) = within.len().checked_sub(most as usize).and_then(|index| within.get(index)) {
            let message = format!("it was edited {} times within {name}; an APPROVED template may be edited {most} times", within.len());
            return Err(Problem::new(Subcode::Locked, "components", message).until(oldest.plus_millis(length)));
        }
    }
    Ok(())
}

/// Whether the business may ask for another look. `appeals` are the times of earlier ones.
///
/// # Errors
/// When there is nothing to appeal against, or it did so often enough.
pub fn may_appeal(policy: &Policy, status: Status, appeals: &[Timestamp], now: Timestamp) -> Result<(), Problem> {
    if !matches!(status, Status::Rejected | Status::Paused | Status::Disabled) {
        let message = format!("it is {status}; an appeal is against a template that is REJECTED, PAUSED or DISABLED");
        return Err(Problem::new(Subcode::Locked, "status", message));
    }
    let most = policy.templates.appeals_per_month as usize;
    let within: Vec<Timestamp> = appeals.iter().copied().filter(|at| now.since(*at) < MONTH_MILLIS).collect();
    if within.len() < most {
        return Ok(());
    }
    let problem = Problem::rate("status", format!("there were {} appeals for it within 30 days; {most} are allowed", within.len()));
    Err(match within.len().checked_sub(most).and_then(|index| within.get(index)) {
        Some(oldest) => problem.until(oldest.plus_millis(MONTH_MILLIS)),
        None => problem,
    })
}

/// Whether a pause may end.
///
/// # Errors
/// When it is not paused, or its time is not over and the policy does not let the business end it.
pub fn may_unpause(policy: &Policy, status: Status, paused_until: Timestamp, now: Timestamp) -> Result<(), Problem> {
    if status != Status::Paused {
        return Err(Problem::new(Subcode::Locked, "status", format!("it is {status}; only a PAUSED template can be sent again by this")));
    }
    if now < paused_until && !policy.templates.unpause_early {
        let wait = Length::from_millis(paused_until.since(now));
        let message = format!("its pause ends by itself in {wait}; edit the template or appeal if the pause is wrong");
        return Err(Problem::new(Subcode::Locked, "status", message).until(paused_until));
    }
    Ok(())
}

/// What follows when customers do not want a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pause {
    /// It rests until then.
    Until(Timestamp),
    /// It has rested often enough and cannot be sent any more.
    Disable,
}

/// The next pause of a template that was paused `before` times.
pub fn pause(policy: &Policy, before: u32, now: Timestamp) -> Pause {
    match policy.templates.pauses.get(before as usize) {
        Some(length) => Pause::Until(now.plus_millis(length.millis())),
        None => Pause::Disable,
    }
}

/// Until when the name of a template that is deleted now cannot be used; `None` when it never was approved.
pub fn name_blocked(policy: &Policy, ever_approved: bool, now: Timestamp) -> Option<Timestamp> {
    ever_approved.then(|| now.plus_millis(policy.templates.name_blocked.millis()))
}

/// For how many milliseconds a message of a template is worth delivering: what the business says, else the policy's for one-time codes; 0 as long
/// as any message.
pub fn life_millis(policy: &Policy, category: Category, seconds: Option<i64>) -> i64 {
    match (seconds, category) {
        (Some(seconds @ 1..), _) => seconds.saturating_mul(1000),
        (None, Category::Authentication) => policy.templates.authentication_life_default.millis(),
        _ => 0,
    }
}
