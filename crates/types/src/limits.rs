//! Every technical limit in one table. The platform's rules are not here: they come from the policy profile.

/// The most bytes of one WebSocket frame between a device and the network: a commit that adds five devices with X-Wing fits.
pub const FRAME_BYTES: usize = 256 * 1024;
/// The most bytes of one MLS application message; a text of 4,096 characters of four bytes each, padded, fits four times.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// The most bytes of one commit, welcome, key package or group info.
pub const HANDSHAKE_BYTES: usize = 128 * 1024;
/// The most bytes of the additional data of a message.
pub const HEADER_BYTES: usize = 1024;
/// How many requests one connection may have under way.
pub const REQUESTS_UNDER_WAY: usize = 1024;
/// How many log entries one push carries at most.
pub const ENTRIES_PER_PUSH: usize = 128;
/// The most bytes of the entries of one push, unless a single one has more. Whether a line lives is seen by whole frames alone, in a browser at least: so they
/// are small enough that over 2 kB a second one comes before a device gives the connection up, after 20 s in Rust and 38 s in a browser.
pub const PUSH_BYTES: usize = 32 * 1024;
/// How many devices one account may have.
pub const DEVICES_PER_ACCOUNT: usize = 5;
/// How many devices one commit may add or remove, and how many a conversation's group may have: those of 32 customers and a business.
pub const DEVICES_PER_GROUP: usize = 165;
/// How many key packages of one suite the network keeps for a device, the last-resort one not counted.
pub const KEY_PACKAGES: usize = 100;
/// How many entries one device's log may hold before senders are told to wait.
pub const LOG_ENTRIES_PER_DEVICE: u64 = 100_000;
/// The most characters of a text message (Cloud API, section 3b).
pub const TEXT_CHARS: usize = 4096;
/// The most cards of a template's carousel (Cloud API, section 3b).
pub const TEMPLATE_CARDS: usize = 10;
/// The most code points of a reaction's emoji: a family with skin tones has eleven.
pub const EMOJI_CHARS: usize = 16;
/// The most characters of what stands under a picture, a film or a document (Cloud API, section 3b).
pub const CAPTION_CHARS: usize = 1024;
/// The most characters of a file's name.
pub const FILENAME_CHARS: usize = 240;
/// The most bytes of a picture's ThumbHash.
pub const PREVIEW_BYTES: usize = 100;
/// The most people that one message introduces (Cloud API, section 3b).
pub const CONTACT_CARDS: usize = 257;
/// The most products that one message shows (Cloud API, section 3b).
pub const PRODUCTS: usize = 30;
/// The most bytes of JSON inside a message: a flow's answer, what is known of an address, a small flow.
pub const CONTENT_JSON_BYTES: usize = 48 * 1024;
/// The most bytes of a flow's file (Cloud API, section 3a).
pub const FLOW_JSON_BYTES: usize = 10 * 1024 * 1024;
/// The most bytes of a flow's file that travels inside a message; a larger one travels as a file of its own.
pub const FLOW_INSIDE_BYTES: usize = 32 * 1024;
/// How long a flow's own server is waited for, in milliseconds.
pub const FLOW_SERVER_MILLIS: i64 = 10_000;
/// For how long a device waits for the answer to an exchange, in milliseconds; a question that is older is not answered.
pub const EXCHANGE_MILLIS: i64 = 30_000;
/// How many exchanges one business's endpoint answers at once; others wait their turn.
pub const EXCHANGES_AT_ONCE: usize = 64;
/// The most characters of a person's name.
pub const NAME_CHARS: usize = 75;
/// The most characters of what a business says of itself (Cloud API, `about`).
pub const ABOUT_CHARS: usize = 139;
/// The most bytes of a JSON request body.
pub const JSON_BYTES: usize = 1024 * 1024;
/// The most bytes of a form with a picture or with attached files that is read whole: a picture of 5 MiB and what stands beside it.
pub const FORM_BYTES: usize = 6 * 1024 * 1024;
/// For how long a typing signal holds, in milliseconds (Cloud API, section 3e).
pub const TYPING_MILLIS: i64 = 25_000;
/// For how long a code that adds a device holds, in milliseconds.
pub const LINK_CODE_MILLIS: i64 = 5 * 60_000;
/// For how long a code with which a business registers holds, in milliseconds.
pub const ENROLMENT_MILLIS: i64 = 24 * 3_600_000;
/// For how long a code sent to a phone holds, in milliseconds.
pub const PHONE_CODE_MILLIS: i64 = 10 * 60_000;
/// How many wrong codes a phone may have before it has to ask for a new one.
pub const PHONE_CODE_TRIES: i64 = 5;
/// How many codes may be sent to one phone in an hour.
pub const PHONE_CODES_PER_HOUR: i64 = 5;
/// For how long an operator's session holds without use, in milliseconds.
pub const OPERATOR_SESSION_MILLIS: i64 = 14 * 24 * 3_600_000;
/// For how long a one-time sign-in link holds, in milliseconds.
pub const SIGN_IN_LINK_MILLIS: i64 = 24 * 3_600_000;
/// How old a message may be that a business reacts to, in milliseconds (Cloud API, section 3b).
pub const REACTION_MILLIS: i64 = 30 * 24 * 3_600_000;
/// For how long a webhook is tried again, in milliseconds (Cloud API, section 3g).
pub const WEBHOOK_RETRY_MILLIS: i64 = 7 * 24 * 3_600_000;
/// The longest wait between two tries of one webhook, in milliseconds.
pub const WEBHOOK_LONGEST_WAIT_MILLIS: i64 = 3_600_000;
/// How many webhooks are under way to one receiver at once, when it answers promptly.
pub const WEBHOOKS_UNDER_WAY: usize = 64;
/// After how many milliseconds without an answer a receiver counts as slow: it gets no more than two at once, and its sockets are those of the slow.
pub const WEBHOOK_SLOW_MILLIS: i64 = 1_000;
/// After how many failures in a row a receiver counts as down: from then on it is only asked now and then whether it is back.
pub const WEBHOOK_FAILURES: u32 = 5;
/// The shortest and the longest time between two such questions, in milliseconds; between them it is an eighth of the time it has been down.
pub const WEBHOOK_PROBE_MILLIS: (i64, i64) = (2_000, 600_000);
/// How many webhooks wait in memory for one receiver; all further ones wait in the store.
pub const WEBHOOKS_IN_MEMORY: usize = 256;
/// The most sockets that webhooks have open at once, for receivers that answer promptly and for all others, as shares of four.
pub const WEBHOOK_SOCKETS: usize = 4_096;
/// How many endpoints of its own a business may have.
pub const WEBHOOK_ENDPOINTS: usize = 20;
/// The most conversations that the filter of such an endpoint names.
pub const WEBHOOK_FILTER_CHATS: usize = 100;
/// For how long the log of webhooks is kept, in milliseconds.
pub const WEBHOOK_LOG_MILLIS: i64 = 14 * 24 * 3_600_000;
/// How many deliveries of one business the log keeps.
pub const WEBHOOK_LOG_ROWS: i64 = 250_000;
/// How many failed tries of one delivery the log keeps: the newest.
pub const WEBHOOK_ATTEMPTS: i64 = 50;
/// How many bytes of a receiver's answer the log keeps.
pub const WEBHOOK_ANSWER_BYTES: usize = 1_024;
/// How many deliveries one call replays at most.
pub const WEBHOOK_REPLAY: usize = 10_000;
/// For how long a session of the platform's console holds without use, in milliseconds.
pub const CONSOLE_SESSION_MILLIS: i64 = 12 * 3_600_000;
/// The most characters of an appeal against a measure.
pub const APPEAL_CHARS: usize = 4000;
/// The most bytes of a piece of a document that a business uploads: 128 KiB in base64.
pub const DOCUMENT_PART_BYTES: usize = 96 * 1024;
/// The most bytes of such a document.
pub const DOCUMENT_BYTES: usize = 5 * 1024 * 1024;
/// How many such documents a business may have.
pub const DOCUMENTS: usize = 5;
/// How many days back analytics may begin (Cloud API, section 3f).
pub const ANALYTICS_DAYS: i64 = 366;
/// How many days back those of templates may begin (Cloud API, section 3f).
pub const TEMPLATE_ANALYTICS_DAYS: i64 = 90;
/// For how many days half hours are kept.
pub const HALF_HOURS_DAYS: i64 = 90;
/// Of how many templates one call tells the figures (Cloud API, section 3f).
pub const ANALYTICS_TEMPLATES: usize = 10;
/// The last second that a program may name, since 1970: the end of the year 9999.
pub const LAST_SECOND: i64 = 253_402_300_799;
/// The most bytes of a template's parts as JSON, so that one fits into an answer and a pack.
pub const TEMPLATE_BYTES: usize = 64 * 1024;
/// The most bytes of a template's name (Cloud API, section 3b).
pub const TEMPLATE_NAME_BYTES: usize = 512;
/// The most characters of a text that is searched for in templates.
pub const SEARCH_CHARS: usize = 200;
/// The most bytes of the head of a request to the development proxy.
pub const PROXY_HEAD_BYTES: usize = 8 * 1024;
/// The most header lines of such a head.
pub const PROXY_HEADERS: usize = 64;
/// For how long a client of the development TLS may take to open a tunnel, to shake hands, and to send the head of a request, in milliseconds each.
pub const DEV_TLS_PATIENCE_MILLIS: i64 = 20_000;
/// How many connections the development TLS holds at once.
pub const DEV_TLS_CONNECTIONS: usize = 1024;
/// The most bytes of a request's head over the development TLS.
pub const DEV_TLS_HEAD_BYTES: usize = 64 * 1024;
/// For how many milliseconds the parts of a server are not asked again how they stand.
pub const READINESS_MILLIS: i64 = 1_000;
/// A part that does not say within so many milliseconds how it stands is taken for one that fails.
pub const READINESS_PATIENCE_MILLIS: i64 = 5_000;
/// A check of the doctor takes at most so many milliseconds.
pub const DOCTOR_PATIENCE_MILLIS: i64 = 10_000;
/// How often figures that nobody reads are summed up, in milliseconds.
pub const METRICS_UPKEEP_MILLIS: i64 = 10_000;
/// How many spans may wait for the collector of traces; beyond it they are dropped.
pub const TRACES_WAITING: usize = 16_384;
/// How many spans go to the collector at once.
pub const TRACES_BATCH: usize = 4_096;
/// For how many milliseconds spans are gathered.
pub const TRACES_PAUSE_MILLIS: i64 = 1_000;
/// For how many milliseconds a collector of traces may take.
pub const TRACES_TIMEOUT_MILLIS: u64 = 5_000;
/// How often the files of a certificate are looked at, in milliseconds.
pub const TLS_RELOAD_MILLIS: i64 = 10_000;
/// How often a node that has no certificate yet looks whether the nodes have one, in milliseconds.
pub const TLS_FIRST_MILLIS: i64 = 1_000;
/// For how many milliseconds one node orders a certificate until another may, when nothing is heard of how it went.
pub const TLS_ORDER_MILLIS: i64 = 180_000;
/// How long the pause is after a certificate was not had, in milliseconds; it doubles with each failure.
pub const TLS_ORDER_PAUSE_MILLIS: i64 = 1_000;
/// The longest of those pauses, in milliseconds.
pub const TLS_ORDER_MOST_MILLIS: i64 = 3_600_000;
/// How many TLS handshakes happen at once.
pub const TLS_HANDSHAKES: usize = 1024;
/// For how many milliseconds a TLS handshake may last.
pub const TLS_HANDSHAKE_MILLIS: i64 = 15_000;
/// In how many steps a node that leaves others behind ends its connections.
pub const DRAIN_SLICES: u64 = 20;
/// How many apps a business may have.
pub const APPS: usize = 50;
/// How many access tokens of a business may be good at once.
pub const TOKENS: u64 = 200;
/// For how long a token or code that ended or was revoked is remembered, in milliseconds.
pub const TOKEN_KEPT_MILLIS: i64 = 30 * 24 * 3_600_000;
/// The most bytes of an address.
pub const ADDRESS_BYTES: usize = 2048;
