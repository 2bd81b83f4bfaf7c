//! Signing in and out, and who one is.
use super::{COOKIE, Secret, Signed, endpoint};
use crate::http::{
    Faces,
    problem::{Body, Refusal},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use suki_endpoint::{BusinessRecord, operators::Operator};
use suki_types::{AccountId, limits};

/// How somebody signs in: with a one-time link, or with address and password.
#[derive(Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum SignIn {
    /// By link.
    Link {
        /// What the link carries.
        token: String,
    },
    /// By password.
    Password {
        /// The operator's address.
        email: String,
        /// His password.
        password: String,
    },
}

/// Who is signed in, and for which business.
#[derive(Serialize)]
pub struct Me {
    operator: Operator,
    business: BusinessView,
}

#[derive(Serialize)]
struct BusinessView {
    id: AccountId,
    name: String,
    about: String,
    trust: String,
    slug: String,
    hosted_by: String,
    phone: String,
    customer_link: String,
}

fn view(faces: &Faces, operator: Operator, record: &BusinessRecord) -> Me {
    Me {
        operator,
        business: BusinessView {
            id: record.id,
            name: record.name.clone(),
            about: record.about.clone(),
            trust: record.trust.clone(),
            slug: record.slug.clone(),
            hosted_by: record.hosted_by.clone(),
            phone: record.phone.display(),
            customer_link: faces.customer_link(&record.slug),
        },
    }
}

fn set_cookie(faces: &Faces, secret: &str, seconds: i64) -> AppendHeaders<[(header::HeaderName, HeaderValue); 1]> {
    let secure = if faces.public_url.starts_with("https:") { "; Secure" } else { "" };
    let text = format!("{COOKIE}={secret}; Path=/inbox; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    AppendHeaders([(header::SET_COOKIE, HeaderValue::from_str(&text).expect("a secret is hexadecimal"))])
}

/// `POST /sign-in`
pub async fn sign_in(State(faces): State<Faces>, Body(request): Body<SignIn>) -> Result<impl IntoResponse, Refusal> {
    let endpoint = endpoint(&faces)?;
    let entered = match request {
        SignIn::Link { token } => endpoint.sign_in_by_link(&token).await?,
        SignIn::Password { email, password } => {
            faces.throttle_sign_in(&email)?;
            endpoint.sign_in_by_password(&email, password).await?
        }
    };
    let cookie = set_cookie(&faces, &entered.secret, limits::OPERATOR_SESSION_MILLIS / 1000);
    Ok((cookie, Json(view(&faces, entered.operator, &entered.business))))
}

/// `POST /sign-out`
pub async fn sign_out(State(faces): State<Faces>, Secret(secret): Secret, Body(_): Body<Value>) -> Result<impl IntoResponse, Refusal> {
    if let Some(secret) = secret {
        endpoint(&faces)?.sign_out(&secret).await?;
    }
    Ok((StatusCode::NO_CONTENT, set_cookie(&faces, "", 0)))
}

/// `GET /me`
pub async fn me(State(faces): State<Faces>, Signed(signed): Signed) -> Json<Me> {
    let record = signed.business.record();
    Json(view(&faces, signed.operator, &record))
}

/// A new password.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    password: String,
    current: Option<String>,
}

/// `POST /password`
pub async fn set_password(Signed(signed): Signed, Body(request): Body<NewPassword>) -> Result<StatusCode, Refusal> {
    signed.business.set_password(signed.operator.id, request.password, request.current).await?;
    Ok(StatusCode::NO_CONTENT)
}
