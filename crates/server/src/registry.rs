//! Where this server's businesses are registered: at the network in this process, or at one elsewhere.
use crate::http::problem::Refusal;
use axum::http::StatusCode;
use std::time::Duration;
use suki_network::Network;
use suki_protocol::{
    calls::trust::Terms,
    http::{Problem, RegisterBusiness, Registered},
};

/// How long a network elsewhere may take to answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// The network that businesses join.
#[derive(Clone)]
pub enum Registry {
    /// In this process.
    Here(Network),
    /// At this address.
    At(String),
}

impl Registry {
    /// The terms in force for businesses (R26).
    ///
    /// # Errors
    /// When the network does not answer.
    pub async fn terms(&self) -> Result<Terms, Refusal> {
        match self {
            Self::Here(network) => Ok(network.terms()),
            Self::At(url) => answer(client()?.get(place(url, "terms"))).await,
        }
    }

    /// Registers a business's endpoint.
    ///
    /// # Errors
    /// What the network refuses, in its own words; when it does not answer.
    pub async fn register(&self, request: RegisterBusiness) -> Result<Registered, Refusal> {
        match self {
            Self::Here(network) => Ok(network.register_business(request).await?),
            Self::At(url) => answer(client()?.post(place(url, "businesses")).json(&request)).await,
        }
    }

    /// Whether numbers of the range for tests are a business's without a code; never elsewhere, where nobody vouches for them.
    pub fn takes_test_numbers(&self) -> bool {
        matches!(self, Self::Here(network) if network.takes_test_numbers())
    }
}

fn place(url: &str, what: &str) -> String {
    format!("{}/v1/{what}", url.trim_end_matches('/'))
}

fn client() -> Result<reqwest::Client, Refusal> {
    reqwest::Client::builder().timeout(PATIENCE).build().map_err(|error| unreached(&error))
}

async fn answer<T: serde::de::DeserializeOwned>(request: reqwest::RequestBuilder) -> Result<T, Refusal> {
    let answer = request.send().await.map_err(|error| unreached(&error))?;
    let status = answer.status();
    if status.is_success() {
        return answer.json().await.map_err(|error| unreached(&error));
    }
    let refused: Option<Problem> = answer.json().await.ok();
    Err(refused.map_or_else(|| unreached(&format!("it answers with {status}")), Refusal::from))
}

/// Where the network is reached is for the log alone.
fn unreached(why: &dyn std::fmt::Display) -> Refusal {
    tracing::error!(%why, "the network that businesses join does not answer");
    let detail = "The network that businesses join does not answer. Try again in a moment; the server's log says more.";
    Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not possible at the moment.", detail)
}
