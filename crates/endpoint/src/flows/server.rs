//! A flow's own server: asked over HTTP, encrypted, signed, and for ten seconds at most.
use super::{Flow, channel};
use crate::{Business, Error};
use serde_json::Value;
use std::sync::Arc;
use suki_cloud_api::{number::encryption_key::EncryptionKey, signature};
use suki_types::limits;

/// The server decided that the form is over: its token holds no more.
const TOKEN_OVER: u16 = 427;
/// The server could not read what it was asked: the key is another one by now.
const OTHER_KEY: u16 = 421;
/// The server does not believe the signature.
const UNSIGNED: u16 = 432;
/// The most characters of a server's own words that a person sees.
const WORDS: usize = 300;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// The business has set no key to encrypt to.
    NoKey,
    /// It could not be reached.
    Unreachable,
    /// It took longer than ten seconds.
    Timeout,
    /// It answered with this status.
    Status(u16),
    /// Its answer is not under the request's key, or no JSON.
    Unreadable,
    /// Its answer cannot be shown.
    Unusable,
    /// It says that this form is over: its words, "" without any.
    Over(String),
}

impl Failure {
    /// As programs are told in figures.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NoKey => "public_key_missing",
            Self::Unreachable => "endpoint_unreachable",
            Self::Timeout => "timeout_error",
            Self::Status(OTHER_KEY) => "payload_decryption_error",
            Self::Status(UNSIGNED) => "signature_verification_error",
            Self::Status(_) => "http_status_error",
            Self::Unreadable => "response_decryption_error",
            Self::Unusable => "response_structure_error",
            Self::Over(_) => "flow_token_invalid",
        }
    }

    /// Whether the server was there at all.
    pub const fn was_heard(&self) -> bool {
        !matches!(self, Self::Unreachable | Self::Timeout | Self::NoKey)
    }

    /// For the person who waits.
    pub fn words(&self) -> String {
        match self {
            Self::Over(words) if !words.is_empty() => words.clone(),
            Self::Over(_) => "This form is over. Ask the shop for a new one".into(),
            Self::NoKey => "The shop has not finished this form yet. Write to it instead".into(),
            _ => "The shop's server does not answer as it should. Try again in a moment".into(),
        }
    }
}

impl Business {
    /// Asks a flow's server, and once more under the newest key when it could not read the question.
    ///
    /// # Errors
    /// When the store fails; why there is no answer stands within.
    pub(super) async fn ask_server(&self, flow: &Flow, payload: &Value) -> Result<Result<Value, Failure>, Error> {
        let secret = self.app_secret(flow).await?;
        let first = self.ask_once(flow, payload, &secret).await?;
        if first == Err(Failure::Status(OTHER_KEY)) { self.ask_once(flow, payload, &secret).await } else { Ok(first) }
    }

    async fn ask_once(&self, flow: &Flow, payload: &Value, secret: &str) -> Result<Result<Value, Failure>, Error> {
        let key: EncryptionKey = self.setting().await?;
        if key.pem.is_empty() {
            return Ok(Err(Failure::NoKey));
        }
        let sealed = channel::seal(&key, payload, self.env())?;
        let headers = vec![(signature::HEADER, signature::sign(secret, &sealed.body))];
        let late = self.env().clock.wait_until(self.env().now().plus_millis(limits::FLOW_SERVER_MILLIS));
        let post = self.common().dispatcher().http().post(flow.server(), headers, Arc::new(sealed.body.clone()));
        let answered = tokio::select! {
            answered = post => answered,
            () = late => return Ok(Err(Failure::Timeout)),
        };
        Ok(match answered {
            Err(reason) => {
                tracing::debug!(business = %self.id(), flow = %flow.id, reason, "a flow's server cannot be reached");
                Err(if reason.contains("ten seconds") { Failure::Timeout } else { Failure::Unreachable })
            }
            Ok((200, body)) => sealed.open(&body).ok_or(Failure::Unreadable),
            Ok((TOKEN_OVER, body)) => {
                let said = serde_json::from_slice::<Value>(&body).ok().or_else(|| sealed.open(&body)).unwrap_or_default();
                let words = said["error_msg"].as_str().unwrap_or_default();
                Err(Failure::Over(words.chars().filter(|c| !c.is_control()).take(WORDS).collect()))
            }
            Ok((status, _)) => Err(Failure::Status(status)),
        })
    }

    /// The secret of the app that is connected to a flow.
    async fn app_secret(&self, flow: &Flow) -> Result<String, Error> {
        let (business, app) = (self.id(), flow.app);
        let sql = "SELECT secret_sealed FROM app WHERE business = ?1 AND id = ?2";
        let sealed = self
            .db()
            .read(move |tx| Ok::<_, Error>(tx.query_opt(sql, &[(&business).into(), app.number().into()], |row| row.get::<Vec<u8>>(0))?))
            .await?;
        self.common().vault().open_app_secret(app, &sealed.ok_or(Error::NotFound("app"))?)
    }
}
