//! What a business is told about a move: what happened, by which figures, what to do.
use super::{Cause, Grade, Judgement, Limit, Penalty, Restriction, What};
use crate::Policy;

/// One or two sentences for the business.
pub fn explain(policy: &Policy, what: What, cause: Cause, judged: &Judgement) -> String {
    format!("{} {}", what_happened(what), why(policy, cause, judged)).trim().to_owned()
}

fn what_happened(what: What) -> String {
    match what {
        What::Quality { from, to } => format!("The quality is {} now; it was {}.", to.word(), from.word()),
        What::Tier { from, to } if to == Limit::UNLIMITED => format!("There is no limit on customers written to first any more; it was {from}."),
        What::Tier { from, to } => format!("The limit of customers written to first is {to} now; it was {from}."),
        What::Throughput { high: true } => "The number may carry the higher rate of messages a second now.".into(),
        What::Throughput { high: false } => "The number has the ordinary rate of messages a second again.".into(),
        What::Measure(Penalty::Warning) => "This is a warning: nothing is forbidden yet, the next time something will be.".into(),
        What::Measure(Penalty::Restriction(Restriction::Outreach, _)) => {
            "No customer may be written to first for a time; whoever writes may be answered.".into()
        }
        What::Measure(Penalty::Restriction(Restriction::Messages, _)) => "No customer may be written to for a time.".into(),
        What::Measure(Penalty::Ban(Some(_))) => "The business is banned for a time: it may read and export, not write.".into(),
        What::Measure(Penalty::Ban(None)) => "The business is banned for good: it may read and export, not write.".into(),
        What::RestrictionEnded => "The restriction is over.".into(),
        What::BanEnded => "The ban is over.".into(),
    }
}

fn why(policy: &Policy, cause: Cause, judged: &Judgement) -> String {
    let Judgement { delivered, read, blocked, reported, points, .. } = *judged;
    let within = policy.quality.within;
    match cause {
        Cause::Verified => "The platform has checked the business.".into(),
        Cause::Reached => "Enough customers were reached at good quality.".into(),
        Cause::Feedback if judged.grade == Grade::Green => {
            format!("In {within} {blocked} of {delivered} customers blocked and {reported} reported it.")
        }
        Cause::Feedback | Cause::RedQuality => format!(
            "In {within} {blocked} of {delivered} customers blocked, {reported} reported and {read} read; that is {points} points, and red begins at \
             {}. Write to customers who asked for it, and less often.",
            policy.quality.red_points
        ),
        Cause::SmallSample => {
            format!("In {within} {delivered} customers were reached; to judge by, there have to be {}.", policy.quality.minimum_sample)
        }
        Cause::Bulk => format!(
            "In {within} only {read} of {delivered} customers read what they were sent; with fewer than {} % it is unwanted bulk mail. Write to those \
             who asked for it.",
            policy.bans.bulk_read_percent
        ),
        Cause::Policy => format!("The policy {} says so.", policy.name),
        Cause::TierFell => "The limit of customers is not unlimited any more.".into(),
        Cause::Time => "Its time has passed.".into(),
        Cause::Report => "A customer's report was found right.".into(),
        Cause::Goods => "It is about goods or services that are prohibited here.".into(),
        Cause::Operator => "The platform decided so.".into(),
    }
}
