//! Where events go: `/A/subscriptions` for an app, `/W/subscribed_apps` for a business account (sections 3a and 3g).
use crate::{
    ApiError, ObjectId, Params,
    path::Version,
    verification::{CALLBACK_CHARS, OVERRIDE_CHARS, VERIFY_TOKEN_CHARS, callback},
};
use serde_json::{Value, json};
use url::Url;

/// The one object that has webhooks here.
pub const OBJECT: &str = "whatsapp_business_account";

/// Every webhook field that may be subscribed to (section 3c), whether or not something happens on it yet.
pub const FIELDS: [&str; 35] = [
    "account_alerts",
    "account_review_update",
    "account_settings_update",
    "account_update",
    "automatic_events",
    "business_capability_update",
    "business_status_update",
    "business_username_update",
    "business_username_updates",
    "calls",
    "flows",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
    "history",
    "message_echoes",
    "message_template_components_update",
    "message_template_quality_update",
    "message_template_status_update",
    "messages",
    "messaging_handovers",
    "partner_solutions",
    "payment_configuration_update",
    "phone_number_name_update",
    "phone_number_quality_update",
    "security",
    "smb_app_state_sync",
    "smb_message_echoes",
    "standby",
    "template_category_update",
    "template_correct_category_detection",
    "tracking_events",
    "user_id_update",
    "user_preferences",
];

/// The beginnings of the names of fields that are about the account and not about messages: they go to the app's own address, whatever overrides it
/// (section 3g).
const OF_THE_ACCOUNT: [&str; 9] =
    ["account_", "business_", "flows", "message_template_", "partner_solutions", "payment_configuration_", "phone_number_", "security", "template_"];

/// Whether a field is of the messages' family: such events go to the number's or the account's own address where there is one (section 3g).
pub fn is_of_messages(field: &str) -> bool {
    !OF_THE_ACCOUNT.iter().any(|beginning| field.starts_with(beginning))
}

/// `POST /A/subscriptions`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscribe {
    /// Where events go.
    pub callback: Url,
    /// What the receiver compares; up to 512 characters.
    pub verify_token: String,
    /// Which events, sorted, each once. None are named when the request has none: then all fields stay or become subscribed.
    pub fields: Vec<&'static str>,
}

/// Reads `POST /A/subscriptions`.
///
/// # Errors
/// 100 when a parameter is missing, the object is another, the address is none or a field is unknown.
pub fn subscribe(params: &Params) -> Result<Subscribe, ApiError> {
    object(params)?.ok_or_else(|| required("object"))?;
    let address = params.text("callback_url").ok_or_else(|| required("callback_url"))?;
    let callback = callback("callback_url", &address, CALLBACK_CHARS)?;
    let verify_token = verify_token(params)?.ok_or_else(|| required("verify_token"))?;
    Ok(Subscribe { callback, verify_token, fields: fields(params)? })
}

/// Reads `DELETE /A/subscriptions`: the fields to drop; none named drops the subscription as a whole.
///
/// # Errors
/// 100 when the object is another or a field is unknown.
pub fn unsubscribe(params: &Params) -> Result<Vec<&'static str>, ApiError> {
    object(params)?;
    fields(params)
}

/// The answer of `GET /A/subscriptions`; an app has one subscription or none.
pub fn list(subscription: Option<(&Url, &[&str])>, version: Version) -> Value {
    let item = |(callback, fields): (&Url, &[&str])| {
        let fields: Vec<Value> = fields.iter().map(|name| json!({"name": name, "version": version.to_string()})).collect();
        json!({"object": OBJECT, "callback_url": callback.as_str(), "active": true, "fields": fields})
    };
    json!({"data": subscription.map(item).into_iter().collect::<Vec<_>>()})
}

/// `POST /W/subscribed_apps`: where this account's events go instead of the app's own address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Override {
    /// The address; up to 200 characters.
    pub callback: Url,
    /// What the receiver compares; up to 512 characters.
    pub verify_token: String,
}

/// Reads `POST /W/subscribed_apps`; `None` subscribes the app and takes back an override.
///
/// # Errors
/// 100 when only one of the two parameters is there, or the address is none.
pub fn subscribe_app(params: &Params) -> Result<Option<Override>, ApiError> {
    let Some(address) = params.text("override_callback_uri") else {
        return match params.text("verify_token") {
            None => Ok(None),
            Some(_) => Err(required("override_callback_uri")),
        };
    };
    let callback = callback("override_callback_uri", &address, OVERRIDE_CHARS)?;
    let verify_token = verify_token(params)?.ok_or_else(|| required("verify_token"))?;
    Ok(Some(Override { callback, verify_token }))
}

/// The parameter of `POST /P` that gives a number an address of its own, or takes it back.
pub const CONFIGURATION: &str = "webhook_configuration";

/// Reads `POST /P {webhook_configuration}`: the address that comes before the account's and the app's for this number's messages. `None` takes it back: an empty
/// address, or none.
///
/// # Errors
/// 100 when it is no object, an address comes without `verify_token`, or is none.
pub fn phone_override(params: &Params) -> Result<Option<Override>, ApiError> {
    let root = params.root();
    let configuration = root.object(CONFIGURATION)?.ok_or_else(|| required(CONFIGURATION))?;
    let name = format!("{CONFIGURATION}.override_callback_uri");
    let Some(address) = configuration.text("override_callback_uri")?.filter(|address| !address.is_empty()) else { return Ok(None) };
    let callback = callback(&name, address, OVERRIDE_CHARS)?;
    let token = configuration.text("verify_token")?.filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| required(&format!("{CONFIGURATION}.verify_token")))?;
    if token.chars().count() > VERIFY_TOKEN_CHARS {
        return Err(ApiError::invalid_parameter(format!("{CONFIGURATION}.verify_token may have at most {VERIFY_TOKEN_CHARS} characters")));
    }
    Ok(Some(Override { callback, verify_token: token.to_owned() }))
}

/// An app that gets an account's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscribedApp<'a> {
    /// Its id.
    pub id: ObjectId,
    /// Its name.
    pub name: &'a str,
    /// Where people find it.
    pub link: &'a str,
    /// The override, if there is one.
    pub override_callback: Option<&'a Url>,
}

/// The answer of `GET /W/subscribed_apps`.
pub fn list_apps(apps: &[SubscribedApp<'_>]) -> Value {
    let item = |app: &SubscribedApp<'_>| {
        let mut item = json!({"whatsapp_business_api_data": {"id": app.id, "link": app.link, "name": app.name}});
        if let Some(url) = app.override_callback {
            item["override_callback_uri"] = url.as_str().into();
        }
        item
    };
    json!({"data": apps.iter().map(item).collect::<Vec<_>>()})
}

fn required(name: &str) -> ApiError {
    ApiError::invalid_parameter(format!("the parameter {name} is required"))
}

fn object(params: &Params) -> Result<Option<()>, ApiError> {
    match params.text("object") {
        None => Ok(None),
        Some(object) if object.eq_ignore_ascii_case(OBJECT) => Ok(Some(())),
        Some(_) => Err(ApiError::invalid_parameter(format!("object must be {OBJECT}"))),
    }
}

fn verify_token(params: &Params) -> Result<Option<String>, ApiError> {
    let Some(token) = params.text("verify_token") else { return Ok(None) };
    if token.chars().count() > VERIFY_TOKEN_CHARS {
        return Err(ApiError::invalid_parameter(format!("verify_token may have at most {VERIFY_TOKEN_CHARS} characters")));
    }
    Ok(Some(token.into_owned()))
}

fn fields(params: &Params) -> Result<Vec<&'static str>, ApiError> {
    let Some(text) = params.text("fields") else { return Ok(Vec::new()) };
    let mut named = Vec::new();
    // n8n writes them as a JSON list.
    let names = text.trim().trim_start_matches('[').trim_end_matches(']');
    for name in names.split(',').map(|name| name.trim().trim_matches('"')).filter(|name| !name.is_empty()) {
        let Some(known) = FIELDS.iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            let name: String = name.chars().filter(|c| !c.is_control()).take(64).collect();
            return Err(ApiError::invalid_parameter(format!("fields: {name:?} is no webhook field; known are {}", FIELDS.join(", "))));
        };
        if !named.contains(known) {
            named.push(*known);
        }
    }
    named.sort_unstable();
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::path::DEFAULT_VERSION;

    fn params(query: &str) -> Params {
        Params::from_query(query).expect("a query")
    }

    const GOOD: &str = "object=whatsapp_business_account&callback_url=http%3A%2F%2F127.0.0.1%3A8000%2F&verify_token=v";

    #[test]
    fn a_subscription_is_read_and_listed() {
        let read = subscribe(&params(&format!("{GOOD}&fields=messages,account_update, messages"))).expect("it is one");
        assert_eq!((read.callback.as_str(), read.verify_token.as_str()), ("http://127.0.0.1:8000/", "v"));
        assert_eq!(read.fields, ["account_update", "messages"]);
        let listed = subscribe(&params(&format!("{GOOD}&fields=[%22messages%22,%22account_update%22]"))).expect("it is one");
        assert_eq!(listed.fields, read.fields);
        assert_eq!(
            list(Some((&read.callback, &read.fields)), DEFAULT_VERSION)["data"][0],
            json!({"object": OBJECT, "callback_url": "http://127.0.0.1:8000/", "active": true,
                   "fields": [{"name": "account_update", "version": "v23.0"}, {"name": "messages", "version": "v23.0"}]})
        );
        assert_eq!(list(None, DEFAULT_VERSION), json!({"data": []}));
        assert_eq!(unsubscribe(&params("")), Ok(vec![]));
        assert_eq!(unsubscribe(&params("fields=messages")), Ok(vec!["messages"]));
    }

    #[test]
    fn fields_are_of_messages_or_of_the_account() {
        for field in ["messages", "user_preferences", "group_status_update", "calls", "smb_message_echoes", "history"] {
            assert!(is_of_messages(field), "{field}");
        }
        for field in ["account_alerts", "message_template_status_update", "template_category_update", "phone_number_name_update", "security"] {
            assert!(!is_of_messages(field), "{field}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (query, says) in [
            (GOOD.replace("object=whatsapp_business_account&", ""), "object is required"),
            (GOOD.replace("whatsapp_business_account", "page"), "object must be whatsapp_business_account"),
            (GOOD.replace("callback_url", "url"), "callback_url is required"),
            (GOOD.replace("http%3A%2F%2F", ""), "callback_url is no address"),
            (GOOD.replace("verify_token=v", "verify_token="), "verify_token is required"),
            (GOOD.replace("verify_token=v", &format!("verify_token={}", "v".repeat(513))), "at most 512"),
            (format!("{GOOD}&fields=messages,mesages"), "\"mesages\" is no webhook field"),
        ] {
            let error = subscribe(&params(&query)).expect_err(says);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
        assert!(unsubscribe(&params("fields=x")).is_err());
    }

    #[test]
    fn an_override_needs_both_parts() {
        assert_eq!(subscribe_app(&params("")), Ok(None));
        let read = subscribe_app(&params("override_callback_uri=https%3A%2F%2Fshop.example%2Fhook&verify_token=v")).expect("it is one");
        assert_eq!(read.expect("an override").callback.as_str(), "https://shop.example/hook");
        assert!(subscribe_app(&params("override_callback_uri=https%3A%2F%2Fshop.example")).is_err());
        assert!(subscribe_app(&params("verify_token=v")).is_err());
        assert!(subscribe_app(&params(&format!("override_callback_uri=https%3A%2F%2Fshop.example%2F{}&verify_token=v", "a".repeat(200)))).is_err());
    }

    #[test]
    fn a_numbers_own_address_is_set_and_taken_back() {
        let read = |body: Value| {
            let mut params = params("");
            params.merge_body(Some("application/json"), body.to_string().as_bytes()).expect("JSON");
            phone_override(&params)
        };
        let own = read(json!({"webhook_configuration": {"override_callback_uri": "https://own.example/", "verify_token": "v"}}));
        assert_eq!(own.expect("it is one").expect("an override").callback.as_str(), "https://own.example/");
        for none in [json!({}), json!({"override_callback_uri": ""})] {
            assert_eq!(read(json!({"webhook_configuration": none})), Ok(None));
        }
        for wrong in [
            json!({}),
            json!({"webhook_configuration": "x"}),
            json!({"webhook_configuration": {"override_callback_uri": "https://own.example/"}}),
            json!({"webhook_configuration": {"override_callback_uri": "own", "verify_token": "v"}}),
        ] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn subscribed_apps_are_listed() {
        let url = Url::parse("https://shop.example/hook").expect("an address");
        let app = SubscribedApp { id: "77".parse().expect("an id"), name: "Till", link: "https://suki.example", override_callback: Some(&url) };
        let item = json!({"whatsapp_business_api_data": {"id": "77", "link": "https://suki.example", "name": "Till"},
                          "override_callback_uri": "https://shop.example/hook"});
        assert_eq!(list_apps(&[app]), json!({"data": [item]}));
        assert_eq!(list_apps(&[]), json!({"data": []}));
    }
}
