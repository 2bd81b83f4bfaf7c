//! What was measured, beside the limits of the machine and as ratios to them.
use crate::{Run, campaign::Campaign, machine::Limits, server::Disk};
use std::{fmt, time::Duration};

/// Everything of one run.
#[derive(Default)]
pub struct Report {
    pub limits: Vec<Limits>,
    pub start: Duration,
    pub idle_bytes: u64,
    pub connections: usize,
    pub connection_bytes: f64,
    pub log_ins: f64,
    /// Milliseconds of processor time a log-in.
    pub log_in_cpu: f64,
    pub devices: usize,
    pub joined: f64,
    pub incoming: Option<Run>,
    pub incoming_half: Option<Run>,
    pub incoming_messages: f64,
    pub disk: Option<(Disk, Disk)>,
    /// What was sent over the Cloud API and how: answered, and delivered.
    pub sends: Vec<(String, Run, Run)>,
    pub groups: (f64, f64),
    pub campaign: Option<Campaign>,
    pub relay: Vec<String>,
    pub sockets: Vec<String>,
    pub webhooks: Vec<String>,
}

/// The middle of the measurements.
fn middle(limits: &[Limits], one: impl Fn(&Limits) -> f64) -> f64 {
    let mut all: Vec<f64> = limits.iter().map(one).collect();
    all.sort_unstable_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or_default()
}

/// A number as people read it.
fn number(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# What Suki does on this machine\n")?;
        writeln!(
            f,
            "Written by `make bench` (`scripts/bench`). A release build with default settings and a demo shop, network and endpoint in one process, loaded"
        )?;
        writeln!(f, "over the loopback by headless devices that share the same {} cores. Other work on the machine lowers the rates and", cores())?;
        writeln!(f, "raises the latencies of everything, the limits' too: compare by the ratios and by the processor time.\n")?;
        if ahead() {
            writeln!(f, "Server, load and limits ran under `chrt -r 1`: ahead of whatever else the machine did.\n")?;
        }
        if load() > 2.0 * cores() as f64 {
            writeln!(
                f,
                "**This run met other work: the machine was shared and busy.** At its end {:.1} tasks wanted the {} cores.\n",
                load(),
                cores()
            )?;
        }
        self.limits(f)?;
        self.messages(f)?;
        self.rest(f)
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// How many tasks want the processor, other programs' too, as the system counted over the last minute.
fn load() -> f64 {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or_default()
}

impl Report {
    fn limits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## The machine's limits\n")?;
        writeln!(f, "Measured {} times between the runs below; the middle, and from the least to the most.\n", self.limits.len())?;
        writeln!(f, "| smallest program | a second | from, to | CPU each |\n|---|---|---|---|")?;
        let row = |f: &mut fmt::Formatter<'_>, name: &str, rate: fn(&Limits) -> f64, cpu: Option<fn(&Limits) -> f64>| {
            let least = self.limits.iter().map(rate).fold(f64::INFINITY, f64::min);
            let most = self.limits.iter().map(rate).fold(0.0, f64::max);
            let cpu = cpu.map_or_else(|| "–".to_owned(), |cpu| format!("{:.0} µs", middle(&self.limits, cpu)));
            writeln!(f, "| {name} | {} | {}, {} | {cpu} |", number(middle(&self.limits, rate)), number(least), number(most))
        };
        row(f, "4 KiB overwritten, fdatasync, one after the other", |limits| limits.sync, None)?;
        row(
            f,
            "envelope of 400 bytes appended with SQLite, 1,000 waiting for a common commit",
            |limits| limits.append.0,
            Some(|limits| limits.append.1),
        )?;
        row(f, "JSON echoed by axum to 64 clients", |limits| limits.echo.0, Some(|limits| limits.echo.1))?;
        writeln!(f)
    }

    fn messages(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Messages\n")?;
        writeln!(
            f,
            "{} devices connected over WebSocket, each its own conversation; texts of about 190 bytes. Encrypted with MLS, checked by the rules, committed to",
            number(self.devices as f64)
        )?;
        writeln!(
            f,
            "the network's log and to the endpoint's store before each answer, decrypted at the other end and acknowledged, receipts delivered."
        )?;
        writeln!(
            f,
            "Times from writing to the end named; at half load from when the message was due. Targets: 4,000 a second each way, 30 CPU-s, p99 25 ms at half load; over the Cloud API at least 1,000 a second with p99 250 ms for one number.\n"
        )?;
        writeln!(f, "| run | a second | p50 | p99 | server CPU-s per 100,000 | of the limit |\n|---|---|---|---|---|---|")?;
        let (append, echo) = (middle(&self.limits, |limits| limits.append.0), middle(&self.limits, |limits| limits.echo.0));
        let row = |f: &mut fmt::Formatter<'_>, name: &str, run: &Run, limit: &str, of: f64| {
            let (rate, p50, p99) = (number(run.per_second), run.latencies.p50, run.latencies.p99);
            writeln!(f, "| {name} | {rate} | {p50:.1} ms | {p99:.1} ms | {:.1} | {:.3} of the {limit} |", run.cpu_100k, run.per_second / of)
        };
        for (name, run) in [("customer to shop and receipt back, saturated", &self.incoming), ("the same at half that load", &self.incoming_half)] {
            run.iter().try_for_each(|run| row(f, name, run, "appends", append))?;
        }
        for (name, answered, delivered) in &self.sends {
            row(f, &format!("Cloud API send answered (durable, encrypted): {name}"), answered, "echoes", echo)?;
            row(f, "… delivered to the customer's device", delivered, "echoes", echo)?;
        }
        writeln!(
            f,
            "\nA Cloud API send's processor time holds its delivery, its statuses and its receipts. The devices' own work, on the same cores, is not in it. 64 clients\n\
             send where no other number is told. With more of them than that, answers come faster than the cores deliver and decrypt what is taken, so that a\n\
             delivery's time is that of the queue.\n"
        )?;
        self.campaign(f)?;
        writeln!(
            f,
            "The relay alone behind 10,000 sockets, and beside it the smallest program that appends, pushes and acknowledges (no accounts, rules,"
        )?;
        writeln!(f, "receipts or metering). Targets: half of its rate; at 2,000 a second p50 1 ms and p99 10 ms.\n")?;
        writeln!(f, "```text\n{}\n```\n", self.sockets.join("\n"))?;
        writeln!(f, "The relay alone (ciphertext in, durable, pushed, acknowledged; no sockets, no encryption; the load in the same process):\n")?;
        writeln!(f, "```text\n{}\n```\n", self.relay.join("\n"))?;
        writeln!(f, "Webhooks to a receiver that answers, from the commit until it has them, beside 1,000 that accept and never answer:\n")?;
        writeln!(f, "```text\n{}\n```\n", self.webhooks.join("\n"))
    }

    fn campaign(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(campaign) = &self.campaign else { return Ok(()) };
        let (customers, took) = (campaign.customers as f64, campaign.took.as_secs_f64());
        writeln!(
            f,
            "A campaign: a template to {} customers, each in his own conversation that existed, nobody connected and no group in memory (the server was started anew):",
            number(customers)
        )?;
        writeln!(
            f,
            "{took:.1} s until the network had the last, {:.1} CPU-s. At that rate 100,000 take {:.0} s (target 60 s); so many were not opened, which alone takes longer than all of this.\n",
            campaign.cpu,
            took * 100_000.0 / customers
        )
    }

    fn rest(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "## Start, memory, log-ins, disk\n")?;
        writeln!(f, "| what | measured | target |\n|---|---|---|")?;
        writeln!(
            f,
            "| start of the process to the first answer of `/healthz`, middle of 5 | {:.0} ms | 200 ms |",
            self.start.as_secs_f64() * 1000.0
        )?;
        writeln!(f, "| resident memory, idle demo shop | {:.1} MiB | 40 MiB |", self.idle_bytes as f64 / 1_048_576.0)?;
        let connections = number(self.connections as f64);
        writeln!(f, "| resident memory an idle connection, {connections} logged in | {:.1} kB | 6 kB |", self.connection_bytes / 1000.0)?;
        let echo = middle(&self.limits, |limits| limits.echo.0);
        let (rate, cpu) = (number(self.log_ins), self.log_in_cpu);
        writeln!(
            f,
            "| log-ins a second (connection, upgrade, challenge, signature) | {rate}, {cpu:.2} ms CPU each; {:.3} of the echoes | 3,000, 0.5 ms |",
            self.log_ins / echo
        )?;
        writeln!(f, "| customers a second that register, join and get their first receipt | {} | |", number(self.joined))?;
        if let Some((before, after)) = self.disk {
            let each = |from: u64, to: u64| to.saturating_sub(from) as f64 / self.incoming_messages.max(1.0);
            let network = number(each(before.network, after.network));
            writeln!(f, "| network's disk a message, with its receipt, until both are purged | {network} bytes | 700 bytes for each of the two |")?;
            writeln!(f, "| endpoint's disk a message, its text included | {} bytes | |", number(each(before.endpoint, after.endpoint)))?;
        }
        let (cold, hot) = self.groups;
        writeln!(
            f,
            "| endpoint's group state a conversation, sealed | {} bytes, of which {} change with each message | 6 kB |",
            number(cold + hot),
            number(hot)
        )
    }
}

/// Whether this runs, and with it whatever it starts, ahead of other programs (field 41 of the process's own line, the 39th behind its name: the policy; 2 is round robin).
fn ahead() -> bool {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    stat.rsplit(')').next().and_then(|fields| fields.split_whitespace().nth(38)) == Some("2")
}
