//! The sandbox over HTTP: its clock and its simulated customers. A server that is none refuses every call of it.
use super::{
    Faces,
    problem::{Body, Checked, Refusal},
};
use crate::sandbox::{Behaviour, Line, NewCustomers, NewReport, Pointed, Sandbox, SandboxError, Spoken, View, Wishes};
use axum::{
    Json, Router,
    extract::{FromRequestParts, Path, Query},
    http::{StatusCode, header, request::Parts},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use suki_protocol::calls::relation::Relation;
use suki_rules::Length;
use suki_types::MessageId;

/// All operations below `/sandbox/api`.
pub fn routes() -> Router<Faces> {
    Router::new()
        .route("/", get(state))
        .route("/clock", post(clock))
        .route("/customers", get(list).post(add))
        .route("/customers/{phone}", get(thread).patch(behave).delete(remove))
        .route("/customers/{phone}/messages", post(say))
        .route("/customers/{phone}/presses", post(press))
        .route("/customers/{phone}/plays", post(play))
        .route("/customers/{phone}/wishes", post(wish))
        .route("/customers/{phone}/reports", post(report))
}

/// The sandbox, for a caller who has its secret as a bearer token.
pub struct Allowed(Sandbox);

impl FromRequestParts<Faces> for Allowed {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, faces: &Faces) -> Result<Self, Refusal> {
        let Some(sandbox) = &faces.sandbox else {
            let detail =
                "Its clock runs with the world's and its customers are people. Start another server with `suki serve --sandbox` to try things out.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "not_a_sandbox", "This is a production server.", detail));
        };
        let given = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| value.strip_prefix("Bearer "));
        if given.is_some_and(|token| sandbox.knows(token)) {
            return Ok(Self(sandbox.clone()));
        }
        let detail = "Send the sandbox's token as `Authorization: Bearer …`; `suki env` prints it as SUKI_SANDBOX_TOKEN.";
        Err(Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", "The sandbox does not know you.", detail))
    }
}

impl From<SandboxError> for Refusal {
    fn from(error: SandboxError) -> Self {
        let (status, code, title) = match &error {
            SandboxError::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not allowed as it is."),
            SandboxError::Unknown(_) => (StatusCode::NOT_FOUND, "not_found", "There is no such customer."),
            SandboxError::Refused(_) => (StatusCode::CONFLICT, "refused", "It was not done."),
            SandboxError::Record(_) => (StatusCode::INSUFFICIENT_STORAGE, "storage_full", "The server cannot store anything at the moment."),
        };
        Self::new(status, code, title, error.to_string())
    }
}

/// What the sandbox is at.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// Its time, in milliseconds since 1970.
    pub now: i64,
    /// How far its clock is ahead of the world's, in milliseconds.
    pub ahead_millis: i64,
    /// How many simulated customers there are.
    pub customers: usize,
}

fn state_of(sandbox: &Sandbox) -> State {
    State { now: sandbox.now().millis(), ahead_millis: sandbox.moved(), customers: sandbox.customers(0, 0).1 }
}

/// `GET /`
async fn state(Allowed(sandbox): Allowed) -> Json<State> {
    Json(state_of(&sandbox))
}

/// How far to move the clock on.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// A whole number and a unit, such as `24h` or `31d`: 1 second to 366 days.
    pub advance: String,
}

/// `POST /clock`
async fn clock(Allowed(sandbox): Allowed, Body(request): Body<Move>) -> Result<Json<State>, Refusal> {
    let length: Length = request.advance.parse().map_err(|error: suki_rules::LengthError| SandboxError::Invalid(error.to_string()))?;
    sandbox.advance(length.millis()).await?;
    Ok(Json(state_of(&sandbox)))
}

/// `POST /customers`
async fn add(Allowed(sandbox): Allowed, Body(request): Body<NewCustomers>) -> Result<(StatusCode, Json<Page>), Refusal> {
    let data = sandbox.add(request).await?;
    Ok((StatusCode::CREATED, Json(Page { total: sandbox.customers(0, 0).1, data })))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Paging {
    #[serde(default)]
    skip: usize,
    #[serde(default = "hundred")]
    limit: usize,
}

const fn hundred() -> usize {
    100
}

/// Customers, and how many there are in all.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Page {
    /// A page of them.
    pub data: Vec<View>,
    /// How many there are.
    pub total: usize,
}

/// `GET /customers?skip=&limit=`
async fn list(Allowed(sandbox): Allowed, Checked(Query(page)): Checked<Query<Paging>>) -> Json<Page> {
    let (data, total) = sandbox.customers(page.skip, page.limit.min(500));
    Json(Page { data, total })
}

/// `GET /customers/{phone}`: the conversation as his device shows it.
async fn thread(Allowed(sandbox): Allowed, Checked(Path(phone)): Checked<Path<String>>) -> Result<Json<Vec<Line>>, Refusal> {
    Ok(Json(sandbox.thread(&phone).await?))
}

/// `PATCH /customers/{phone}`: what he does by himself from now on.
async fn behave(
    Allowed(sandbox): Allowed,
    Checked(Path(phone)): Checked<Path<String>>,
    Body(behaviour): Body<Behaviour>,
) -> Result<Json<View>, Refusal> {
    Ok(Json(sandbox.behave(&phone, behaviour)?))
}

/// `DELETE /customers/{phone}`
async fn remove(Allowed(sandbox): Allowed, Checked(Path(phone)): Checked<Path<String>>) -> Result<StatusCode, Refusal> {
    sandbox.remove(&phone)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The id of what was said.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Said {
    /// Its id.
    pub id: MessageId,
}

/// `POST /customers/{phone}/messages`
async fn say(Allowed(sandbox): Allowed, Checked(Path(phone)): Checked<Path<String>>, Body(request): Body<Spoken>) -> Result<Json<Said>, Refusal> {
    Ok(Json(Said { id: sandbox.speak(&phone, request).await? }))
}

/// `POST /customers/{phone}/presses`: he presses a button, or chooses a row.
async fn press(Allowed(sandbox): Allowed, Checked(Path(phone)): Checked<Path<String>>, Body(request): Body<Pointed>) -> Result<Json<Said>, Refusal> {
    Ok(Json(Said { id: sandbox.press(&phone, request).await? }))
}

/// `POST /customers/{phone}/plays`: he listens to a message.
async fn play(Allowed(sandbox): Allowed, Checked(Path(phone)): Checked<Path<String>>, Body(request): Body<Pointed>) -> Result<StatusCode, Refusal> {
    sandbox.play(&phone, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /customers/{phone}/wishes`: what he lets the business do from now on.
async fn wish(Allowed(sandbox): Allowed, Checked(Path(phone)): Checked<Path<String>>, Body(wishes): Body<Wishes>) -> Result<Json<Relation>, Refusal> {
    Ok(Json(sandbox.wish(&phone, wishes).await?))
}

/// `POST /customers/{phone}/reports`
async fn report(
    Allowed(sandbox): Allowed,
    Checked(Path(phone)): Checked<Path<String>>,
    Body(request): Body<NewReport>,
) -> Result<StatusCode, Refusal> {
    sandbox.report(&phone, request).await?;
    Ok(StatusCode::CREATED)
}
