//! Everything that is known of a business's number, as its node: for the node itself and for lists.
use super::{Call, api_error, trust};
use serde_json::Value;
use suki_cloud_api::{
    ApiError,
    nodes::{self, NameStatus},
    number::{
        automation::{self, Automation},
        profile::Visibility,
    },
};
use suki_endpoint::registration::Registration;
use suki_protocol::http::Trust;
use suki_types::Country;

/// The node of the business's number.
///
/// # Errors
/// When the store fails.
pub async fn node(call: &Call) -> Result<Value, ApiError> {
    let (business, record) = (&call.business, call.business.record());
    let own = business.subscriptions(call.app).await.map_err(|error| api_error(&error))?;
    let apps = business.subscribed_apps().await.map_err(|error| api_error(&error))?;
    let subscribed = apps.iter().find(|one| one.app == call.app);
    let account_callback = subscribed.and_then(|one| one.override_callback_uri.as_deref());
    let phone_callback = subscribed.and_then(|one| one.phone_callback_uri.as_deref());
    let registration: Registration = business.setting().await.map_err(|error| api_error(&error))?;
    let visibility: Visibility = business.setting().await.map_err(|error| api_error(&error))?;
    let automation: Automation = business.setting().await.map_err(|error| api_error(&error))?;
    // It stands at the network, which is asked only for those who want it.
    let wanted = call.params.text("fields").is_some_and(|fields| fields.contains("username"));
    let username = if wanted { business.username().await.unwrap_or_default() } else { None };
    let display = record.phone.display();
    let standing = business.standing_for_programs().await;
    // Before the network ever said anything, nothing is claimed of the number.
    let trust = business.trust();
    let (name_status, new_name) = trust.as_deref().map_or((NameStatus::Approved, None), trust::names);
    Ok(nodes::phone_number(&nodes::PhoneNumber {
        account: record.waba_id,
        standing: &standing,
        id: record.phone_number_id,
        display_phone_number: &display,
        verified_name: &record.name,
        name_status,
        new_name,
        number_proven: trust.as_ref().is_some_and(|trust| trust.phone.as_ref() == Some(&record.phone)),
        official: trust.as_ref().is_some_and(|trust| trust.level == Trust::Confirmed),
        sandbox: record.phone.is_test(),
        registered: registration.is_registered,
        pin: registration.has_pin(),
        onboarded_at: record.created_at,
        country: Country::calling_code(&record.phone).map(|code| (Country::of(&record.phone), code)),
        visibility,
        username: username.as_deref(),
        automation: automation::node(record.phone_number_id, &automation),
        app_callback: own.first().map(|one| one.callback_url.as_str()),
        account_callback,
        phone_callback,
    }))
}
