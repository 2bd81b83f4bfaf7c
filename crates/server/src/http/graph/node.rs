//! `GET /P`, `GET /W`, `GET /A`: what an object says of itself.
use super::{Call, api_error, identity};
use axum::http::Method;
use serde_json::Value;
use suki_cloud_api::{
    ApiError, ObjectId,
    identity::Official,
    nodes::{self, NameStatus},
};
use suki_endpoint::apps::Node;
use suki_protocol::http::Trust;

pub async fn answer(call: &Call<'_>, node: Node, id: ObjectId) -> Result<Value, ApiError> {
    if call.method == Method::POST && node == Node::PhoneNumber {
        return identity::rename(call).await;
    }
    if call.method != Method::GET {
        return Err(call.unknown(&format!("/{id}")));
    }
    let record = call.business.record();
    match node {
        Node::Waba => {
            let trust = call.business.trust();
            let official = trust.as_deref().map_or(Official::None, |trust| identity::official(trust).0);
            nodes::account(id, &record.name, official, &call.params)
        }
        Node::App => {
            let name = call.business.app_name(id).await.map_err(|error| api_error(&error))?;
            nodes::named(id, &name, &call.params)
        }
        Node::PhoneNumber => phone_number(call).await,
    }
}

async fn phone_number(call: &Call<'_>) -> Result<Value, ApiError> {
    let record = call.business.record();
    let own = call.business.subscriptions(call.app).await.map_err(|error| api_error(&error))?;
    let apps = call.business.subscribed_apps().await.map_err(|error| api_error(&error))?;
    let account_callback = apps.iter().find(|one| one.app == call.app).and_then(|one| one.override_callback_uri.as_deref());
    let display = record.phone.display();
    let standing = call.business.standing_for_programs().await;
    // Before the network ever said anything, nothing is claimed of the number.
    let trust = call.business.trust();
    let (name_status, new_name) = trust.as_deref().map_or((NameStatus::Approved, None), identity::names);
    let number = nodes::PhoneNumber {
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
        app_callback: own.first().map(|one| one.callback_url.as_str()),
        account_callback,
    };
    nodes::phone_number(&number, &call.params)
}
