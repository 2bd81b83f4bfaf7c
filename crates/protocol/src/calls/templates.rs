//! Templates and their packs: calls `template.*` and `pack.*`, and what a business is told of its templates.
use super::{Call, Told};
use crate::http::Base64;
use serde::{Deserialize, Serialize};
use suki_template::{Category, Component, Draft, ParameterFormat, Quality, Reason, Status, TextLimits};
use suki_types::{AccountId, Timestamp};

/// Proposes a template. The answer says at once what became of it, unless a person has to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The template.
    pub draft: Draft,
    /// Whether it greets customers who write for the first time (R88).
    #[serde(default)]
    pub greeting: bool,
}

impl Call for Create {
    const NAME: &'static str = "template.create";
    type Answer = Stored;
}

/// Changes a template; what is not given stays. It is looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Which.
    pub id: u64,
    /// All its parts anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<Component>>,
    /// Its category; that of an approved template cannot be changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Category>,
    /// For how many seconds a message of it is worth delivering; −1 for as long as any message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_send_ttl_seconds: Option<i64>,
}

impl Call for Edit {
    const NAME: &'static str = "template.edit";
    type Answer = Stored;
}

/// What became of a template that was created, edited or appealed for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stored {
    /// The template as it is now.
    pub template: Template,
    /// How long its texts may be once they are filled in.
    pub limits: TextLimits,
}

/// Deletes a template: all languages of a name, or the one with this id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// Its name.
    pub name: String,
    /// Only this language of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
}

impl Call for Delete {
    const NAME: &'static str = "template.delete";
    type Answer = Deleted;
}

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// The templates that are no more.
    pub ids: Vec<u64>,
}

/// One template of the caller's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// Which.
    pub id: u64,
}

impl Call for Get {
    const NAME: &'static str = "template.get";
    type Answer = Stored;
}

/// The caller's templates, in the order of their ids. Filters that are not given let everything through.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct List {
    /// The `next` of the page before; 0 for the first page.
    #[serde(default)]
    pub after: u64,
    /// At most so many: 1 to 100. A page may have fewer although another follows.
    pub limit: u32,
    /// Exactly this name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// This text in the name or in a part, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// This language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// One of these states.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<Status>,
    /// One of these categories.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub category: Vec<Category>,
    /// One of these qualities.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quality: Vec<Quality>,
}

impl Call for List {
    const NAME: &'static str = "template.list";
    type Answer = Page;
}

/// A page of templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// The templates.
    pub templates: Vec<Template>,
    /// What the next page is asked with; 0 on the last one.
    pub next: u64,
    /// How many templates the business has, whatever the filters.
    pub total: u64,
    /// How many it may have.
    pub allowed: u64,
    /// How long their texts may be once they are filled in.
    pub limits: TextLimits,
}

/// Asks for another look at a rejection or at a ban of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Appeal {
    /// Which.
    pub id: u64,
    /// Why it is right: 1 to 1,000 characters.
    pub text: String,
}

impl Call for Appeal {
    const NAME: &'static str = "template.appeal";
    type Answer = Stored;
}

/// Asks that a paused template may be sent again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unpause {
    /// Which.
    pub id: u64,
}

impl Call for Unpause {
    const NAME: &'static str = "template.unpause";
    type Answer = Stored;
}

/// A template in one language, as its business sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// At most 2^53.
    pub id: u64,
    /// What programs call it.
    pub name: String,
    /// Such as `en_US`.
    pub language: String,
    /// What it counts as.
    pub category: Category,
    /// What it counted as before the platform corrected it.
    pub previous_category: Option<Category>,
    /// What it will count as: the platform has announced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correct_category: Option<Category>,
    /// Where it stands.
    pub status: Status,
    /// Of the approved text, from 1; 0 when none was ever approved.
    pub version: u64,
    /// Its parts, with the platform's own texts of one-time codes filled in. While an edit waits for its decision, the edited ones.
    pub components: Vec<Component>,
    /// How its variables are called.
    pub parameter_format: ParameterFormat,
    /// For how many seconds a message of it is worth delivering, when the business or the policy says so.
    pub message_send_ttl_seconds: Option<i64>,
    /// What customers make of it.
    pub quality: Quality,
    /// Since when; 0 when it was never rated.
    pub quality_at: Timestamp,
    /// Why it was rejected, as a word.
    pub rejected_reason: Reason,
    /// Why it was rejected, paused or disabled, in a sentence, and what to do; "" otherwise.
    pub explanation: String,
    /// Until when it is paused; 0 when it is not.
    pub paused_until: Timestamp,
    /// Whether it greets customers who write for the first time.
    pub greeting: bool,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// To a business: one of its templates has another status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChanged {
    /// The template as it is now; status DELETED when it is no more.
    pub template: Template,
    /// What it was before.
    pub previous: Status,
    /// Why, as a word; NONE when there is nothing to say.
    pub reason: Reason,
    /// Which pause in its life this is, from 1; 0 when it is none.
    pub pause: u32,
    /// When.
    pub at: Timestamp,
}

impl Told for StatusChanged {
    const KIND: &'static str = "template.status";
}

/// To a business: customers make something else of one of its templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QualityChanged {
    /// Which.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What it was before.
    pub previous: Quality,
    /// What it is now.
    pub quality: Quality,
    /// When.
    pub at: Timestamp,
}

impl Told for QualityChanged {
    const KIND: &'static str = "template.quality";
}

/// To a business: the platform has corrected the category of one of its templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryChanged {
    /// Which.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What it was before.
    pub previous: Category,
    /// What it is now.
    pub category: Category,
    /// When.
    pub at: Timestamp,
}

impl Told for CategoryChanged {
    const KIND: &'static str = "template.category";
}

/// To a business: one of its templates will count as another category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryAnnounced {
    /// Which.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its language.
    pub language: String,
    /// What it is until then.
    pub category: Category,
    /// What it is from then on.
    pub correct_category: Category,
    /// From when on.
    pub changes_at: Timestamp,
    /// When this was said.
    pub at: Timestamp,
}

impl Told for CategoryAnnounced {
    const KIND: &'static str = "template.category_announced";
}

/// To a business: one of its templates has another approved text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentsChanged {
    /// The template as it is now.
    pub template: Template,
    /// When.
    pub at: Timestamp,
}

impl Told for ComponentsChanged {
    const KIND: &'static str = "template.components";
}

/// The names of a business's packs and how new they are, by name. For the business itself and for those who have a conversation with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListPacks {
    /// Whose.
    pub business: AccountId,
    /// The `next` of the page before; "" for the first page.
    #[serde(default)]
    pub after: String,
}

impl Call for ListPacks {
    const NAME: &'static str = "pack.list";
    type Answer = Packs;
}

/// A page of packs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packs {
    /// The packs.
    pub packs: Vec<PackSerial>,
    /// What the next page is asked with; "" on the last one.
    pub next: String,
}

/// How new a pack is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackSerial {
    /// The templates' name.
    pub name: String,
    /// Grows with every change.
    pub serial: u64,
}

/// The approved texts of a name in all languages, signed (R79 to R81). For the business itself and for those who have a conversation with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetPack {
    /// Whose.
    pub business: AccountId,
    /// The templates' name.
    pub name: String,
    /// Only these languages, at most 20; all when none is given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<String>,
}

impl Call for GetPack {
    const NAME: &'static str = "pack.get";
    type Answer = SignedPack;
}

/// A pack, vouched for by the network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedPack {
    /// The JSON of a [`crate::template::Pack`]: exactly the bytes that are signed.
    pub body: Base64,
    /// Ed25519 by the network's key over `suki/pack/1` and the body.
    pub signature: Base64,
}
