//! Where the broker is, as an owner writes it.
use async_nats::{ConnectOptions, ServerAddr};
use percent_encoding::percent_decode_str;
use std::{fmt, path::PathBuf, str::FromStr};
use url::Url;

/// The addresses of a NATS server, or of several that are one cluster: `nats://USER:PASSWORD@HOST:PORT`, separated by commas. `tls://` asks for TLS;
/// `?ca=FILE` names the certificates to trust beside those of the system, `?cert=FILE&key=FILE` this node's own. A name without a password is a token.
#[derive(Clone)]
pub struct Address {
    servers: Vec<ServerAddr>,
    access: Access,
    ca: Option<PathBuf>,
    certificate: Option<(PathBuf, PathBuf)>,
}

#[derive(Clone, PartialEq, Eq)]
enum Access {
    Open,
    Token(String),
    Password(String, String),
}

/// Why an address is none. The address itself is not repeated: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read.
    #[error(
        "the address of the bus cannot be read; write nats://HOST:PORT or tls://HOST:PORT, several separated by commas, with USER:PASSWORD@ or TOKEN@ before the host if it asks for one"
    )]
    Form,
    /// The servers of one cluster take the same user.
    #[error("the addresses of the bus name different users; the servers of one cluster take the same user, so name it at the first alone")]
    Users,
    /// A parameter that is not known, or a certificate without its key.
    #[error("the address of the bus may end with ?ca=FILE, and with cert=FILE and key=FILE together, and with nothing else")]
    Parameter,
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let mut address = Self { servers: Vec::new(), access: Access::Open, ca: None, certificate: None };
        for part in text.split(',').map(str::trim) {
            let with_scheme = if part.contains("://") { part.to_owned() } else { format!("nats://{part}") };
            let url: Url = with_scheme.parse().map_err(|_| AddressError::Form)?;
            address.add(url)?;
        }
        Ok(address)
    }
}

impl Address {
    fn add(&mut self, mut url: Url) -> Result<(), AddressError> {
        let has_host = url.host_str().is_some_and(|host| !host.is_empty());
        if !has_host || !matches!(url.scheme(), "nats" | "tls") || !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(AddressError::Form);
        }
        let access = Access::of(&url)?;
        if access != Access::Open {
            if self.access != Access::Open && self.access != access {
                return Err(AddressError::Users);
            }
            self.access = access;
        }
        self.parameters(&url)?;
        // What is a secret goes another way, and the rest may be shown.
        url.set_query(None);
        url.set_username("").and_then(|()| url.set_password(None)).map_err(|()| AddressError::Form)?;
        self.servers.push(ServerAddr::from_url(url).map_err(|_| AddressError::Form)?);
        Ok(())
    }

    fn parameters(&mut self, url: &Url) -> Result<(), AddressError> {
        let (mut certificate, mut key) = (None, None);
        for (name, value) in url.query_pairs() {
            let file = Some(PathBuf::from(value.as_ref()));
            match name.as_ref() {
                "ca" => self.ca = file,
                "cert" => certificate = file,
                "key" => key = file,
                _ => return Err(AddressError::Parameter),
            }
        }
        match (certificate, key) {
            (None, None) => {}
            (Some(certificate), Some(key)) => self.certificate = Some((certificate, key)),
            _ => return Err(AddressError::Parameter),
        }
        Ok(())
    }

    pub(super) fn servers(&self) -> Vec<ServerAddr> {
        self.servers.clone()
    }

    pub(super) fn apply(&self, options: ConnectOptions) -> ConnectOptions {
        let mut options = match self.access.clone() {
            Access::Open => options,
            Access::Token(token) => options.token(token),
            Access::Password(user, password) => options.user_and_password(user, password),
        };
        if let Some(ca) = &self.ca {
            options = options.add_root_certificates(ca.clone());
        }
        if let Some((certificate, key)) = &self.certificate {
            options = options.add_client_certificate(certificate.clone(), key.clone());
        }
        options
    }
}

impl Access {
    fn of(url: &Url) -> Result<Self, AddressError> {
        let text = |text: &str| percent_decode_str(text).decode_utf8().map(|text| text.into_owned()).map_err(|_| AddressError::Form);
        Ok(match (url.username(), url.password()) {
            ("", None) => Self::Open,
            (token, None) => Self::Token(text(token)?),
            (user, Some(password)) => Self::Password(text(user)?, text(password)?),
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, server) in self.servers.iter().enumerate() {
            write!(f, "{}{}:{}", if place == 0 { "" } else { ", " }, server.host(), server.port())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cluster_of_servers_with_one_user() {
        let address: Address = "nats://shop:a%3Ab@one:4223, tls://two?ca=/ca.pem,three".parse().expect("it is right");
        assert_eq!(address.to_string(), "one:4223, two:4222, three:4222");
        assert!(address.access == Access::Password("shop".into(), "a:b".into()));
        assert_eq!((address.servers[1].tls_required(), address.ca), (true, Some(PathBuf::from("/ca.pem"))));
        let token: Address = "nats://s3cret@[::1]:4222".parse().expect("it is right");
        assert!(token.access == Access::Token("s3cret".into()) && token.to_string() == "::1:4222");
        assert!(!format!("{token:?}").contains("s3cret"));
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        let why = |text: &str| text.parse::<Address>().expect_err("it is wrong");
        for text in ["", "http://one:4222", "nats://", "nats://one:70000", "nats://one/path", "nats://s3cret@one:x", "one,,two"] {
            assert_eq!(why(text), AddressError::Form, "{text}");
        }
        assert_eq!(why("nats://a:b@one,nats://c:d@two"), AddressError::Users);
        for text in ["nats://one?cert=/c.pem", "nats://one?name=x"] {
            assert_eq!(why(text), AddressError::Parameter, "{text}");
        }
    }
}
