//! Figures for Prometheus: `--metrics` says where they are read. Without it nothing is counted.
//!
//! | module | subject |
//! |---|---|
//! | [`names`] | every metric: its name, its labels, what it says |
//! | [`sources`] | what is asked when somebody reads: connections, the bus, parts, this process |
//! | [`process`] | what the system says of this process |
pub mod names;
pub mod process;
pub mod sources;

use crate::{cli::Failure, world};
use axum::{Router, http::header, response::IntoResponse, routing::get};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sources::Sources;
use std::{fmt, net::SocketAddr, str::FromStr, sync::Arc};
use suki_types::limits;
use tokio::net::TcpListener;

/// Where metrics are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At an address of their own.
    Own(SocketAddr),
    /// At `/metrics` of the address that everybody uses.
    Shared,
}

/// The path, at either place.
pub const PATH: &str = "/metrics";

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == PATH {
            return Ok(Self::Shared);
        }
        let told =
            || format!("{text} is neither an address, such as 127.0.0.1:9464, nor {PATH}, which shows them to everybody who reaches the server");
        text.parse().map(Self::Own).map_err(|_| told())
    }
}

/// What counts, and shows what it has counted. A cheap handle.
#[derive(Clone)]
pub struct Metrics(PrometheusHandle);

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics")
    }
}

fn builder() -> Result<PrometheusBuilder, Failure> {
    let mut builder = PrometheusBuilder::new();
    for metric in names::ALL {
        if let names::Kind::Histogram(bounds) = metric.kind {
            builder = builder.set_buckets_for_metric(Matcher::Full(metric.name.into()), bounds)?;
        }
    }
    Ok(builder)
}

impl Metrics {
    /// Counts from now on. Called once a process, before anything is opened that counts.
    ///
    /// # Errors
    /// When something counts already.
    pub fn install() -> Result<Self, Failure> {
        let metrics = Self(builder()?.install_recorder()?);
        names::describe();
        tokio::spawn(metrics.clone().keep_small());
        Ok(metrics)
    }

    /// Histograms keep every value until somebody looks; where nobody does, they would grow.
    async fn keep_small(self) {
        let env = world::env();
        loop {
            env.clock.wait_until(env.now().plus_millis(limits::METRICS_UPKEEP_MILLIS)).await;
            self.0.run_upkeep();
        }
    }

    /// What is read at [`PATH`].
    pub fn router<S: Clone + Send + Sync + 'static>(self, sources: Sources) -> Router<S> {
        let sources = Arc::new(sources);
        let read = move || {
            let (metrics, sources) = (self.clone(), sources.clone());
            async move {
                sources.ask().await;
                ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.0.render()).into_response()
            }
        };
        Router::new().route(PATH, get(read))
    }
}

/// Takes the address, if one is asked for. Done before anything is made for a server that cannot start.
///
/// # Errors
/// When the address is taken.
pub async fn listen(place: Option<Place>) -> Result<Option<TcpListener>, Failure> {
    let Some(Place::Own(address)) = place else { return Ok(None) };
    Ok(Some(TcpListener::bind(address).await.map_err(|error| format!("--metrics cannot listen on {address}: {error}"))?))
}

/// Shows what is counted at its own listener, or beside the server's own faces.
///
/// # Errors
/// When the system does not say where it listens.
pub fn show(shown: Option<Router>, listener: Option<TcpListener>, faces: Router) -> Result<Router, Failure> {
    match (shown, listener) {
        (Some(shown), Some(listener)) => {
            tracing::info!(address = %listener.local_addr()?, "metrics are read at {PATH}");
            tokio::spawn(async move { axum::serve(listener, shown).await });
            Ok(faces)
        }
        (Some(shown), None) => Ok(faces.merge(shown)),
        (None, _) => Ok(faces),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_an_address_or_the_path() {
        assert_eq!("127.0.0.1:9464".parse(), Ok(Place::Own(([127, 0, 0, 1], 9464).into())));
        assert_eq!("/metrics".parse(), Ok(Place::Shared));
        let refused = "metrics".parse::<Place>().expect_err("it is neither");
        assert!(refused.contains("127.0.0.1:9464") && refused.contains("/metrics"), "{refused}");
    }

    #[test]
    fn histograms_have_the_bounds_they_are_told_to_have() {
        let recorder = builder().expect("the bounds are good").build_recorder();
        let shown = metrics::with_local_recorder(&recorder, || {
            names::describe();
            metrics::histogram!("suki_webhook_seconds", "outcome" => "taken").record(0.3);
            recorder.handle().render()
        });
        assert!(shown.contains("suki_webhook_seconds_bucket{outcome=\"taken\",le=\"0.25\"} 0\n"), "{shown}");
        assert!(shown.contains("suki_webhook_seconds_bucket{outcome=\"taken\",le=\"0.5\"} 1\n"), "{shown}");
        assert!(shown.contains("# HELP suki_webhook_seconds "), "{shown}");
    }
}
