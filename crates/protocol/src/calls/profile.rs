//! What a business says of itself to its customers, and what stands in a chat before anybody wrote (Cloud API, section 3a: `whatsapp_business_profile`,
//! `conversational_automation`). It is public: the network keeps it, and devices ask for it when they show the business.
use super::{Call, Done};
use crate::http::Base64;
use serde::{Deserialize, Serialize};
use suki_types::AccountId;

/// What a business says of itself. "" and an empty list are nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// One line.
    pub about: String,
    /// Where it is.
    pub address: String,
    /// Some sentences.
    pub description: String,
    /// How else to reach it.
    pub email: String,
    /// Its pages.
    pub websites: Vec<String>,
    /// What sort of business it is, in the Cloud API's words, such as `RESTAURANT`.
    pub vertical: String,
    /// Whether its programs greet who opens the chat for the first time.
    pub greets: bool,
    /// What a customer may begin with, by one press.
    pub prompts: Vec<String>,
    /// What a customer finds when he types a slash.
    pub commands: Vec<Command>,
    /// Whether it is not found by the words of its name. By its number and its link it always is.
    pub hidden: bool,
}

/// A word that customers find when they type a slash.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The word, without its slash.
    pub name: String,
    /// What it does.
    pub description: String,
}

/// A business says what its customers see of it, in the place of what it said before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetProfile {
    /// All of it.
    pub profile: Profile,
}

impl Call for SetProfile {
    const NAME: &'static str = "profile.set";
    type Answer = Done;
}

/// A business shows a picture of itself: a JPEG, empty for none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetPicture {
    /// Its bytes.
    pub jpeg: Base64,
}

impl Call for SetPicture {
    const NAME: &'static str = "profile.set_picture";
    type Answer = Done;
}

/// Anybody asks what a business says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetProfile {
    /// Which.
    pub business: AccountId,
}

impl Call for GetProfile {
    const NAME: &'static str = "profile.get";
    type Answer = ShownProfile;
}

/// A business's profile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownProfile {
    /// What it says.
    pub profile: Profile,
    /// The name of its picture, which stands at [`picture_path`]; "" for none.
    pub picture: String,
    /// Its username, if it has one.
    pub username: Option<String>,
}

/// Where a picture stands, on the server that people know: the same address always shows the same picture.
pub fn picture_path(business: AccountId, name: &str) -> String {
    format!("/v1/pictures/{business}/{name}")
}
