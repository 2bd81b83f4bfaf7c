//! Secrets at rest: sealed under the endpoint's key file, each bound to what it is and whose it is.
use crate::Error;
use aws_lc_rs::{digest, hmac};
use suki_cloud_api::ObjectId;
use suki_e2ee::sealed;
use suki_types::Env;

/// Seals and opens secrets.
#[derive(Clone)]
pub struct Vault {
    key: [u8; 32],
    env: Env,
}

impl Vault {
    /// A vault under this key.
    pub fn new(key: [u8; 32], env: Env) -> Self {
        Self { key, env }
    }

    /// Seals a secret. `purpose` and `owner` must be the same when it is opened.
    pub fn seal(&self, purpose: &str, owner: &[u8], secret: &[u8]) -> Vec<u8> {
        sealed::seal(&self.key, &context(purpose, owner), secret, &*self.env.entropy).expect("AES-256-GCM seals whatever fits into memory")
    }

    /// Opens what [`Vault::seal`] made.
    ///
    /// # Errors
    /// When it was sealed under another key, for another purpose or owner, or was changed.
    pub fn open(&self, purpose: &str, owner: &[u8], bytes: &[u8]) -> Result<Vec<u8>, Error> {
        sealed::open(&self.key, &context(purpose, owner), bytes)
            .map_err(|_| Error::Internal(format!("the {purpose} was sealed under another key than this endpoint's key file")))
    }

    /// Seals the secret of an app.
    pub fn seal_app_secret(&self, app: ObjectId, secret: &str) -> Vec<u8> {
        self.seal("app-secret", &app.number().to_be_bytes(), secret.as_bytes())
    }

    /// Opens the secret of an app.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_app_secret(&self, app: ObjectId, bytes: &[u8]) -> Result<String, Error> {
        let secret = self.open("app-secret", &app.number().to_be_bytes(), bytes)?;
        String::from_utf8(secret).map_err(|_| Error::Internal("an app's secret is not text".into()))
    }

    /// Seals the own secret of a webhook endpoint.
    pub fn seal_webhook_secret(&self, endpoint: ObjectId, secret: &str) -> Vec<u8> {
        self.seal("webhook-secret", &endpoint.number().to_be_bytes(), secret.as_bytes())
    }

    /// Opens the own secret of a webhook endpoint.
    ///
    /// # Errors
    /// As [`Vault::open`].
    pub fn open_webhook_secret(&self, endpoint: ObjectId, bytes: &[u8]) -> Result<String, Error> {
        let secret = self.open("webhook-secret", &endpoint.number().to_be_bytes(), bytes)?;
        String::from_utf8(secret).map_err(|_| Error::Internal("a webhook's secret is not text".into()))
    }

    /// What tells the key from others and says nothing of it: 32 bytes.
    pub(crate) fn fingerprint(&self) -> [u8; 32] {
        self.tag("fingerprint", b"")
    }

    /// What only a holder of the key can make of something, for a purpose: 32 bytes.
    pub fn tag(&self, purpose: &str, of: &[u8]) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key);
        let mut tag = [0; 32];
        tag.copy_from_slice(hmac::sign(&key, &context(purpose, of)).as_ref());
        tag
    }

    /// Whether this is what [`Vault::tag`] makes of it, in the same time for whatever is asked.
    pub fn is_tag(&self, purpose: &str, of: &[u8], tag: &[u8]) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.key);
        hmac::verify(&key, &context(purpose, of), tag).is_ok()
    }

    /// What says that this endpoint lets in the business which comes with this enrolment code: in hexadecimal.
    pub fn consent(&self, enrolment: &str) -> String {
        hex::encode(self.tag("joining", enrolment.as_bytes()))
    }

    /// A name for something that nobody can guess without the key, the same every time: 20 bytes.
    pub fn pseudonym(&self, purpose: &str, of: &[u8]) -> [u8; 20] {
        let mut name = [0; 20];
        name.copy_from_slice(&self.tag(purpose, of)[..20]);
        name
    }
}

fn context(purpose: &str, owner: &[u8]) -> Vec<u8> {
    [b"suki/endpoint/", purpose.as_bytes(), b"/", owner].concat()
}

/// A secret text of 256 random bits: what a bearer shows. Only its hash is stored.
pub fn new_secret(env: &Env) -> String {
    hex::encode(env.random::<32>())
}

/// What is stored of a bearer's secret.
pub fn hash(secret: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, secret.as_bytes()).as_ref().to_vec()
}
