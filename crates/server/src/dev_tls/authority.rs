//! The authority of the development TLS: a certificate of its own, kept in the data folder, that may vouch for Meta's three names and nothing else; and
//! the leaf that the listener shows, made in memory and renewed before it ends.
use super::NAMES;
use crate::{cli::Failure, key_file};
use aws_lc_rs::{
    agreement,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair},
};
use parking_lot::Mutex;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DnType, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, PKCS_ECDSA_P256_SHA256,
};
use std::{
    fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use suki_types::{Env, Timestamp};
use tokio_rustls::rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier as _},
    crypto::{CryptoProvider, aws_lc_rs as provider},
    pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, UnixTime, pem::PemObject as _},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};

const DAY_MILLIS: i64 = 86_400_000;
/// For how long the authority's certificate is valid: longer than a data folder lives.
const AUTHORITY_MILLIS: i64 = 30 * 365 * DAY_MILLIS;
/// For how long a leaf is valid.
const LEAF_MILLIS: i64 = 90 * DAY_MILLIS;
/// A leaf with less than this left is replaced at the next connection.
const LEFT_MILLIS: i64 = 30 * DAY_MILLIS;
/// Certificates begin this much earlier, since a client's clock may be behind.
const BEHIND_MILLIS: i64 = DAY_MILLIS;

/// The authority of one data folder.
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: PathBuf,
    env: Env,
    leaf: Mutex<Option<(Timestamp, Arc<CertifiedKey>)>>,
}

impl Authority {
    /// The authority of a data folder: its key is in `dev-tls.key` (mode 0600), its certificate in `dev-tls.pem`. Both are made when they are not there;
    /// the certificate also when it does not vouch for the names.
    ///
    /// # Errors
    /// When a file cannot be read or written, or others may read the key.
    pub fn open(folder: &Path, env: Env) -> Result<Self, Failure> {
        let key_path = folder.join("dev-tls.key");
        let secret = key_file::load_or_create(&key_path, &env)?;
        let key = key_pair(&secret).map_err(|error| format!("the key file {} holds no key ({error}); remove it", key_path.display()))?;
        let params = authority_params(env.now());
        // The full path: people put it into the environment of other programs.
        let pem = std::path::absolute(folder.join("dev-tls.pem"))?;
        let fresh = params.self_signed(&key)?.pem();
        let authority = Self { issuer: Issuer::new(params, key), pem, env, leaf: Mutex::default() };
        if !authority.vouches()? {
            write(&authority.pem, &fresh).map_err(|error| format!("the certificate {} cannot be written: {error}", authority.pem.display()))?;
        }
        Ok(authority)
    }

    /// Where its certificate lies: what clients have to trust.
    pub fn certificate(&self) -> &Path {
        &self.pem
    }

    /// The leaf of this moment.
    ///
    /// # Errors
    /// When none can be made.
    pub fn leaf(&self) -> Result<Arc<CertifiedKey>, Failure> {
        let now = self.env.now();
        let mut leaf = self.leaf.lock();
        match &*leaf {
            Some((ends, known)) if ends.since(now) > LEFT_MILLIS => Ok(known.clone()),
            _ => {
                let fresh = self.make_leaf(now)?;
                *leaf = Some((now.plus_millis(LEAF_MILLIS), fresh.clone()));
                Ok(fresh)
            }
        }
    }

    fn make_leaf(&self, now: Timestamp) -> Result<Arc<CertifiedKey>, Failure> {
        let key = key_pair(&self.env.random())?;
        let mut params = CertificateParams::new(NAMES.map(String::from))?;
        params.distinguished_name.push(DnType::CommonName, NAMES[0]);
        valid(&mut params, now, LEAF_MILLIS);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok(Arc::new(CertifiedKey::from_der(vec![certificate.into()], key.into(), &crypto())?))
    }

    /// Whether the certificate on the disk is one by which clients can check the leaf.
    fn vouches(&self) -> Result<bool, Failure> {
        let bytes = match fs::read(&self.pem) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(format!("the certificate {} cannot be read: {error}", self.pem.display()).into()),
        };
        let mut roots = RootCertStore::empty();
        if CertificateDer::from_pem_slice(&bytes).map_or(true, |certificate| roots.add(certificate).is_err()) {
            return Ok(false);
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), crypto()).build()?;
        let (leaf, now) = (self.leaf()?, UnixTime::since_unix_epoch(since_1970(self.env.now())));
        let trusted = |name: ServerName<'_>| verifier.verify_server_cert(&leaf.cert[0], &[], &name, &[], now).is_ok();
        Ok(NAMES.iter().all(|name| ServerName::try_from(*name).is_ok_and(trusted)))
    }
}

impl ResolvesServerCert for Authority {
    /// The leaf, whatever name was asked for: a client that asked for another one says so best itself.
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.leaf().inspect_err(|error| tracing::error!(%error, "the development TLS has no certificate")).ok()
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Authority({})", self.pem.display())
    }
}

/// The ciphers of the development TLS.
pub fn crypto() -> Arc<CryptoProvider> {
    Arc::new(provider::default_provider())
}

/// What the authority says of itself. Its names are constrained, so that it is of no use for any other address, whoever trusts it and whoever has its key.
fn authority_params(now: Timestamp) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::OrganizationName, "Suki");
    params.distinguished_name.push(DnType::CommonName, "Suki development TLS");
    valid(&mut params, now, AUTHORITY_MILLIS);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: NAMES.iter().map(|name| GeneralSubtree::DnsName((*name).into())).collect(),
        excluded_subtrees: vec![
            GeneralSubtree::IpAddress(CidrSubnet::V4([0; 4], [0; 4])),
            GeneralSubtree::IpAddress(CidrSubnet::V6([0; 16], [0; 16])),
        ],
    });
    params
}

fn valid(params: &mut CertificateParams, now: Timestamp, millis: i64) {
    let date = |at: Timestamp| rcgen::date_time_ymd(1970, 1, 1) + since_1970(at);
    params.not_before = date(now.plus_millis(-BEHIND_MILLIS));
    params.not_after = date(now.plus_millis(millis));
}

fn since_1970(at: Timestamp) -> Duration {
    Duration::from_secs(at.seconds().max(0).unsigned_abs())
}

/// The P-256 key of a secret.
fn key_pair(secret: &[u8; 32]) -> Result<KeyPair, Failure> {
    let public = agreement::PrivateKey::from_private_key(&agreement::ECDH_P256, secret)?.compute_public_key()?;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_ASN1_SIGNING, secret, public.as_ref())?;
    let document = PrivatePkcs8KeyDer::from(pair.to_pkcs8v1()?.as_ref().to_vec());
    Ok(KeyPair::from_pkcs8_der_and_sign_algo(&document, &PKCS_ECDSA_P256_SHA256)?)
}

/// The file appears whole. It is no secret: it says whom to trust.
fn write(path: &Path, text: &str) -> io::Result<()> {
    let fresh = path.with_extension("pem.new");
    let mut file = fs::File::create(&fresh)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(fresh, path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use tempfile::tempdir;

    /// Whether a client that trusts what lies at `pem` takes a leaf for a name.
    fn trusts(pem: &Path, leaf: &CertifiedKey, name: &str, at: Timestamp) -> bool {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(pem).expect("it is a certificate")).expect("it is an authority");
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), crypto()).build().expect("there is a root");
        let name = ServerName::try_from(name.to_owned()).expect("it is a name");
        verifier.verify_server_cert(&leaf.cert[0], &[], &name, &[], UnixTime::since_unix_epoch(since_1970(at))).is_ok()
    }

    #[test]
    fn the_leaf_names_metas_three_hosts_and_nothing_else() {
        let (folder, env) = (tempdir().expect("a folder"), Env::for_tests(1));
        let authority = Authority::open(folder.path(), env.clone()).expect("it opens");
        let leaf = authority.leaf().expect("it is made");
        leaf.keys_match().expect("the key is the certificate's");
        let trusted = |name| trusts(authority.certificate(), &leaf, name, env.now());
        for name in ["graph.facebook.com", "api.facebook.com", "lookaside.fbsbx.com"] {
            assert!(trusted(name), "{name}");
        }
        for name in ["facebook.com", "www.facebook.com", "sub.graph.facebook.com", "localhost", "127.0.0.1", "example.com"] {
            assert!(!trusted(name), "{name}");
        }
    }

    #[test]
    fn the_authority_vouches_for_nothing_else_even_when_its_key_is_abused() {
        let (folder, env) = (tempdir().expect("a folder"), Env::for_tests(2));
        let authority = Authority::open(folder.path(), env.clone()).expect("it opens");
        for (name, good) in [("graph.facebook.com", true), ("bank.example", false), ("127.0.0.1", false), ("::1", false)] {
            let key = key_pair(&env.random()).expect("a key");
            let mut params = CertificateParams::new(vec![name.to_owned()]).expect("they are right");
            valid(&mut params, env.now(), LEAF_MILLIS);
            params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
            let certificate = params.signed_by(&key, &authority.issuer).expect("it is signed");
            let key = PrivatePkcs8KeyDer::from(key.serialize_der());
            let leaf = CertifiedKey::from_der(vec![certificate.into()], key.into(), &crypto()).expect("they match");
            assert_eq!(trusts(authority.certificate(), &leaf, name, env.now()), good, "{name}");
        }
    }

    #[test]
    fn a_leaf_is_kept_and_renewed_before_it_ends() {
        let (folder, env) = (tempdir().expect("a folder"), Env::for_tests(3));
        let authority = Authority::open(folder.path(), env.clone()).expect("it opens");
        let first = authority.leaf().expect("it is made");
        env.manual_clock().advance(60 * DAY_MILLIS - 1);
        assert!(Arc::ptr_eq(&first, &authority.leaf().expect("it is kept")), "until a third is left");
        env.manual_clock().advance(1);
        let second = authority.leaf().expect("it is made anew");
        assert!(!Arc::ptr_eq(&first, &second));
        let pem = authority.certificate();
        let later = env.now().plus_millis(31 * DAY_MILLIS);
        assert!(trusts(pem, &first, NAMES[0], env.now()) && !trusts(pem, &first, NAMES[0], later) && trusts(pem, &second, NAMES[0], later));
    }

    #[test]
    fn the_next_start_uses_the_same_authority() {
        let (folder, env) = (tempdir().expect("a folder"), Env::for_tests(4));
        let pem = folder.path().join("dev-tls.pem");
        let first = Authority::open(folder.path(), env.clone()).expect("it opens");
        let (before, key) = (fs::read(&pem).expect("it is there"), folder.path().join("dev-tls.key"));
        assert_eq!(fs::metadata(&key).expect("it is there").permissions().mode() & 0o777, 0o600);
        assert!(first.certificate().is_absolute());
        env.manual_clock().advance(29 * 365 * DAY_MILLIS);
        let second = Authority::open(folder.path(), env.clone()).expect("it opens");
        assert_eq!(fs::read(&pem).expect("it is there"), before, "who trusts it need not trust another one");
        assert!(trusts(&pem, &second.leaf().expect("it is made"), NAMES[1], env.now()));
        fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("it is ours");
        let words = Authority::open(folder.path(), env).expect_err("others may read the key").to_string();
        assert!(words.contains("dev-tls.key may be read by others (mode 640)"), "{words}");
    }

    #[test]
    fn a_certificate_that_is_of_no_use_is_made_anew() {
        let (folder, env) = (tempdir().expect("a folder"), Env::for_tests(5));
        let pem = folder.path().join("dev-tls.pem");
        let made_anew = |what: &str| {
            let before = fs::read(&pem).unwrap_or_default();
            let authority = Authority::open(folder.path(), env.clone()).expect("it opens");
            assert_ne!(fs::read(&pem).expect("it is there"), before, "{what}");
            assert!(trusts(&pem, &authority.leaf().expect("it is made"), NAMES[2], env.now()), "{what}");
        };
        made_anew("there is none");
        fs::write(&pem, "nonsense").expect("it is ours");
        made_anew("it is nonsense");
        let (other, text) = (tempdir().expect("a folder"), |path: &Path| fs::read(path.join("dev-tls.pem")).expect("it is there"));
        Authority::open(other.path(), env.clone()).expect("it opens");
        fs::write(&pem, text(other.path())).expect("it is ours");
        made_anew("it is another authority's");
    }
}
