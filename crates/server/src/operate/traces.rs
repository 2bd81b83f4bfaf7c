//! Traces for whoever asks for them: `--otlp` names a collector (OTLP over HTTP). What is traced are requests, commits and webhooks, with words of the
//! program and figures as their fields, as in the log: nothing that anybody wrote or is called by.
use crate::cli::Failure;
use axum::http::HeaderMap;
use clap::Args;
use opentelemetry::{
    Context, KeyValue,
    propagation::{Extractor, TextMapPropagator as _},
    trace::TracerProvider as _,
};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracer, SdkTracerProvider, Span, SpanData, SpanExporter as _, SpanProcessor},
};
use std::time::Duration;
use suki_types::{Env, limits};
use tokio::sync::mpsc;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use url::Url;

/// Where traces go.
#[derive(Debug, Clone, Args)]
#[group(id = "traces")]
pub struct Options {
    /// Send traces to the collector at this address, by OTLP over HTTP, such as http://127.0.0.1:4318; nothing is traced without it
    #[arg(long, env = "SUKI_OTLP", value_name = "URL")]
    pub otlp: Option<String>,
    /// How large a share of the requests is traced, from 0 to 1; all without it
    #[arg(long, env = "SUKI_OTLP_SHARE", value_name = "SHARE", requires = "otlp")]
    pub otlp_share: Option<f64>,
}

/// What spans are handed to, and what sends them.
pub struct Traces {
    /// What spans are handed to.
    pub tracer: SdkTracer,
    /// What sends them; it is to be run.
    pub sending: Sending,
}

/// Sends spans in batches. When the collector is away or slow, spans are dropped and nothing else waits.
pub struct Sending {
    spans: mpsc::Receiver<SpanData>,
    exporter: SpanExporter,
}

impl Options {
    /// What they ask for; nothing without a collector.
    ///
    /// # Errors
    /// When the address is none, or the share is no share.
    pub fn open(&self) -> Result<Option<Traces>, Failure> {
        let Some(address) = &self.otlp else { return Ok(None) };
        let share = self.otlp_share.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&share) {
            return Err(format!("--otlp-share {share} is no share; write a number from 0 to 1, such as 0.01").into());
        }
        let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        // The address is not repeated: it may carry a token.
        let url = url.ok_or("--otlp is no address of a collector; write it as http://127.0.0.1:4318")?;
        let endpoint = format!("{}/v1/traces", url.as_str().trim_end_matches('/'));
        let mut exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(endpoint)
            .with_timeout(Duration::from_millis(limits::TRACES_TIMEOUT_MILLIS))
            .build()?;
        let about = [KeyValue::new("service.name", "suki"), KeyValue::new("service.version", env!("CARGO_PKG_VERSION"))];
        let resource = Resource::builder_empty().with_attributes(about).build();
        exporter.set_resource(&resource);
        let (queue, spans) = mpsc::channel(limits::TRACES_WAITING);
        let provider = SdkTracerProvider::builder()
            .with_span_processor(Queue(queue))
            .with_sampler(Sampler::ParentBased(Box::new(Sampler::TraceIdRatioBased(share))))
            .with_resource(resource)
            .build();
        Ok(Some(Traces { tracer: provider.tracer("suki"), sending: Sending { spans, exporter } }))
    }
}

impl Sending {
    /// Sends for as long as there are spans.
    pub async fn run(mut self, env: Env) {
        let mut well = true;
        let mut batch = Vec::new();
        while self.spans.recv_many(&mut batch, limits::TRACES_BATCH).await > 0 {
            let sent = self.exporter.export(std::mem::take(&mut batch)).await;
            // Told once when it changes. The collector's words are left out, since they may repeat its address.
            match (well, sent.is_ok()) {
                (true, false) => tracing::warn!("the collector of traces does not take them; traces are lost until it does"),
                (false, true) => tracing::info!("the collector of traces takes them again"),
                _ => {}
            }
            well = sent.is_ok();
            env.clock.wait_until(env.now().plus_millis(limits::TRACES_PAUSE_MILLIS)).await;
        }
    }
}

/// Hands spans over without ever waiting.
#[derive(Debug)]
struct Queue(mpsc::Sender<SpanData>);

impl SpanProcessor for Queue {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        // A full queue loses the span: the work it tells of is more important.
        drop(self.0.try_send(span));
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

struct Headers<'a>(&'a HeaderMap);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(|name| name.as_str()).collect()
    }
}

/// Takes up the trace that a caller has begun (`traceparent`, W3C).
pub fn follow(span: &tracing::Span, headers: &HeaderMap) {
    if headers.contains_key("traceparent") {
        // Without a collector there is nothing to set.
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Headers(headers)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_and_a_share_are_checked() {
        let told = |otlp: &str, share: f64| Options { otlp: Some(otlp.into()), otlp_share: Some(share) }.open().map(|traces| traces.is_some());
        assert!(told("http://127.0.0.1:4318/", 0.5).expect("it is good"));
        assert!(
            told("127.0.0.1:4318", 0.5).is_err() && told("http://127.0.0.1:4318", 1.5).is_err() && told("http://127.0.0.1:4318", f64::NAN).is_err()
        );
        assert!(Options { otlp: None, otlp_share: None }.open().expect("nothing is asked for").is_none());
        let told = told("secret-token@collector", 1.0).expect_err("it is none").to_string();
        assert!(!told.contains("secret-token"), "{told}");
    }
}
