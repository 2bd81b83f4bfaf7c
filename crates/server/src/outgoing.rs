//! HTTP that leaves this server, to addresses that others chose: no private addresses, no redirects, ten seconds (a webhook up to two more), 64 KiB.
use reqwest::{
    Client, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    io,
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use suki_endpoint::dispatch::{Http, HttpAnswer};
use suki_types::limits;
use url::Host;

/// The most bytes of an answer that are read.
const ANSWER_BYTES: usize = 64 * 1024;
/// The longest address.
const URL_BYTES: usize = 2_000;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// Webhooks that left at the same moment are given up over so much time: noting a thousand failures at once would hold up everybody else's.
const SPREAD_MILLIS: u64 = 2_000;

/// The client for callbacks.
#[derive(Clone)]
pub struct Outgoing {
    client: Client,
    guard: Guard,
    sockets: usize,
    posts: Arc<AtomicU64>,
}

impl Outgoing {
    /// A client that reaches public addresses, and the loopback only if `loopback` is set: in the demo and the sandbox.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(loopback: bool) -> Result<Self, reqwest::Error> {
        let guard = Guard::new(loopback);
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .connect_timeout(Duration::from_secs(5))
            .no_proxy()
            // A thousand receivers must not keep a thousand times as many sockets open for nothing.
            .pool_max_idle_per_host(16)
            .pool_idle_timeout(Duration::from_secs(30))
            .user_agent(concat!("suki/", env!("CARGO_PKG_VERSION")))
            .dns_resolver(Arc::new(guard))
            .build()?;
        Ok(Self { client, guard, sockets: limits::WEBHOOK_SOCKETS, posts: Arc::default() })
    }

    /// With a quarter of so many open files for webhooks: the rest is for devices and stores.
    #[must_use]
    pub fn of_open_files(mut self, open_files: usize) -> Self {
        self.sockets = (open_files / 4).clamp(64, limits::WEBHOOK_SOCKETS);
        self
    }
}

fn refusal() -> String {
    "the address is private or local; only public addresses are called (the loopback too in the demo and the sandbox)".into()
}

/// Whether an address may be called.
fn allowed(ip: IpAddr, loopback: bool) -> bool {
    match ip {
        ip if ip.is_loopback() => loopback,
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let shared = a == 100 && (64..128).contains(&b);
            let reserved = a == 0 || a >= 240 || (a == 198 && (18..20).contains(&b)) || (a == 192 && b == 0);
            !(ip.is_private() || ip.is_link_local() || ip.is_multicast() || ip.is_documentation() || shared || reserved)
        }
        IpAddr::V6(ip) => match ip.to_ipv4_mapped() {
            Some(ip) => allowed(IpAddr::V4(ip), loopback),
            None => is_global_unicast(ip),
        },
    }
}

/// 2000::/3 without the documentation range and the ranges that embed IPv4 addresses.
fn is_global_unicast(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    let embeds_ipv4 = first == 0x2002 || (first == 0x2001 && second == 0);
    first & 0xe000 == 0x2000 && !(first == 0x2001 && second == 0xdb8) && !embeds_ipv4
}

/// Which addresses may be called. It resolves names to those, and to no others: what it finds is what is connected to.
#[derive(Clone, Copy)]
pub(crate) struct Guard {
    loopback: bool,
}

impl Guard {
    pub(crate) const fn new(loopback: bool) -> Self {
        Self { loopback }
    }

    /// The address, if it may be asked. Names are checked when they are resolved.
    pub(crate) fn check(&self, url: &str) -> Result<Url, String> {
        let url = if url.len() > URL_BYTES { None } else { Url::parse(url).ok() };
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or("the address is not http or https, or longer than 2,000 bytes")?;
        let ip = match url.host() {
            Some(Host::Ipv4(ip)) => Some(IpAddr::V4(ip)),
            Some(Host::Ipv6(ip)) => Some(IpAddr::V6(ip)),
            Some(Host::Domain(_)) => None,
            None => return Err("the address names no host".into()),
        };
        match ip {
            Some(ip) if !allowed(ip, self.loopback) => Err(refusal()),
            _ => Ok(url),
        }
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.filter(|at| allowed(at.ip(), loopback)).collect();
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, refusal()).into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// What went wrong, without the address: it may carry a secret.
pub(crate) fn reason(error: &reqwest::Error) -> String {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(one) = source {
        if let Some(io) = one.downcast_ref::<io::Error>() {
            return format!("the address cannot be reached: {io}");
        }
        source = one.source();
    }
    let what = if error.is_timeout() { "it did not answer within ten seconds" } else { "the connection failed" };
    format!("the address cannot be reached: {what}")
}

/// How long this one's answer is waited for: never less than [`PATIENCE`]. Posts that follow each other fall evenly over the spread (multiples of the golden
/// ratio), so that no randomness is needed.
const fn patience(post: u64) -> Duration {
    let part = post.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    Duration::from_millis(PATIENCE.as_millis() as u64 + ((part * SPREAD_MILLIS) >> 32))
}

async fn finish(request: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>), String> {
    let mut response = request.send().await.map_err(|error| reason(&error))?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
        body.extend_from_slice(&chunk[..chunk.len().min(ANSWER_BYTES - body.len())]);
        if body.len() == ANSWER_BYTES {
            break;
        }
    }
    Ok((response.status().as_u16(), body))
}

impl Http for Outgoing {
    fn get(&self, url: &str) -> HttpAnswer {
        let checked = self.guard.check(url).map(|url| self.client.get(url));
        Box::pin(async move { finish(checked?).await })
    }

    fn sockets(&self) -> usize {
        self.sockets
    }

    fn post(&self, url: &str, headers: Vec<(&'static str, String)>, body: Arc<Vec<u8>>) -> HttpAnswer {
        let checked = self.guard.check(url).map(|url| {
            let patience = patience(self.posts.fetch_add(1, Ordering::Relaxed));
            let request = self.client.post(url).timeout(patience).header("Content-Type", "application/json").body(body.as_ref().clone());
            headers.into_iter().fold(request, |request, (name, value)| request.header(name, value))
        });
        Box::pin(async move { finish(checked?).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_addresses_are_refused_in_every_form() {
        let guard = Guard::new(false);
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://10.1.2.3/",
            "http://192.168.0.1/",
            "http://172.16.0.1/",
            "http://169.254.169.254/",
            "http://100.64.0.1/",
            "http://0.0.0.0/",
            "http://[fe80::1]/",
            "http://[fc00::1]/",
            "http://[2002:7f00:1::]/",
            "file:///etc/passwd",
            "ftp://example.com/",
            "http://",
            "nonsense",
        ] {
            assert!(guard.check(url).is_err(), "{url}");
        }
        for url in ["https://example.com/hook", "http://93.184.216.34/", "http://[2606:2800:220:1::]/"] {
            assert!(guard.check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_thousand_posts_are_given_up_one_after_the_other() {
        let mut given_up: Vec<_> = (0..1_000).map(patience).collect();
        given_up.sort_unstable();
        assert!(given_up[0] >= PATIENCE && given_up[999] < PATIENCE + Duration::from_millis(SPREAD_MILLIS));
        let most = given_up.iter().map(|from| given_up.iter().filter(|at| (*from..*from + Duration::from_millis(100)).contains(*at)).count()).max();
        assert!(most.is_some_and(|most| most <= 60), "{most:?} of them within a tenth of a second");
    }

    #[test]
    fn the_demo_may_call_the_loopback_and_nothing_else_private() {
        let guard = Guard::new(true);
        assert!(guard.check("http://127.0.0.1:9000/hook").is_ok());
        assert!(guard.check("http://10.0.0.1/").is_err());
    }
}
