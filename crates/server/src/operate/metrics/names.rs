//! Every metric. `docs/METRICS.md` is made from this list, the dashboard and the alerts of `deploy/` are checked against it, and a test reads a busy
//! server's and finds nothing else.
use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

/// What kind of figure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It goes up and down.
    Gauge,
    /// How values are spread, with the upper bounds they are counted under.
    Histogram(&'static [f64]),
}

impl Kind {
    /// As Prometheus writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }
}

/// What a label may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Values {
    /// One of these words.
    Words(&'static [&'static str]),
    /// The name of an operation, as `docs/openapi.json` has it; `web` for the apps, `none` where no operation was found.
    Operation,
    /// A part of the server, as `/readyz` names it.
    Part,
    /// One value in each process: its version, its node.
    Own,
}

/// A metric.
#[derive(Debug, Clone, Copy)]
pub struct Metric {
    /// Its name.
    pub name: &'static str,
    /// What kind of figure it is.
    pub kind: Kind,
    /// Its labels, and what they may say.
    pub labels: &'static [(&'static str, Values)],
    /// What it says.
    pub help: &'static str,
}

/// Seconds that people and programs wait.
const SECONDS: &[f64] = &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Seconds of a commit.
const COMMIT: &[f64] = &[0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
/// Units that share a commit.
const UNITS: &[f64] = &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];

const STORES: Values = Values::Words(&["network", "endpoint", "store"]);
/// Of files.
const DIRECTIONS: Values = Values::Words(&["written", "read"]);
const FACES: Values = Values::Words(&["cloud_api", "network", "inbox", "console", "sandbox", "server", "web"]);
const OUTCOMES: Values = Values::Words(&[
    "done",
    "refused",
    "malformed",
    "not_logged_in",
    "forbidden",
    "unknown",
    "epoch_conflict",
    "stale_epoch",
    "rule",
    "too_large",
    "rate_limited",
    "unavailable",
    "conflict",
]);
const FRAMES: Values = Values::Words(&[
    "log_in",
    "ack",
    "submit",
    "read",
    "typing",
    "publish_key_packages",
    "claim_key_packages",
    "open_conversation",
    "list_conversations",
    "commit",
    "get_group_info",
    "publish_group_info",
    "make_link_code",
    "list_devices",
    "remove_device",
    "call",
    "ping",
]);
const CLASSES: Values = Values::Words(&["1xx", "2xx", "3xx", "4xx", "5xx"]);
const TAKEN: Values = Values::Words(&["taken", "not_taken"]);
const YES: Values = Values::Words(&["yes", "no"]);

const fn metric(name: &'static str, kind: Kind, labels: &'static [(&'static str, Values)], help: &'static str) -> Metric {
    Metric { name, kind, labels, help }
}

/// All of them.
pub const ALL: &[Metric] = &[
    metric("suki_build_info", Kind::Gauge, &[("version", Values::Own), ("node", Values::Own)], "1; which version and which node this is"),
    metric("suki_uptime_seconds", Kind::Gauge, &[], "Since the start of the process"),
    metric("suki_draining", Kind::Gauge, &[], "1 when the server was told to end"),
    metric("suki_part_state", Kind::Gauge, &[("part", Values::Part)], "How a part of the server stands: 1 ok, 0.5 degraded, 0 failing"),
    metric(
        "suki_requests_total",
        Kind::Counter,
        &[("face", FACES), ("operation", Values::Operation), ("class", CLASSES)],
        "HTTP requests that were answered, by the class of their status",
    ),
    metric(
        "suki_request_seconds",
        Kind::Histogram(SECONDS),
        &[("face", FACES), ("operation", Values::Operation)],
        "From a request's head to its answer's",
    ),
    metric("suki_sessions", Kind::Gauge, &[], "Connections of devices that are open"),
    metric(
        "suki_frames_total",
        Kind::Counter,
        &[("kind", FRAMES), ("outcome", OUTCOMES)],
        "What devices asked, and what became of it: submit is messages, ack and read are receipts, log_in is log-ins",
    ),
    metric("suki_businesses", Kind::Gauge, &[], "Businesses that run on this node"),
    metric(
        "suki_outbox_waiting",
        Kind::Gauge,
        &[],
        "Messages, receipts and reactions of the businesses that run on this node which the network has not taken yet; of one business at most 10,000 are counted",
    ),
    metric(
        "suki_file_bytes_total",
        Kind::Counter,
        &[("direction", DIRECTIONS)],
        "Bytes of files, sealed, that were written to the disk or the bucket, and read from it",
    ),
    metric("suki_store_units_total", Kind::Counter, &[("store", STORES)], "Units of work that write"),
    metric("suki_store_group_units", Kind::Histogram(UNITS), &[("store", STORES)], "How many units shared a commit"),
    metric("suki_store_group_seconds", Kind::Histogram(COMMIT), &[("store", STORES)], "How long a group of units took with its commit"),
    metric("suki_store_waiting", Kind::Gauge, &[("store", STORES)], "Units that waited when the last group was taken"),
    metric(
        "suki_store_reruns_total",
        Kind::Counter,
        &[("store", STORES)],
        "Groups that ran again, since others were in their way or a unit was rolled back",
    ),
    metric("suki_store_errors_total", Kind::Counter, &[("store", STORES)], "Groups that failed as a whole"),
    metric("suki_bus_healthy", Kind::Gauge, &[], "1 when wakes reach other nodes, or there are none"),
    metric("suki_bus_published_total", Kind::Counter, &[], "Wakes for other nodes that were taken in"),
    metric("suki_bus_received_total", Kind::Counter, &[], "Wakes from other nodes"),
    metric("suki_bus_dropped_total", Kind::Counter, &[], "Wakes for other nodes that were not sent; polling finds what they would have told"),
    metric("suki_bus_malformed_total", Kind::Counter, &[], "Frames from the bus that could not be read"),
    metric("suki_bus_reconnects_total", Kind::Counter, &[], "How often the connection to the bus was made again"),
    metric(
        "suki_bus_missed_total",
        Kind::Counter,
        &[],
        "Logs of connected devices that reached further than the bus had told, found by asking the store",
    ),
    metric("suki_bus_waiting_bytes", Kind::Gauge, &[], "Bytes that wait to be sent over the bus"),
    metric("suki_webhooks_queued_total", Kind::Counter, &[], "Deliveries of webhooks that were stored to be sent"),
    metric(
        "suki_webhook_attempts_total",
        Kind::Counter,
        &[("outcome", TAKEN), ("again", YES)],
        "Tries to deliver a webhook; again says whether the delivery had been tried before",
    ),
    metric("suki_webhook_seconds", Kind::Histogram(SECONDS), &[("outcome", TAKEN)], "How long a receiver of webhooks took to answer"),
    metric("suki_webhooks_given_up_total", Kind::Counter, &[], "Deliveries that were given up after seven days"),
    metric("suki_webhook_receivers_failing", Kind::Gauge, &[], "Receivers of webhooks that fail at the moment"),
    metric("process_resident_memory_bytes", Kind::Gauge, &[], "Memory of the process that is in RAM"),
    metric("process_cpu_seconds_total", Kind::Counter, &[], "Processor time of the process, in whole seconds"),
    metric("process_open_fds", Kind::Gauge, &[], "Open files and sockets"),
    metric("process_max_fds", Kind::Gauge, &[], "How many there may be"),
    metric("process_threads", Kind::Gauge, &[], "Threads of the process"),
];

/// Tells the collector what each of them says.
pub(super) fn describe() {
    for metric in ALL {
        match metric.kind {
            Kind::Counter => describe_counter!(metric.name, metric.help),
            Kind::Gauge => describe_gauge!(metric.name, metric.help),
            Kind::Histogram(UNITS) => describe_histogram!(metric.name, Unit::Count, metric.help),
            Kind::Histogram(_) => describe_histogram!(metric.name, Unit::Seconds, metric.help),
        }
    }
}

/// The page `docs/METRICS.md`.
pub fn page() -> String {
    let mut page = String::from(
        "# Metrics\n\n`suki serve --metrics 127.0.0.1:9464` shows them to Prometheus at `/metrics` of that address ([OPERATING.md](OPERATING.md)). No label ever \
         carries an id of a person, a number, a name, a token or a text.\n\nThis page is made from `crates/server/src/operate/metrics/names.rs`.\n\n\
         | metric | kind | labels | what it says |\n|---|---|---|---|\n",
    );
    for metric in ALL {
        let labels: Vec<String> = metric.labels.iter().map(|(name, values)| format!("`{name}`{}", told(*values))).collect();
        page.push_str(&format!("| `{}` | {} | {} | {} |\n", metric.name, metric.kind.word(), labels.join("; "), metric.help));
    }
    page
}

fn told(values: Values) -> String {
    match values {
        Values::Words(words) => format!(": {}", words.join(", ")),
        Values::Operation => ": an operation of [openapi.json](openapi.json), `web`, `none`".into(),
        Values::Part => ": as `/readyz` names it".into(),
        Values::Own => String::new(),
    }
}
