//! The sandbox over HTTP: its clock and its simulated customers. A server that is none refuses every call of it.
use super::{
    Faces,
    problem::{Body, Checked, Refusal},
    route::{Route, delete, get, patch, post},
};
use crate::sandbox::{Behaviour, Line, NewCustomers, NewReport, Pointed, Sandbox, SandboxError, Spoken, View, Wishes};
use axum::{
    Json,
    extract::{FromRequestParts, Path, Query},
    http::{StatusCode, header, request::Parts},
};
use serde::{Deserialize, Serialize};
use suki_protocol::calls::relation::Relation;
use suki_rules::Length;
use suki_types::MessageId;

/// All operations below `/sandbox/api`.
pub fn list() -> Vec<Route> {
    vec![
        get("sandbox.state.get", "/", state)
            .says("Read what the sandbox is at", "Its time, and how many customers it simulates.")
            .gives(200, "State"),
        post("sandbox.clock.move", "/clock", clock)
            .says("Move the clock on", "By a whole number and a unit, such as 24h: 1 second to 366 days.")
            .takes("{ advance: string }")
            .gives(200, "State"),
        get("sandbox.customers.list", "/customers", customers)
            .says("List simulated customers", "At most 500 a page.")
            .query("skip?: integer; limit?: integer")
            .gives(200, "Customers"),
        post("sandbox.customers.add", "/customers", add)
            .says("Add simulated customers", "Of the shop with this link; each is a device like any other.")
            .takes("NewCustomers")
            .gives(201, "Customers"),
        get("sandbox.customers.get", "/customers/{phone}", thread)
            .says("See a customer's screen", "The conversation as his device shows it.")
            .gives(200, "Line[]"),
        patch("sandbox.customers.behave", "/customers/{phone}", behave)
            .says("Say what a customer does by himself", "From now on.")
            .takes("Behaviour")
            .gives(200, "Customer"),
        delete("sandbox.customers.remove", "/customers/{phone}", remove).says("Remove a customer", "His device stops.").gives_nothing(204),
        post("sandbox.customers.say", "/customers/{phone}/messages", say)
            .says("Have a customer write", "Words, or a message of any type as webhooks tell of it.")
            .takes("Spoken")
            .gives(200, "{ id: string }"),
        post("sandbox.customers.press", "/customers/{phone}/presses", press)
            .says("Have a customer press a button", "Or choose a row, on the newest message where none is named.")
            .takes("Pointed")
            .gives(200, "{ id: string }"),
        post("sandbox.customers.play", "/customers/{phone}/plays", play)
            .says("Have a customer listen", "To the newest message where none is named.")
            .takes("Pointed")
            .gives_nothing(204),
        post("sandbox.customers.wish", "/customers/{phone}/wishes", wish)
            .says("Say what a customer lets the business do", "From now on.")
            .takes("Wishes")
            .gives(200, "Relation"),
        post("sandbox.customers.report", "/customers/{phone}/reports", report)
            .says("Have a customer report the business", "With some of its newest messages.")
            .takes("Report")
            .gives_nothing(201),
    ]
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
async fn customers(Allowed(sandbox): Allowed, Checked(Query(page)): Checked<Query<Paging>>) -> Json<Page> {
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
