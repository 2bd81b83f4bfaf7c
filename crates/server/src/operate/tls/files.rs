//! A certificate and its key out of files. Whoever renews them writes the files anew, and the server takes them up by itself: connections that are open
//! stay, new ones get the new certificate.
use super::crypto;
use crate::cli::Failure;
use parking_lot::RwLock;
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::Arc,
};
use suki_types::{Env, Timestamp, limits};
use tokio_rustls::rustls::{
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use x509_parser::prelude::{FromDer as _, X509Certificate};

/// The files, and what stood in them when they were last good.
pub struct Files {
    certificate: PathBuf,
    key: PathBuf,
    current: RwLock<Current>,
}

struct Current {
    texts: [Vec<u8>; 2],
    certified: Arc<CertifiedKey>,
}

impl Files {
    /// Reads them.
    ///
    /// # Errors
    /// When one of them cannot be read, or they do not belong together; the text says which.
    pub fn open(certificate: PathBuf, key: PathBuf) -> Result<Arc<Self>, Failure> {
        let current = read(&certificate, &key)?;
        Ok(Arc::new(Self { certificate, key, current: RwLock::new(current) }))
    }

    /// When the certificate ends.
    ///
    /// # Errors
    /// When it does not say so.
    pub fn ends_at(&self) -> Result<Timestamp, Failure> {
        let certified = self.current.read().certified.clone();
        let shown = self.certificate.display();
        let first = certified.cert.first().ok_or_else(|| format!("{shown} has no certificate"))?;
        let (_, parsed) = X509Certificate::from_der(first).map_err(|error| format!("the certificate in {shown} cannot be read: {error}"))?;
        Ok(Timestamp::from_millis(parsed.validity().not_after.timestamp().saturating_mul(1000)))
    }

    /// Looks at them every ten seconds.
    pub async fn keep_fresh(self: Arc<Self>, env: Env) {
        let mut told = String::new();
        loop {
            env.clock.wait_until(env.now().plus_millis(limits::TLS_RELOAD_MILLIS)).await;
            match self.reload() {
                Ok(true) => tracing::info!("the certificate of --tls-cert was renewed"),
                Ok(false) => {}
                // Once for each reason: the old one goes on, and whoever renews it may be half through.
                Err(error) if error.to_string() != told => {
                    told = error.to_string();
                    tracing::warn!(%error, "the certificate of --tls-cert changed and cannot be used; the former one is shown");
                }
                Err(_) => {}
            }
        }
    }

    /// Takes up what is new in them; says whether there was anything.
    fn reload(&self) -> Result<bool, Failure> {
        let texts = texts(&self.certificate, &self.key)?;
        if self.current.read().texts == texts {
            return Ok(false);
        }
        let fresh = parse(&self.certificate, &self.key, texts)?;
        *self.current.write() = fresh;
        Ok(true)
    }
}

fn texts(certificate: &Path, key: &Path) -> Result<[Vec<u8>; 2], Failure> {
    let read = |path: &Path| fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()));
    Ok([read(certificate)?, read(key)?])
}

fn read(certificate: &Path, key: &Path) -> Result<Current, Failure> {
    parse(certificate, key, texts(certificate, key)?)
}

fn parse(certificate: &Path, key: &Path, texts: [Vec<u8>; 2]) -> Result<Current, Failure> {
    let (shown, own) = (certificate.display(), key.display());
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(&texts[0]).collect();
    let chain = chain.map_err(|error| format!("{shown} is no file of certificates in PEM: {error}"))?;
    if chain.is_empty() {
        return Err(format!("{shown} has no certificate; it begins with -----BEGIN CERTIFICATE-----").into());
    }
    // The parser's own words are left out: they could show a part of the key.
    let secret =
        PrivateKeyDer::from_pem_slice(&texts[1]).map_err(|_| format!("{own} has no key in PEM; it begins with -----BEGIN PRIVATE KEY-----"))?;
    let certified = CertifiedKey::from_der(chain, secret, &crypto())
        .map_err(|error| format!("the certificate in {shown} and the key in {own} do not belong together, or cannot be used: {error}"))?;
    Ok(Current { texts, certified: Arc::new(certified) })
}

impl fmt::Debug for Files {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Files({})", self.certificate.display())
    }
}

impl ResolvesServerCert for Files {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.current.read().certified.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(folder: &Path) -> (PathBuf, PathBuf) {
        let made = rcgen::generate_simple_self_signed(["suki.test".to_owned()]).expect("it is made");
        let (certificate, key) = (folder.join("tls.pem"), folder.join("tls.key"));
        fs::write(&certificate, made.cert.pem()).expect("it is written");
        fs::write(&key, made.signing_key.serialize_pem()).expect("it is written");
        (certificate, key)
    }

    fn shown(files: &Files) -> Vec<u8> {
        files.current.read().certified.cert[0].to_vec()
    }

    #[test]
    fn a_renewed_certificate_is_taken_up_and_a_bad_one_is_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let (certificate, key) = write(folder.path());
        let files = Files::open(certificate.clone(), key.clone()).expect("they are good");
        let first = shown(&files);
        assert!(!files.reload().expect("they are good"), "nothing is new");
        write(folder.path());
        assert!(files.reload().expect("they are good"));
        let second = shown(&files);
        assert_ne!(first, second);
        // What rcgen makes without being told ends in the year 4096.
        assert_eq!(files.ends_at().expect("it says so").millis(), 67_090_118_400_000);

        fs::write(&certificate, "half a certif").expect("it is written");
        assert!(files.reload().expect_err("it is no certificate").to_string().contains("-----BEGIN CERTIFICATE-----"));
        assert_eq!(shown(&files), second, "the former one goes on");
    }

    #[test]
    fn what_cannot_be_used_is_told_with_the_file_and_without_the_key() {
        let folder = tempfile::tempdir().expect("a folder");
        let (certificate, key) = write(folder.path());
        let other = folder.path().join("other");
        fs::create_dir(&other).expect("a folder");
        let (_, others_key) = write(&other);
        let told = |certificate: &Path, key: &Path| Files::open(certificate.into(), key.into()).expect_err("it is refused").to_string();
        assert!(told(&certificate, &others_key).contains("do not belong together"));
        assert!(told(&certificate, &certificate).contains("has no key in PEM"));
        assert!(told(&key, &key).contains("has no certificate"));
        assert!(told(&folder.path().join("none"), &key).starts_with("cannot read "));
        let secret = fs::read_to_string(&key).expect("it is there");
        let line = secret.lines().nth(1).expect("it has lines");
        assert!(!told(&key, &key).contains(line));
    }
}
