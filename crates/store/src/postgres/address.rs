//! PostgreSQL's address: what libpq's URLs say, with the words for TLS that the client does not know itself.
//!
//! `postgresql://USER:PASSWORD@HOST:PORT,HOST:PORT/DATABASE?target_session_attrs=read-write&sslmode=verify-full&sslrootcert=/PATH/ca.pem`
use super::{
    PostgresOptions, tls,
    wire::{Messages, messages},
};
use crate::error::StoreError;
use percent_encoding::percent_decode_str;
use std::{path::PathBuf, time::Duration};
use tokio_postgres::{
    Client, Config, Error, NoTls,
    config::{Host, LoadBalanceHosts, SslMode},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How many unanswered signs of life end a connection.
const KEEPALIVE_RETRIES: u32 = 2;

/// Where PostgreSQL is, and how it is spoken to.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

/// What an address says about TLS.
#[derive(Default)]
pub(super) struct Asked {
    /// The server has to prove that it is who the address says.
    pub(super) verify: bool,
    /// A file of certificates (PEM) that may sign for it, instead of those that the system trusts.
    pub(super) roots: Option<PathBuf>,
}

impl Address {
    /// Reads an address.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when it is none, or its certificates cannot be read. Its text shows no part of the address, which may hold a password.
    pub(super) fn parse(url: &str, options: &PostgresOptions) -> Result<Self, StoreError> {
        let (rest, asked) = split(url)?;
        // The parser's message is left out for the same reason.
        let mut config: Config = rest
            .parse()
            .map_err(|_| unavailable("the address is not one of PostgreSQL; it looks like postgresql://USER:PASSWORD@HOST:PORT/DATABASE"))?;
        let millis = |millis: u32| Duration::from_millis(millis.into());
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(millis(options.connect_millis));
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(millis(options.silence_millis));
            config.keepalives_idle(millis(options.silence_millis / 2));
            config.keepalives_interval(millis(options.silence_millis / 4).max(Duration::from_secs(1)));
            config.keepalives_retries(KEEPALIVE_RETRIES);
        }
        if let Some(schema) = &options.schema {
            if !(1..=63).contains(&schema.len()) || !schema.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')) {
                return Err(unavailable("a schema's name is 1 to 63 lower-case letters, digits and underscores"));
            }
            // The name that the connections have, so that others see who uses it.
            config.application_name(schema);
        }
        let over_tcp = config.get_hosts().iter().any(|host| matches!(host, Host::Tcp(_)));
        if asked.verify {
            config.ssl_mode(SslMode::Require);
        }
        let tls = if over_tcp && config.get_ssl_mode() != SslMode::Disable { Some(tls::connector(&asked)?) } else { None };
        Ok(Self { config, tls })
    }

    /// The same address for connections of another name.
    pub(super) fn named(mut self, name: &str) -> Self {
        self.config.application_name(name);
        self
    }

    /// Its hosts, each as an address of its own, in the order in which they are tried: one that hangs keeps nobody from the next.
    pub(super) fn hosts(&self) -> Vec<Config> {
        let (hosts, ports) = (self.config.get_hosts().len().max(self.config.get_hostaddrs().len()), self.config.get_ports().len());
        let in_order = self.config.get_load_balance_hosts() == LoadBalanceHosts::Disable;
        // What does not fit together the client refuses, and says why.
        let fits = |count: usize| count <= 1 || count == hosts;
        let all_fit =
            fits(ports) && [self.config.get_hosts().len(), self.config.get_hostaddrs().len()].iter().all(|count| *count == 0 || *count == hosts);
        if hosts <= 1 || !in_order || !all_fit {
            return vec![self.config.clone()];
        }
        (0..hosts).map(|place| alone(&self.config, place)).collect()
    }

    /// How long one host may take until it has let somebody in: its socket, TLS and the log-in.
    pub(super) fn patience(&self) -> Duration {
        3 * self.config.get_connect_timeout().copied().unwrap_or_default()
    }

    /// Connects to a host, if it is what the address asks for.
    pub(super) async fn connect(&self, host: &Config) -> Result<(Client, Messages), Error> {
        match &self.tls {
            Some(tls) => host.connect(tls.clone()).await.map(|(client, connection)| (client, messages(connection))),
            None => host.connect(NoTls).await.map(|(client, connection)| (client, messages(connection))),
        }
    }
}

/// The same with one of its hosts alone.
fn alone(all: &Config, place: usize) -> Config {
    let mut one = Config::new();
    match all.get_hosts().get(place) {
        Some(Host::Tcp(name)) => _ = one.host(name),
        Some(Host::Unix(path)) => _ = one.host_path(path),
        None => {}
    }
    if let Some(address) = all.get_hostaddrs().get(place) {
        one.hostaddr(*address);
    }
    if let Some(port) = all.get_ports().get(place).or_else(|| all.get_ports().first()) {
        one.port(*port);
    }
    if let Some(user) = all.get_user() {
        one.user(user);
    }
    if let Some(password) = all.get_password() {
        one.password(password);
    }
    if let Some(database) = all.get_dbname() {
        one.dbname(database);
    }
    if let Some(options) = all.get_options() {
        one.options(options);
    }
    if let Some(name) = all.get_application_name() {
        one.application_name(name);
    }
    if let Some(timeout) = all.get_connect_timeout() {
        one.connect_timeout(*timeout);
    }
    if let Some(timeout) = all.get_tcp_user_timeout() {
        one.tcp_user_timeout(*timeout);
    }
    if let Some(interval) = all.get_keepalives_interval() {
        one.keepalives_interval(interval);
    }
    if let Some(retries) = all.get_keepalives_retries() {
        one.keepalives_retries(retries);
    }
    one.keepalives(all.get_keepalives()).keepalives_idle(all.get_keepalives_idle());
    one.ssl_mode(all.get_ssl_mode()).ssl_negotiation(all.get_ssl_negotiation());
    one.target_session_attrs(all.get_target_session_attrs()).channel_binding(all.get_channel_binding());
    one
}

/// Takes out of an address what only this module knows.
fn split(url: &str) -> Result<(String, Asked), StoreError> {
    let mut asked = Asked::default();
    let Some((base, query)) = url.split_once('?') else { return Ok((url.to_owned(), asked)) };
    let mut kept = Vec::new();
    for pair in query.split('&') {
        match pair.split_once('=') {
            Some(("sslmode", "verify-full")) => asked.verify = true,
            Some(("sslmode", "verify-ca")) => return Err(unavailable("sslmode=verify-ca is not known; verify-full checks the server's name, too")),
            Some(("sslrootcert", path)) => {
                let path = percent_decode_str(path).decode_utf8().map_err(|_| unavailable("sslrootcert is not a path in UTF-8"))?;
                asked.roots = Some(PathBuf::from(&*path));
                // As with libpq, whoever says whom to trust wants that looked at.
                asked.verify = true;
            }
            _ => kept.push(pair),
        }
    }
    let rest = if kept.is_empty() { base.to_owned() } else { format!("{base}?{}", kept.join("&")) };
    Ok((rest, asked))
}

pub(super) fn unavailable(text: &str) -> StoreError {
    StoreError::Unavailable(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, StoreError> {
        Address::parse(url, &PostgresOptions::default())
    }

    #[test]
    fn tls_is_what_the_address_asks_for() {
        let mode = |url: &str| parse(url).map(|address| (address.config.get_ssl_mode(), address.tls.is_some())).unwrap();
        assert_eq!(mode("postgresql://u@h/d"), (SslMode::Prefer, true));
        assert_eq!(mode("postgresql://u@h/d?sslmode=disable"), (SslMode::Disable, false));
        assert_eq!(mode("postgresql://u@h/d?sslmode=require"), (SslMode::Require, true));
        assert_eq!(mode("postgresql://u@h/d?connect_timeout=1&sslmode=verify-full"), (SslMode::Require, true));
        assert_eq!(mode("postgresql://u@%2Fa%2Ffolder/d"), (SslMode::Prefer, false), "a socket of this machine");
    }

    #[test]
    fn several_hosts_and_time_limits_are_kept() {
        let address = parse("postgresql://u@one:1,two:2/d?target_session_attrs=read-write&sslmode=disable&connect_timeout=7").unwrap();
        assert_eq!((address.config.get_hosts().len(), address.config.get_ports()), (2, &[1, 2][..]));
        assert_eq!(address.config.get_connect_timeout(), Some(&Duration::from_secs(7)));
        assert_eq!(address.config.get_tcp_user_timeout(), Some(&Duration::from_secs(5)));
    }

    #[test]
    fn each_host_is_tried_for_itself_and_nothing_else_of_the_address_is_lost() {
        let said = "u:secret@one:1,%2Fa%2Ffolder:2/d?target_session_attrs=read-write&sslmode=require&connect_timeout=7&channel_binding=disable&options=-c%20a";
        let address = parse(&format!("postgresql://{said}")).unwrap().named("who");
        let hosts = address.hosts();
        assert_eq!(hosts.iter().map(|host| host.get_ports()).collect::<Vec<_>>(), [[1], [2]]);
        for (place, host) in hosts.into_iter().enumerate() {
            let mut again = address.config.clone();
            assert_eq!(host.get_hosts(), &again.get_hosts()[place..=place]);
            // With the hosts of the whole address it is the whole address.
            let mut whole = host.clone();
            match (&again.get_hosts()[1 - place], place) {
                (Host::Unix(path), 0) => _ = whole.host_path(path).port(2),
                (Host::Tcp(name), _) => {
                    _ = whole.host(name).port(1);
                    again = alone(&again, 1).host("one").port(1).clone();
                }
                other => panic!("{other:?}"),
            }
            assert!(whole == again);
        }
        assert_eq!(address.patience(), Duration::from_secs(21));
        for one in ["postgresql://u@h/d", "postgresql://u@one,two/d?load_balance_hosts=random"] {
            let address = parse(one).unwrap();
            assert!(address.hosts() == std::slice::from_ref(&address.config), "{one}");
        }
    }

    #[test]
    fn what_cannot_be_is_refused_without_showing_the_password() {
        for url in [
            "postgresql://u:hunter2@h/d?sslmode=verify-ca",
            "postgresql://u:hunter2@h/d?sslrootcert=/nowhere/hunter2.pem",
            "postgresql://u:hunter2@h/d?sslmode=sometimes",
            "postgresql://u:hunter2@h/d?sslrootcert=%FF",
        ] {
            let error = parse(url).err().map(|error| error.to_string()).unwrap();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
