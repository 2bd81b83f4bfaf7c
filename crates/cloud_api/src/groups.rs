//! Groups (section 3a, priority 3): their ids, what requests ask for, what is answered, and the webhooks of section 3c.
use crate::{
    ApiError, Code, ObjectId, Params, fields,
    messages::Recipient,
    paging::{self, Wanted, cursor},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use std::{fmt, str::FromStr};
use suki_types::Timestamp;

/// How many participants one request names at most.
const PARTICIPANTS: usize = 8;
/// How many requests to be let in one request names at most.
const REQUESTS: usize = 100;
/// How many groups a page has at most.
const LARGEST_PAGE: u32 = 1024;
/// What a group's id says of itself before its number.
const PREFIX: &str = "capi_group:";

/// A group's id as programs know it: text that is no number, since programs tell by that whether a message goes to a person (pywa 4.5.0).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GroupId(pub ObjectId);

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(format!("{PREFIX}{}", self.0)))
    }
}

impl FromStr for GroupId {
    type Err = crate::id::ObjectIdError;
    /// The number alone is taken as well.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(id) = text.parse() {
            return Ok(Self(id));
        }
        let wrong = || "".parse::<ObjectId>().map(Self);
        let bytes = if text.len() <= 64 { URL_SAFE_NO_PAD.decode(text).ok() } else { None };
        let named = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        match named.as_deref().and_then(|named| named.strip_prefix(PREFIX)) {
            Some(number) => number.parse().map(Self),
            None => wrong(),
        }
    }
}

fn check_product(params: &Params) -> Result<(), ApiError> {
    match params.text("messaging_product") {
        None => Err(ApiError::missing("messaging_product")),
        Some(product) if product.eq_ignore_ascii_case("whatsapp") => Ok(()),
        Some(_) => Err(ApiError::invalid_parameter("messaging_product must be whatsapp")),
    }
}

/// A group that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Create {
    /// Its name.
    pub subject: String,
    /// What it is for, "" for nothing.
    pub description: String,
    /// Whether the business lets each customer in.
    pub approval_required: bool,
}

/// Reads what `POST /P/groups` asks for.
///
/// # Errors
/// 131008 for what is missing, 100 for what cannot be read.
pub fn create(params: &Params) -> Result<Create, ApiError> {
    check_product(params)?;
    let root = params.root();
    let approval_required = match root.text("join_approval_mode")? {
        None => false,
        Some(mode) if mode.eq_ignore_ascii_case("auto_approve") => false,
        Some(mode) if mode.eq_ignore_ascii_case("approval_required") => true,
        Some(_) => return Err(ApiError::invalid_parameter("join_approval_mode must be auto_approve or approval_required")),
    };
    Ok(Create {
        subject: root.required_text("subject")?.to_owned(),
        description: root.text("description")?.unwrap_or_default().to_owned(),
        approval_required,
    })
}

/// What is to change of a group; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Update {
    /// Its name.
    pub subject: Option<String>,
    /// What it is for.
    pub description: Option<String>,
}

/// Reads what `POST /GROUP` asks for beside a picture.
///
/// # Errors
/// As [`create`].
pub fn update(params: &Params) -> Result<Update, ApiError> {
    check_product(params)?;
    let root = params.root();
    Ok(Update { subject: root.text("subject")?.map(str::to_owned), description: root.text("description")?.map(str::to_owned) })
}

/// Checks a group's picture: a JPEG, square, and no side smaller than so many pixels.
///
/// # Errors
/// 100 when it is none, 131209 when it is not square, 131210 when it is too small.
pub fn check_picture(bytes: &[u8], side: u32) -> Result<(), ApiError> {
    let (width, height) = jpeg_size(bytes).ok_or_else(|| ApiError::invalid_parameter("the group's picture must be a JPEG"))?;
    if width != height {
        let details = format!("the picture has {width} × {height} pixels; a group's picture is square");
        return Err(ApiError::new(Code::GroupPictureRatio, details));
    }
    if width < side {
        let details = format!("the picture has {width} × {height} pixels; at least {side} × {side} are needed");
        return Err(ApiError::new(Code::GroupPictureSize, details));
    }
    Ok(())
}

/// Width and height out of a JPEG's frame header (ITU T.81, B.2.2).
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let [0xff, marker, high, low, ..] = *rest else { return None };
        let length = usize::from(u16::from_be_bytes([high, low]));
        let is_frame = matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            let [_, _, _, _, _, h1, h2, w1, w2, ..] = *rest else { return None };
            return Some((u16::from_be_bytes([w1, w2]).into(), u16::from_be_bytes([h1, h2]).into()));
        }
        rest = rest.get(2 + length.max(2)..)?;
    }
}

/// Which participants `DELETE /GROUP/participants` names, each as he was written.
///
/// # Errors
/// As [`create`]; 131202 when somebody is named twice.
pub fn participants(params: &Params) -> Result<Vec<(String, Recipient)>, ApiError> {
    check_product(params)?;
    let root = params.root();
    let named = root.list("participants", PARTICIPANTS)?.filter(|named| !named.is_empty()).ok_or_else(|| ApiError::missing("participants"))?;
    let mut seen: Vec<(String, Recipient)> = Vec::with_capacity(named.len());
    for one in &named {
        let next = match one.text("user_id")?.filter(|id| !id.trim().is_empty()) {
            Some(id) => (id.to_owned(), Recipient::User(id.to_owned())),
            None => {
                let text = one.required_text("user")?;
                let recipient = match text.parse() {
                    Ok(phone) => Recipient::Phone(phone),
                    Err(_) if text.contains('.') => Recipient::User(text.to_owned()),
                    Err(error) => return Err(ApiError::invalid_parameter(format!("{}: {error}", one.path("user")))),
                };
                (text.to_owned(), recipient)
            }
        };
        if seen.iter().any(|(_, recipient)| *recipient == next.1) {
            return Err(ApiError::new(Code::GroupDuplicate, format!("{} names somebody for the second time", one.path("user"))));
        }
        seen.push(next);
    }
    Ok(seen)
}

/// Which requests to be let in `POST` and `DELETE /GROUP/join_requests` name.
///
/// # Errors
/// As [`create`].
pub fn join_requests(params: &Params) -> Result<Vec<String>, ApiError> {
    check_product(params)?;
    let wrong = || ApiError::invalid_parameter(format!("join_requests must be an array of 1 to {REQUESTS} ids"));
    let Some(value) = params.root().json("join_requests") else { return Err(ApiError::missing("join_requests")) };
    let ids: Option<Vec<String>> = value.as_array().map(|ids| ids.iter().filter_map(|id| Some(id.as_str()?.to_owned())).collect());
    let count = value.as_array().map_or(0, Vec::len);
    ids.filter(|ids| ids.len() == count && (1..=REQUESTS).contains(&count)).ok_or_else(wrong)
}

/// Reads which page is asked for. Cursors are 16 bytes that an answer gave.
///
/// # Errors
/// 100 when `limit` is no number; 131059 for a cursor that no answer gave.
pub fn wanted(params: &Params) -> Result<Wanted<[u8; 16]>, ApiError> {
    paging::wanted(params, LARGEST_PAGE, Code::GroupCursor, |bytes| bytes.try_into().ok())
}

/// Where a page stands among the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The first and the last of it; none of an empty page.
    pub ends: Option<([u8; 16], [u8; 16])>,
    /// Whether there are earlier ones.
    pub earlier: bool,
    /// Whether there are later ones.
    pub later: bool,
}

/// The answer to a list: its data and where it goes on. `address` is that of the list itself.
pub fn page(data: Value, place: &Place, limit: u32, address: &str) -> Value {
    let mut answer = json!({ "data": data });
    if let Some((first, last)) = place.ends {
        answer["paging"] = json!({"cursors": {"before": cursor(first), "after": cursor(last)}});
        if place.later {
            answer["paging"]["next"] = format!("{address}?limit={limit}&after={}", cursor(last)).into();
        }
        if place.earlier {
            answer["paging"]["previous"] = format!("{address}?limit={limit}&before={}", cursor(first)).into();
        }
    }
    answer
}

/// A customer of a group, as programs know him.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// His number's digits, if he has one.
    pub wa_id: Option<String>,
    /// His business-scoped user id.
    pub user_id: String,
}

impl Participant {
    /// As answers and webhooks write him.
    pub fn value(&self) -> Value {
        let mut value = json!({"user_id": self.user_id});
        if let Some(wa_id) = &self.wa_id {
            value["wa_id"] = wa_id.as_str().into();
        }
        value
    }

    fn removed(&self) -> Value {
        let mut value = self.value();
        value["input"] = self.wa_id.as_ref().unwrap_or(&self.user_id).as_str().into();
        value
    }
}

/// A group, for `GET /GROUP`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Info {
    /// Its id.
    pub id: GroupId,
    /// Its name.
    pub subject: String,
    /// What it is for.
    pub description: String,
    /// Whether the business lets each customer in.
    pub approval_required: bool,
    /// Whether the business may not write into it now.
    pub suspended: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who is in it.
    pub participants: Vec<Participant>,
}

fn mode(approval_required: bool) -> &'static str {
    if approval_required { "approval_required" } else { "auto_approve" }
}

/// The answer to `GET /GROUP`: the fields that `fields` names, or all.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn info(group: &Info, params: &Params) -> Result<Value, ApiError> {
    let participants: Vec<Value> = group.participants.iter().map(Participant::value).collect();
    let node = json!({
        "messaging_product": "whatsapp",
        "id": group.id.to_string(),
        "subject": group.subject,
        "description": group.description,
        "join_approval_mode": mode(group.approval_required),
        "suspended": group.suspended,
        "creation_timestamp": group.created_at.seconds(),
        "total_participant_count": participants.len(),
        "participants": participants,
    });
    const ALL: [&str; 9] = [
        "messaging_product",
        "id",
        "subject",
        "description",
        "join_approval_mode",
        "suspended",
        "creation_timestamp",
        "total_participant_count",
        "participants",
    ];
    fields::select(params.text("fields").as_deref(), &ALL, &node)
}

/// The answer to what is done by and by: the webhook names the request again.
pub fn requested(request: &str) -> Value {
    json!({"messaging_product": "whatsapp", "request_id": request})
}

/// Something of a list that was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// As the request named it.
    pub input: String,
    /// Why.
    pub error: ApiError,
}

fn error(error: &ApiError) -> Value {
    json!({
        "message": error.message(),
        "type": error.kind(),
        "code": error.code.number(),
        "error_data": {"messaging_product": "whatsapp", "details": error.details},
    })
}

fn failed(answer: &mut Value, name: &str, id: &str, failed: &[Failed]) {
    if failed.is_empty() {
        return;
    }
    answer[name] = failed.iter().map(|one| json!({(id): one.input, "errors": [error(&one.error)]})).collect();
    let partial = ApiError::new(Code::GroupPartialFailure, "Some of what was asked for was not done; each says why");
    answer["errors"] = json!([error(&partial)]);
}

/// The answer to `POST` (approve) and `DELETE` (reject) of `/GROUP/join_requests`.
pub fn answered(request: &str, done: &[String], not_done: &[Failed], approve: bool) -> Value {
    let mut answer = requested(request);
    answer[if approve { "approved_join_requests" } else { "rejected_join_requests" }] = done.into();
    failed(&mut answer, "failed_join_requests", "join_request_id", not_done);
    answer
}

/// The answer to `DELETE /GROUP/participants`.
pub fn removed(request: &str, done: &[String], not_done: &[Failed]) -> Value {
    let mut answer = requested(request);
    answer["removed_participants"] = done.iter().map(|input| json!({"input": input})).collect();
    failed(&mut answer, "failed_participants", "input", not_done);
    answer
}

/// Something that happened to a group (section 3c).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was made.
    Created {
        /// Its name.
        subject: String,
        /// What it is for.
        description: String,
        /// Whether the business lets each customer in.
        approval_required: bool,
        /// How customers come in.
        invite_link: String,
    },
    /// It is no more.
    Deleted,
    /// It is called something else, or looks otherwise; what is `None` stayed.
    Settings {
        /// Its name.
        subject: Option<String>,
        /// What it is for.
        description: Option<String>,
        /// The SHA-256 of its picture, empty when it was taken away.
        picture_sha256: Option<Vec<u8>>,
    },
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
        by_business: bool,
    },
    /// A customer asks to be let in.
    Requested {
        /// His request.
        request: String,
        /// Who he is.
        who: Participant,
    },
    /// He asks no longer.
    Withdrawn {
        /// His request.
        request: String,
        /// Who he is.
        who: Participant,
    },
    /// The business may not write into it for a time.
    Suspended,
    /// It may again.
    Released,
}

impl Event {
    /// The webhook field it stands under.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::Created { .. } | Self::Deleted => "group_lifecycle_update",
            Self::Settings { .. } => "group_settings_update",
            Self::Suspended | Self::Released => "group_status_update",
            Self::Joined { .. } | Self::Left { .. } | Self::Requested { .. } | Self::Withdrawn { .. } => "group_participants_update",
        }
    }

    const fn kind(&self) -> &'static str {
        match self {
            Self::Created { .. } => "group_create",
            Self::Deleted => "group_delete",
            Self::Settings { .. } => "group_settings_update",
            Self::Joined { .. } => "group_add_participants",
            Self::Left { .. } => "group_remove_participants",
            Self::Requested { .. } => "group_join_request_created",
            Self::Withdrawn { .. } => "group_join_request_revoked",
            Self::Suspended => "group_suspend",
            Self::Released => "group_suspend_cleared",
        }
    }

    /// The webhook's value, without what every one has. `request` is the id of the request that caused it, "" when none did.
    pub fn value(&self, group: GroupId, request: &str, at: Timestamp) -> Value {
        let mut one = self.body();
        one["timestamp"] = at.seconds().to_string().into();
        one["group_id"] = group.to_string().into();
        one["type"] = self.kind().into();
        if !request.is_empty() {
            one["request_id"] = request.into();
        }
        json!({ "groups": [one] })
    }

    fn body(&self) -> Value {
        let people = |list: &[Participant]| list.iter().map(Participant::value).collect::<Value>();
        match self {
            Self::Created { subject, description, approval_required, invite_link } => json!({
                "subject": subject,
                "description": description,
                "join_approval_mode": mode(*approval_required),
                "invite_link": invite_link,
            }),
            Self::Deleted | Self::Suspended | Self::Released => json!({}),
            Self::Settings { subject, description, picture_sha256 } => {
                let mut body = json!({});
                if let Some(subject) = subject {
                    body["group_subject"] = json!({"text": subject, "update_successful": true});
                }
                if let Some(description) = description {
                    body["group_description"] = json!({"text": description, "update_successful": true});
                }
                if let Some(hash) = picture_sha256 {
                    body["profile_picture"] = json!({"mime_type": "image/jpeg", "sha256": STANDARD.encode(hash), "update_successful": true});
                }
                body
            }
            Self::Joined { participants } => json!({"added_participants": people(participants), "reason": "invite_link"}),
            Self::Left { participants, by_business } => json!({
                "removed_participants": participants.iter().map(Participant::removed).collect::<Value>(),
                "initiated_by": if *by_business { "business" } else { "participant" },
            }),
            Self::Requested { request, who } | Self::Withdrawn { request, who } => {
                let mut body = who.value();
                body["join_request_id"] = request.as_str().into();
                body
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(json: Value) -> Params {
        let mut params = Params::default();
        params.merge_body(Some("application/json"), json.to_string().as_bytes()).expect("it is an object");
        params
    }

    /// Section 3a, and what pywa 4.5.0 takes for the id of a group.
    #[test]
    fn a_groups_id_is_text_that_comes_back() {
        let id = GroupId(ObjectId::from_number(123_456_789_012_345).expect("an id"));
        assert_eq!(id.to_string(), "Y2FwaV9ncm91cDoxMjM0NTY3ODkwMTIzNDU");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("123456789012345".parse(), Ok(id));
        for wrong in ["", "Y2FwaV9ncm91cDo", "capi_group:1", "é", &"A".repeat(100)] {
            assert!(wrong.parse::<GroupId>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_requests_ask_for() {
        let asked =
            create(&params(json!({"messaging_product": "whatsapp", "subject": "New Purchase Inquiry", "join_approval_mode": "approval_required"})));
        let expected = Create { subject: "New Purchase Inquiry".into(), description: String::new(), approval_required: true };
        assert_eq!(asked, Ok(expected));
        let code = |result: Result<Create, ApiError>| result.expect_err("it is refused").code.number();
        assert_eq!(code(create(&params(json!({"subject": "x"})))), 131_008);
        assert_eq!(code(create(&params(json!({"messaging_product": "whatsapp"})))), 131_008);
        assert_eq!(code(create(&params(json!({"messaging_product": "whatsapp", "subject": "x", "join_approval_mode": "never"})))), 100);
        let two = json!({"messaging_product": "whatsapp", "participants": [{"user": "+17865347866"}, {"user": "17865347866"}]});
        assert_eq!(participants(&params(two)).expect_err("twice").code.number(), 131_202);
        let nine: Vec<Value> = (0..9).map(|number| json!({"user": format!("1786534786{number}")})).collect();
        assert_eq!(participants(&params(json!({"messaging_product": "whatsapp", "participants": nine}))).expect_err("too many").code.number(), 100);
        let named = participants(&params(json!({"messaging_product": "whatsapp", "participants": [{"user_id": "ZZ.12"}, {"user": "ZZ.13"}]})));
        assert_eq!(named.expect("two").iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["ZZ.12", "ZZ.13"]);
        for wrong in [json!("x"), json!([]), json!([1]), json!(vec!["x"; 101])] {
            let asked = json!({"messaging_product": "whatsapp", "join_requests": wrong});
            assert_eq!(join_requests(&params(asked)).expect_err("it is refused").code.number(), 100);
        }
        assert_eq!(wanted(&params(json!({"after": "nonsense"}))).expect_err("no cursor").code.number(), 131_059);
    }

    #[test]
    fn a_picture_is_a_square_jpeg() {
        let jpeg = |width: u16, height: u16| {
            let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 17, 8];
            bytes.extend(height.to_be_bytes());
            bytes.extend(width.to_be_bytes());
            bytes
        };
        assert_eq!(check_picture(&jpeg(192, 192), 192), Ok(()));
        let code = |bytes: &[u8]| check_picture(bytes, 192).expect_err("it is refused").code.number();
        assert_eq!(
            [code(&jpeg(200, 192)), code(&jpeg(191, 191)), code(b"GIF89a"), code(&[0xff, 0xd8, 0xff, 0xe0, 0, 0])],
            [131_209, 131_210, 100, 100]
        );
    }

    /// The webhook examples "Group Create Message", "Group Settings Update" and "Group Remove Participants" of section 1's data.
    #[test]
    fn webhooks_have_the_examples_fields() {
        let group = GroupId(ObjectId::from_number(7).expect("an id"));
        let at = Timestamp::from_millis(1_750_269_342_000);
        let created = Event::Created { subject: "s".into(), description: "d".into(), approval_required: false, invite_link: "l".into() };
        let value = created.value(group, "784D", at);
        let one = &value["groups"][0];
        assert_eq!((&one["timestamp"], &one["type"], &one["request_id"]), (&json!("1750269342"), &json!("group_create"), &json!("784D")));
        assert_eq!((&one["subject"], &one["description"], &one["group_id"]), (&json!("s"), &json!("d"), &json!(group.to_string())));
        let left = Event::Left { participants: vec![Participant { wa_id: Some("16505551234".into()), user_id: "ZZ.1".into() }], by_business: true };
        let value = left.value(group, "", at);
        assert_eq!(value["groups"][0]["removed_participants"], json!([{"input": "16505551234", "wa_id": "16505551234", "user_id": "ZZ.1"}]));
        assert_eq!((left.field(), value["groups"][0].get("request_id")), ("group_participants_update", None));
        let settings = Event::Settings { subject: None, description: None, picture_sha256: Some(vec![1; 32]) };
        assert_eq!(settings.value(group, "1", at)["groups"][0]["profile_picture"]["mime_type"], "image/jpeg");
    }
}
