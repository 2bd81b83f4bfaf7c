//! Groups: a business with several customers (Cloud API, section 3a, "Groups"). Nobody is put into one: a customer comes by the invitation's link, at once
//! or after the business lets him in, and leaves when he likes.
//!
//! What changes is told to the business's endpoint in its log, in order, as [`GroupChanged`]; the calls only ask for it. `tag` is the caller's own name
//! for what he asks, at most 64 characters: it comes back in what is told.
use super::{Call, Done, Told};
use crate::http::Base64;
use serde::{Deserialize, Serialize};
use suki_types::{AccountId, ConversationId, DeviceId, JoinRequestId, Timestamp};

/// The most characters of a tag.
pub const TAG_CHARS: usize = 64;
/// How many requests or participants one call names at most.
pub const PER_CALL: usize = 100;
/// How many entries a page has at most.
pub const PER_PAGE: u32 = 1024;

/// What happens to a customer who follows the link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Approval {
    /// He is in at once.
    #[default]
    AutoApprove,
    /// He is in once the business lets him in.
    ApprovalRequired,
}

/// A group as its business sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Which.
    pub group: ConversationId,
    /// Its name.
    pub subject: String,
    /// What it is for, "" for nothing.
    pub description: String,
    /// Who is let in.
    pub approval: Approval,
    /// When it was made.
    pub created_at: Timestamp,
    /// What its invitation's link ends with; "" when there is none now.
    pub link: String,
    /// Whether the business may not write now.
    pub suspended: bool,
    /// Who is in it.
    pub participants: Vec<Participant>,
    /// The smallest side that its picture may have, in pixels.
    pub picture_side: u32,
}

/// A customer of a group, as its business sees him.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// Who.
    pub account: AccountId,
    /// The digits of the number he is known by, "" without.
    pub phone: String,
    /// His devices: the endpoint puts them into the group.
    pub devices: Vec<DeviceId>,
}

/// A business makes a group. Making the same one again gives it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateGroup {
    /// Its id, made by the endpoint.
    pub group: ConversationId,
    /// Its name.
    pub subject: String,
    /// What it is for.
    #[serde(default)]
    pub description: String,
    /// Who is let in.
    #[serde(default)]
    pub approval: Approval,
    /// The caller's name for this.
    #[serde(default)]
    pub tag: String,
}
impl Call for CreateGroup {
    const NAME: &'static str = "group.create";
    type Answer = Group;
}

/// A business changes what a group is called; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateGroup {
    /// Which.
    pub group: ConversationId,
    /// Its name.
    #[serde(default)]
    pub subject: Option<String>,
    /// What it is for.
    #[serde(default)]
    pub description: Option<String>,
    /// A JPEG; empty to take it away.
    #[serde(default)]
    pub picture: Option<Base64>,
    /// The caller's name for this.
    #[serde(default)]
    pub tag: String,
}
impl Call for UpdateGroup {
    const NAME: &'static str = "group.update";
    type Answer = Done;
}

/// A business ends a group for everybody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeleteGroup {
    /// Which.
    pub group: ConversationId,
    /// The caller's name for this.
    #[serde(default)]
    pub tag: String,
}
impl Call for DeleteGroup {
    const NAME: &'static str = "group.delete";
    type Answer = Done;
}

/// A business looks at a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GetGroup {
    /// Which.
    pub group: ConversationId,
}
impl Call for GetGroup {
    const NAME: &'static str = "group.get";
    type Answer = Group;
}

/// A business lists its groups, in the order in which they were made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListGroups {
    /// Those after this one.
    #[serde(default)]
    pub after: Option<ConversationId>,
    /// Those before this one.
    #[serde(default)]
    pub before: Option<ConversationId>,
    /// 1 to 1,024.
    pub limit: u32,
}
impl Call for ListGroups {
    const NAME: &'static str = "group.list";
    type Answer = GroupPage;
}

/// A page of groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupPage {
    /// The groups.
    pub groups: Vec<ListedGroup>,
    /// Whether there are earlier ones.
    pub earlier: bool,
    /// Whether there are later ones.
    pub later: bool,
}

/// A group in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedGroup {
    /// Which.
    pub group: ConversationId,
    /// Its name.
    pub subject: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What becomes of a group's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkChange {
    /// It stays; one is made when there is none.
    Keep,
    /// It holds no longer, another does.
    Reset,
    /// It holds no longer, and none does.
    Remove,
}

/// A business asks for a group's invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupLink {
    /// Which.
    pub group: ConversationId,
    /// What becomes of the link.
    pub change: LinkChange,
}
impl Call for GroupLink {
    const NAME: &'static str = "group.link";
    type Answer = Link;
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What the link ends with; "" when there is none.
    pub link: String,
}

/// A business lists who asks to be let in, those who asked first first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListJoinRequests {
    /// Which group's.
    pub group: ConversationId,
    /// Those after this one.
    #[serde(default)]
    pub after: Option<JoinRequestId>,
    /// Those before this one.
    #[serde(default)]
    pub before: Option<JoinRequestId>,
    /// 1 to 1,024.
    pub limit: u32,
}
impl Call for ListJoinRequests {
    const NAME: &'static str = "group.requests";
    type Answer = JoinRequestPage;
}

/// A page of requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequestPage {
    /// The requests.
    pub requests: Vec<JoinRequest>,
    /// Whether there are earlier ones.
    pub earlier: bool,
    /// Whether there are later ones.
    pub later: bool,
}

/// A customer asks to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// Which.
    pub request: JoinRequestId,
    /// Who.
    pub account: AccountId,
    /// The digits of the number he is known by, "" without.
    pub phone: String,
    /// Since when.
    pub at: Timestamp,
}

/// A business lets customers in, or does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerJoinRequests {
    /// Which group's.
    pub group: ConversationId,
    /// Which.
    pub requests: Vec<JoinRequestId>,
    /// Whether they come in.
    pub approve: bool,
    /// The caller's name for this.
    #[serde(default)]
    pub tag: String,
}
impl Call for AnswerJoinRequests {
    const NAME: &'static str = "group.answer";
    type Answer = Answered<JoinRequestId>;
}

/// A business takes customers out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoveParticipants {
    /// Which group's.
    pub group: ConversationId,
    /// Whom.
    pub accounts: Vec<AccountId>,
    /// The caller's name for this.
    #[serde(default)]
    pub tag: String,
}
impl Call for RemoveParticipants {
    const NAME: &'static str = "group.remove";
    type Answer = Answered<AccountId>;
}

/// What was done of a list, and what was not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered<T> {
    /// Done.
    pub done: Vec<T>,
    /// Not done, and why.
    pub failed: Vec<NotDone<T>>,
}

/// What was not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotDone<T> {
    /// Of what.
    pub of: T,
    /// The Cloud API's code.
    pub code: i32,
    /// Why, and what to do.
    pub message: String,
}

/// A person looks at an invitation before he follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewGroup {
    /// What the link ends with.
    pub link: String,
}
impl Call for PreviewGroup {
    const NAME: &'static str = "group.preview";
    type Answer = Preview;
}

/// How a person stands to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Membership {
    /// He is not in it.
    Outside,
    /// He waits to be let in.
    Waiting,
    /// He is in it.
    Inside,
}

/// What an invitation invites to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// The group.
    pub group: ConversationId,
    /// Whose it is.
    pub business: AccountId,
    /// What the business is called.
    pub business_name: String,
    /// Its name.
    pub subject: String,
    /// What it is for.
    pub description: String,
    /// How many customers are in it.
    pub participants: u32,
    /// How many may be.
    pub most: u32,
    /// Whether the business has to let him in.
    pub approval: Approval,
    /// How the person stands to it.
    pub membership: Membership,
}

/// A person follows an invitation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JoinGroup {
    /// What the link ends with.
    pub link: String,
}
impl Call for JoinGroup {
    const NAME: &'static str = "group.join";
    type Answer = Joined;
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Joined {
    /// The group.
    pub group: ConversationId,
    /// In it, or waiting to be let in.
    pub membership: Membership,
}

/// A person leaves a group, or takes back his request to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaveGroup {
    /// Which.
    pub group: ConversationId,
}
impl Call for LeaveGroup {
    const NAME: &'static str = "group.leave";
    type Answer = Done;
}

/// Its business, or a customer who is in it, asks for a group's picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GroupPicture {
    /// Which group's.
    pub group: ConversationId,
}
impl Call for GroupPicture {
    const NAME: &'static str = "group.picture";
    type Answer = Picture;
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// A JPEG; empty when there is none.
    pub jpeg: Base64,
}

/// Something has changed in a group; told to the business's endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupChanged {
    /// Which.
    pub group: ConversationId,
    /// When.
    pub at: Timestamp,
    /// The tag of the call that caused it, "" when no call of the business did.
    pub tag: String,
    /// What.
    pub change: Change,
}
impl Told for GroupChanged {
    const KIND: &'static str = "group.changed";
}

/// What has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum Change {
    /// The group was made.
    Created {
        /// Its name.
        subject: String,
        /// What it is for.
        description: String,
        /// Who is let in.
        approval: Approval,
        /// What its link ends with.
        link: String,
    },
    /// What it is called; what is `None` stayed.
    Settings {
        /// Its name.
        subject: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// The SHA-256 of its picture, empty when it was taken away.
        picture: Option<Base64>,
    },
    /// It is no more.
    Deleted,
    /// Customers came in.
    Joined {
        /// Who.
        participants: Vec<Participant>,
    },
    /// Customers are in it no longer.
    Left {
        /// Who.
        participants: Vec<Participant>,
        /// Whether the business took them out.
        removed: bool,
    },
    /// A customer asks to be let in.
    Requested {
        /// Who asks.
        request: JoinRequest,
    },
    /// He asks no longer.
    Withdrawn {
        /// Who asked.
        request: JoinRequest,
    },
}

/// A person is in a group no longer; told to his devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLeft {
    /// Which.
    pub group: ConversationId,
}
impl Told for GroupLeft {
    const KIND: &'static str = "group.left";
}
