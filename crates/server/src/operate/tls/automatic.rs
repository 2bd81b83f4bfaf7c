//! Certificates that an authority gives by itself (ACME, RFC 8555), proven over TLS on the address that everybody uses (TLS-ALPN-01, RFC 8737). Account and
//! certificate are kept in the data folder: for a server alone; what nodes share is [`super::shared`].
use super::{Options, crypto};
use crate::cli::Failure;
use futures_util::StreamExt as _;
use rustls_acme::{AcmeConfig, EventOk, ResolvesServerCertAcme, caches::DirCache};
use std::{fs, os::unix::fs::DirBuilderExt as _, path::Path, sync::Arc};
use tokio_rustls::rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject as _},
};

/// The protocol by which the authority asks.
pub const CHALLENGE: &[u8] = b"acme-tls/1";
/// The most names one certificate has.
const NAMES: usize = 100;

/// Begins to get certificates and to renew them, and gives what shows them.
///
/// # Errors
/// When a name is none, the folder cannot be made, or the directory's authority cannot be read.
pub fn start(options: &Options, data: &Path) -> Result<Arc<ResolvesServerCertAcme>, Failure> {
    check(&options.domains)?;
    let folder = data.join("acme");
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .map_err(|error| format!("cannot make the folder for certificates {}: {error}", folder.display()))?;
    let contact = options.contact.iter().map(|mail| format!("mailto:{mail}"));
    let config = AcmeConfig::new_with_provider(&options.domains, crypto()).contact(contact).cache(DirCache::new(folder));
    let config = match &options.directory {
        Some(directory) => config.directory(directory),
        None => config.directory_lets_encrypt(true),
    };
    let mut state = config.client_tls_config(client(options.directory_ca.as_deref())?).state();
    let resolver = state.resolver();
    tokio::spawn(async move {
        while let Some(event) = state.next().await {
            match event {
                Ok(EventOk::DeployedCachedCert) => tracing::info!("the certificate that was kept is shown"),
                Ok(EventOk::DeployedNewCert) => tracing::info!("a new certificate is shown"),
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "a certificate was not had; it is tried again, with longer and longer pauses"),
            }
        }
    });
    Ok(resolver)
}

/// Checks the names before an authority is asked.
pub(super) fn check(names: &[String]) -> Result<(), Failure> {
    if names.len() > NAMES {
        return Err(format!("--tls-domain has {} names, and one certificate has at most {NAMES}", names.len()).into());
    }
    let good = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match names.iter().find(|name| name.len() > 253 || name.parse::<std::net::IpAddr>().is_ok() || !name.split('.').all(good)) {
        Some(name) => Err(format!("--tls-domain {name} is no name of a server; write it as chat.example.com, several with commas").into()),
        None => Ok(()),
    }
}

/// A client that trusts who is in this file and nobody else; without a file, the public authorities.
pub(super) fn client(trusted: Option<&Path>) -> Result<Arc<ClientConfig>, Failure> {
    let roots = match trusted {
        Some(path) => authorities(path)?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let config = ClientConfig::builder_with_provider(crypto()).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

fn authorities(path: &Path) -> Result<RootCertStore, Failure> {
    let failed = |error: &dyn std::fmt::Display| format!("--tls-directory-ca {}: {error}", path.display());
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| failed(&error))? {
        roots.add(certificate.map_err(|error| failed(&error))?).map_err(|error| failed(&error))?;
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_before_an_authority_is_asked() {
        let told = |name: &str| check(&[name.to_owned()]);
        for good in ["chat.example.com", "localhost", "a-b.c1.ph", "xn--nena-0qa.ph"] {
            told(good).unwrap_or_else(|error| panic!("{good}: {error}"));
        }
        for bad in ["", "https://a.b", "a..b", "1.2.3.4", "a_b.c", "*.a.b", "a b"] {
            assert!(told(bad).is_err(), "{bad}");
        }
        let many: Vec<String> = (0..=NAMES).map(|number| format!("n{number}.example.com")).collect();
        assert!(check(&many).expect_err("too many").to_string().contains("at most 100"));
    }
}
