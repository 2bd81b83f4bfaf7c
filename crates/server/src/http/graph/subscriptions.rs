//! `GET`, `POST`, `DELETE /A/subscriptions`: where an app's events go.
use super::{Call, api_error};
use axum::http::Method;
use serde_json::Value;
use suki_cloud_api::{ApiError, ObjectId, responses, subscriptions};
use url::Url;

pub async fn answer(call: &Call<'_>, app: ObjectId) -> Result<Value, ApiError> {
    if app != call.app {
        return Err(ApiError::no_object(call.method.as_str(), &app.to_string()));
    }
    match call.method {
        Method::GET => list(call).await,
        Method::POST => {
            let request = subscriptions::subscribe(&call.params)?;
            call.business.subscribe(call.app, request).await.map_err(|error| api_error(&error))?;
            Ok(responses::success())
        }
        Method::DELETE => {
            let fields = subscriptions::unsubscribe(&call.params)?;
            call.business.unsubscribe(call.app, fields).await.map_err(|error| api_error(&error))?;
            Ok(responses::success())
        }
        _ => Err(call.unknown("/APP_ID/subscriptions")),
    }
}

async fn list(call: &Call<'_>) -> Result<Value, ApiError> {
    let stored = call.business.subscriptions(call.app).await.map_err(|error| api_error(&error))?;
    let first = stored.first().and_then(|one| Some((Url::parse(&one.callback_url).ok()?, one.fields.split(',').collect::<Vec<_>>())));
    Ok(subscriptions::list(first.as_ref().map(|(url, fields)| (url, &fields[..])), call.version))
}
