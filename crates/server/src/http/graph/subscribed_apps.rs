//! `GET`, `POST`, `DELETE /W/subscribed_apps`: which apps are told of a business account's events.
use super::{Call, api_error};
use axum::http::Method;
use serde_json::Value;
use suki_cloud_api::{
    ApiError, responses,
    subscriptions::{self, SubscribedApp},
};
use url::Url;

pub async fn answer(call: &Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        Method::GET => list(call).await,
        Method::POST => {
            let overriding = subscriptions::subscribe_app(&call.params)?;
            call.business.subscribe_app(call.app, overriding).await.map_err(|error| api_error(&error))?;
            Ok(responses::success())
        }
        Method::DELETE => {
            call.business.unsubscribe_app(call.app).await.map_err(|error| api_error(&error))?;
            Ok(responses::success())
        }
        _ => Err(call.unknown("/WABA_ID/subscribed_apps")),
    }
}

async fn list(call: &Call<'_>) -> Result<Value, ApiError> {
    let stored = call.business.subscribed_apps().await.map_err(|error| api_error(&error))?;
    let parsed: Vec<(_, Option<Url>)> =
        stored.iter().map(|one| (one, one.override_callback_uri.as_deref().and_then(|uri| Url::parse(uri).ok()))).collect();
    let apps: Vec<SubscribedApp<'_>> = parsed
        .iter()
        .map(|(one, uri)| SubscribedApp { id: one.app, name: &one.name, link: &call.faces.public_url, override_callback: uri.as_ref() })
        .collect();
    Ok(subscriptions::list_apps(&apps))
}
