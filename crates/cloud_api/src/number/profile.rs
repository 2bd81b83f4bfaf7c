//! `GET` and `POST /P/whatsapp_business_profile`: what a business says of itself (limits: section 3e).
use super::bounds;
use crate::{ApiError, Params, fields};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The kinds of business there are; `UNDEFINED` and `NOT_A_BIZ` are older words that programs still send.
pub const VERTICALS: [&str; 23] = [
    "UNDEFINED",
    "OTHER",
    "AUTO",
    "BEAUTY",
    "APPAREL",
    "EDU",
    "ENTERTAIN",
    "EVENT_PLAN",
    "FINANCE",
    "GROCERY",
    "GOVT",
    "HOTEL",
    "HEALTH",
    "NONPROFIT",
    "PROF_SERVICES",
    "RETAIL",
    "TRAVEL",
    "RESTAURANT",
    "ALCOHOL",
    "ONLINE_GAMBLING",
    "PHYSICAL_GAMBLING",
    "OTC_DRUGS",
    "NOT_A_BIZ",
];
const ABOUT_CHARS: usize = 139;
const ADDRESS_CHARS: usize = 256;
const DESCRIPTION_CHARS: usize = 512;
const EMAIL_CHARS: usize = 128;
const WEBSITES: usize = 2;
const WEBSITE_CHARS: usize = 256;
/// The longest handle of an upload that is read.
const HANDLE_CHARS: usize = 1024;

/// What a business says of itself. "" is nothing.
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
    /// Its pages, at most two.
    pub websites: Vec<String>,
    /// One of [`VERTICALS`].
    pub vertical: String,
}

/// What a request changes of it; the rest stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    about: Option<String>,
    address: Option<String>,
    description: Option<String>,
    email: Option<String>,
    websites: Option<Vec<String>>,
    vertical: Option<&'static str>,
    /// The handle of an upload that becomes the picture.
    pub picture: Option<String>,
}

impl Change {
    /// Does it.
    pub fn apply(&self, profile: &mut Profile) {
        let texts = [
            (self.about.as_deref(), &mut profile.about),
            (self.address.as_deref(), &mut profile.address),
            (self.description.as_deref(), &mut profile.description),
            (self.email.as_deref(), &mut profile.email),
            (self.vertical, &mut profile.vertical),
        ];
        for (new, old) in texts {
            if let Some(new) = new {
                new.clone_into(old);
            }
        }
        if let Some(websites) = &self.websites {
            profile.websites.clone_from(websites);
        }
    }
}

/// Whether the business is found by the words of its name (`search_visibility` of the number).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Visibility {
    /// It is not. By its number and its link it always is.
    pub hidden: bool,
}

/// The words of `search_visibility`.
pub const VISIBILITIES: [&str; 2] = ["VISIBLE", "NON_VISIBLE"];

impl Visibility {
    /// As the number's node writes it.
    pub fn word(self) -> &'static str {
        VISIBILITIES[usize::from(self.hidden)]
    }

    /// `search_visibility` of `POST /P`; none when the request does not have it.
    ///
    /// # Errors
    /// 100 when it is neither of the words.
    pub fn asked(params: &Params) -> Result<Option<Self>, ApiError> {
        let Some(word) = params.root().text("search_visibility")?.map(str::to_owned) else { return Ok(None) };
        Ok(Some(Self { hidden: bounds::one_of("search_visibility", &word, &VISIBILITIES)? == VISIBILITIES[1] }))
    }
}

/// `POST`: what is to change. Empty texts take away what was there; `about` cannot be empty.
///
/// # Errors
/// 131008 without `messaging_product`, 100 when something is too long, is no address or no known word.
pub fn change(params: &Params) -> Result<Change, ApiError> {
    let root = params.root();
    bounds::of_whatsapp(&root)?;
    let websites = bounds::texts(&root, "websites", WEBSITES)?.map(|all| {
        let some = all.iter().filter(|one| !one.is_empty());
        some.map(|one| bounds::website("websites", one, WEBSITE_CHARS)).collect::<Result<Vec<_>, _>>()
    });
    let vertical = root.text("vertical")?.filter(|word| !word.trim().is_empty());
    Ok(Change {
        about: bounds::text(&root, "about", 1, ABOUT_CHARS)?,
        address: bounds::text(&root, "address", 0, ADDRESS_CHARS)?,
        description: bounds::text(&root, "description", 0, DESCRIPTION_CHARS)?,
        email: root.text("email")?.map(|text| bounds::email("email", text.trim(), EMAIL_CHARS)).transpose()?,
        websites: websites.transpose()?,
        vertical: vertical.map(|word| bounds::one_of("vertical", word, &VERTICALS)).transpose()?,
        picture: bounds::text(&root, "profile_picture_handle", 1, HANDLE_CHARS)?,
    })
}

/// `GET`: the profile; what it does not say is absent. `picture` is where its picture is.
///
/// # Errors
/// 100 when `fields` cannot be read.
pub fn answer(profile: &Profile, picture: Option<&str>, params: &Params) -> Result<Value, ApiError> {
    let mut node = json!({"messaging_product": "whatsapp"});
    for (name, text) in [
        ("about", profile.about.as_str()),
        ("address", &profile.address),
        ("description", &profile.description),
        ("email", &profile.email),
        ("profile_picture_url", picture.unwrap_or_default()),
        ("vertical", &profile.vertical),
    ] {
        if !text.is_empty() {
            node[name] = text.into();
        }
    }
    if !profile.websites.is_empty() {
        node["websites"] = json!(profile.websites);
    }
    let all: Vec<&str> = node.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let mut shown = fields::select(params.text("fields").as_deref(), &all, &node)?;
    shown["messaging_product"] = "whatsapp".into();
    Ok(json!({"data": [shown]}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(json: &Value) -> Params {
        let mut params = Params::default();
        params.merge_body(None, json.to_string().as_bytes()).expect("JSON");
        params
    }

    fn full() -> Value {
        json!({"messaging_product": "whatsapp", "about": "Open till ten", "address": "12 Mabini St", "description": "Bread.",
               "email": "hello@kape.example", "websites": ["https://kape.example", ""], "vertical": "restaurant",
               "profile_picture_handle": "4::abc"})
    }

    #[test]
    fn what_is_said_changes_and_the_rest_stays() {
        let mut profile = Profile { about: "Old".into(), email: "old@kape.example".into(), ..Profile::default() };
        let first = change(&params(&full())).expect("it is one");
        assert_eq!(first.picture.as_deref(), Some("4::abc"));
        first.apply(&mut profile);
        change(&params(&json!({"messaging_product": "whatsapp", "email": "", "websites": "https://kape.example/menu"})))
            .expect("it is one")
            .apply(&mut profile);
        assert_eq!(
            answer(&profile, Some("https://suki.example/p"), &Params::default()),
            Ok(json!({"data": [{"messaging_product": "whatsapp", "about": "Open till ten", "address": "12 Mabini St", "description": "Bread.",
                "websites": ["https://kape.example/menu"], "vertical": "RESTAURANT", "profile_picture_url": "https://suki.example/p"}]}))
        );
        let asked = Params::from_query("fields=about,email").expect("a query");
        assert_eq!(answer(&profile, None, &asked), Ok(json!({"data": [{"messaging_product": "whatsapp", "about": "Open till ten"}]})));
    }

    #[test]
    fn a_business_is_found_or_hidden() {
        let asked = |query: &str| Visibility::asked(&Params::from_query(query).expect("a query"));
        assert_eq!(asked("search_visibility=non_visible"), Ok(Some(Visibility { hidden: true })));
        assert_eq!((asked("search_visibility=VISIBLE"), asked("pin=1")), (Ok(Some(Visibility::default())), Ok(None)));
        assert!(asked("search_visibility=perhaps").is_err());
        assert_eq!((Visibility::default().word(), Visibility { hidden: true }.word()), ("VISIBLE", "NON_VISIBLE"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (field, value, says) in [
            ("about", json!(""), "about has 0 characters; 1 to 139"),
            ("about", json!("x".repeat(140)), "about has 140 characters"),
            ("address", json!("x".repeat(257)), "0 to 256"),
            ("description", json!("x".repeat(513)), "0 to 512"),
            ("email", json!("nobody"), "email is no e-mail address"),
            ("websites", json!(["https://a.example", "https://b.example", "https://c.example"]), "at most 2"),
            ("websites", json!(["kape.example"]), "websites is no address"),
            ("vertical", json!("BAKERY"), "vertical must be one of"),
            ("about", json!(7), "about must be a string"),
        ] {
            let mut body = full();
            body[field] = value;
            let error = change(&params(&body)).expect_err(says);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
        assert!(change(&params(&json!({"about": "Hi"}))).is_err());
    }
}
