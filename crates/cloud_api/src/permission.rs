//! What a token is good for: the permissions of the Graph API that concern messaging (section 3a, `debug_token`).
use crate::{ApiError, ObjectId};
use serde_json::{Value, json};

/// One permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// To send and receive messages and media.
    Messaging,
    /// To manage accounts, numbers, templates and flows.
    Management,
    /// To manage the business that owns them.
    BusinessManagement,
    /// To tell of events.
    ManageEvents,
}

impl Permission {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Messaging, Self::Management, Self::BusinessManagement, Self::ManageEvents];

    /// Its name.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Messaging => "whatsapp_business_messaging",
            Self::Management => "whatsapp_business_management",
            Self::BusinessManagement => "business_management",
            Self::ManageEvents => "whatsapp_business_manage_events",
        }
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Several permissions; text with commas between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Permissions(u8);

/// A word is no permission.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("permissions are whatsapp_business_messaging, whatsapp_business_management, business_management and whatsapp_business_manage_events")]
pub struct UnknownPermission;

impl Permissions {
    /// Every one.
    pub const ALL: Self = Self(0b1111);

    /// Whether one is among them.
    pub const fn has(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names, in the order of [`Permission::ALL`].
    pub fn words(self) -> Vec<&'static str> {
        Permission::ALL.into_iter().filter(|one| self.has(*one)).map(Permission::word).collect()
    }

    /// Those with these names.
    ///
    /// # Errors
    /// When a word is none.
    pub fn read<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownPermission> {
        let bit = |word: &str| Permission::ALL.into_iter().find(|one| one.word() == word).map(Permission::bit).ok_or(UnknownPermission);
        words.into_iter().map(str::trim).filter(|word| !word.is_empty()).try_fold(Self::default(), |all, word| Ok(Self(all.0 | bit(word)?)))
    }

    /// Which objects each is good for, as `debug_token` tells it: those of messaging and management for the business account alone.
    pub fn granular(self, account: ObjectId) -> Value {
        let one = |word: &str| if word.starts_with("whatsapp") { json!({"scope": word, "target_ids": [account]}) } else { json!({"scope": word}) };
        self.words().into_iter().map(one).collect()
    }
}

impl std::fmt::Display for Permissions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.words().join(","))
    }
}

impl std::str::FromStr for Permissions {
    type Err = UnknownPermission;
    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        Self::read(text.split(','))
    }
}

impl Permission {
    /// The refusal of a token without it: 10 for messages, 200 for what is managed (section 3d).
    pub fn missing(self) -> ApiError {
        let details = format!("The token lacks the permission {}; make one that has it, for this business", self.word());
        match self {
            Self::Messaging => {
                ApiError::new(crate::Code::PermissionDenied, details).saying("(#10) Application does not have permission for this action")
            }
            _ => {
                ApiError::new(crate::Code::ApiPermission, details).saying(format!("(#200) Requires {} permission to manage the object", self.word()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        assert_eq!(Permissions::ALL.to_string().parse(), Ok(Permissions::ALL));
        assert_eq!(Permissions::read(Permission::ALL.map(Permission::word)), Ok(Permissions::ALL));
        let one: Permissions = " business_management, ".parse().expect("a permission");
        assert_eq!((one.words(), one.has(Permission::Messaging)), (vec!["business_management"], false));
        assert!("".parse::<Permissions>().is_ok_and(Permissions::is_empty));
        assert_eq!("email".parse::<Permissions>(), Err(UnknownPermission));
    }

    #[test]
    fn each_names_what_it_is_good_for() {
        let account = "7".parse().expect("an id");
        let some: Permissions = "whatsapp_business_messaging,business_management".parse().expect("permissions");
        let told = json!([{"scope": "whatsapp_business_messaging", "target_ids": ["7"]}, {"scope": "business_management"}]);
        assert_eq!(some.granular(account), told);
    }

    #[test]
    fn what_is_missing_is_named() {
        let (messaging, management) = (Permission::Messaging.missing(), Permission::Management.missing());
        assert_eq!((messaging.http_status(), messaging.code.number()), (403, 10));
        assert_eq!((management.http_status(), management.code.number()), (403, 200));
        assert!(management.details.contains("whatsapp_business_management"));
    }
}
