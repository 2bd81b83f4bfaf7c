//! Whether a template may be sent now (R85): it exists, is approved, and is what the header says.
use crate::{Refusal, price::Category};
use suki_types::Timestamp;

/// Where a template stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TemplateStatus {
    /// Waits for a decision.
    Pending,
    /// Can be sent.
    Approved,
    /// Cannot be sent.
    Rejected,
    /// Cannot be sent until a time, or until the business takes it up again.
    Paused {
        /// When it can be sent again by itself.
        until: Option<Timestamp>,
    },
    /// Cannot be sent any more.
    Disabled,
    /// A decision about it is being looked at again.
    InAppeal,
    /// Is no more.
    Deleted,
}

impl TemplateStatus {
    /// As the table has it: 1 pending, 2 approved, 3 rejected, 4 paused, 5 disabled, 6 in appeal, 7 deleted; `None` for any other number.
    pub fn from_number(number: i64, paused_until: Option<Timestamp>) -> Option<Self> {
        Some(match number {
            1 => Self::Pending,
            2 => Self::Approved,
            3 => Self::Rejected,
            4 => Self::Paused { until: paused_until },
            5 => Self::Disabled,
            6 => Self::InAppeal,
            7 => Self::Deleted,
            _ => return None,
        })
    }
}

/// A template as it is kept, and what the header says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TemplateFacts {
    /// Where it stands.
    pub status: TemplateStatus,
    /// What it was approved as.
    pub category: Category,
    /// The version of its approved text.
    pub version: u64,
    /// The header's category.
    pub said_category: Category,
    /// The header's version.
    pub said_version: u64,
    /// Whether the header's language is the template's.
    pub same_language: bool,
}

/// The Cloud API code of a template that does not exist in the language, or is not approved.
const NO_SUCH_TEMPLATE: i32 = 132_001;
/// The Cloud API code of a template that is paused.
const PAUSED: i32 = 132_015;
/// The Cloud API code of a template that is disabled.
const DISABLED: i32 = 132_016;
/// The Cloud API code of a message type the sender may not use.
const UNSUPPORTED_TYPE: i32 = 131_051;

/// Its category when it may be sent.
pub(crate) fn check(template: Option<&TemplateFacts>, now: Timestamp) -> Result<Category, Refusal> {
    let Some(template) = template else {
        return Err(refusal(NO_SUCH_TEMPLATE, "The template does not exist: send one that this business has and that is approved.".into()));
    };
    sendable(template.status, now)?;
    let wrong = if template.said_version != template.version {
        format!("The template's approved text has version {}, the message was made for version {}", template.version, template.said_version)
    } else if template.said_category != template.category {
        format!("The template's category is {}, the message says {}", template.category.word(), template.said_category.word())
    } else if !template.same_language {
        "The template is in another language than the message says".to_owned()
    } else {
        return Ok(template.category);
    };
    Err(refusal(NO_SUCH_TEMPLATE, format!("{wrong}: read the template again and send anew.")))
}

fn sendable(status: TemplateStatus, now: Timestamp) -> Result<(), Refusal> {
    let state = match status {
        TemplateStatus::Approved => return Ok(()),
        // It comes back by itself, to the second, whenever the job that notes it runs.
        TemplateStatus::Paused { until: Some(until) } if until <= now => return Ok(()),
        TemplateStatus::Paused { until } => {
            let what = if until.is_some() { "try again when the pause is over" } else { "take it up again first" };
            let message = format!("The template is paused, because customers did not want it: {what}, or send another.");
            return Err(Refusal { retry_at: until, ..refusal(PAUSED, message) });
        }
        TemplateStatus::Disabled => {
            let message = "The template is disabled, because customers did not want it: make another and have it approved.".into();
            return Err(refusal(DISABLED, message));
        }
        TemplateStatus::Pending => "still waits for a decision",
        TemplateStatus::Rejected => "was rejected",
        TemplateStatus::InAppeal => "is in appeal",
        TemplateStatus::Deleted => "was deleted",
    };
    Err(refusal(NO_SUCH_TEMPLATE, format!("The template {state}: only an approved template can be sent.")))
}

fn refusal(cloud_api_code: i32, message: String) -> Refusal {
    Refusal { rule: "template", cloud_api_code, message, retry_at: None }
}

/// A customer never sends a template.
pub(crate) fn sent_by_customer() -> Refusal {
    refusal(UNSUPPORTED_TYPE, "Templates are sent by businesses only. Send the message as free text.".into())
}
