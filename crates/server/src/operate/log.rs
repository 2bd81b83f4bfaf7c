//! Where the log goes, and how much of it there is (docs/LOGGING.md).
use opentelemetry_sdk::trace::SdkTracer;
use tracing_subscriber::{EnvFilter, Layer as _, fmt, layer::SubscriberExt as _, util::SubscriberInitExt as _};

/// The client of NATS tells each of its tries to connect; the bus tells when that changes anything.
const USUAL: &str = "info,async_nats=off";
/// What is traced: the program's own spans, and nothing of the libraries.
const TRACED: &str = "off,suki_server=info,suki_endpoint=info,suki_network=info,suki_store=debug";

/// Starts the log, for people or as JSON, and hands spans to a tracer where there is one.
pub fn start(json: bool, tracer: Option<SdkTracer>) {
    let filter = EnvFilter::try_from_env("SUKI_LOG").unwrap_or_else(|_| EnvFilter::new(USUAL));
    let lines = fmt::layer().with_writer(std::io::stderr).with_target(false);
    let lines = if json { lines.json().boxed() } else { lines.compact().boxed() };
    let traces = tracer.map(|tracer| {
        let layer = tracing_opentelemetry::layer().with_location(false).with_threads(false).with_tracer(tracer);
        layer.with_filter(EnvFilter::new(TRACED))
    });
    tracing_subscriber::registry().with(lines.with_filter(filter)).with(traces).init();
}
