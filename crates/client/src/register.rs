//! Making a device known to a network, over HTTP.
use crate::ClientError;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::fmt;
use suki_e2ee::Device;
use suki_protocol::http::{Base64, LinkCard, Problem, RegisterDevice, RegisterGuest, Registered};
use suki_types::{AccountId, DeviceId, Env, Phone};

/// Who a device is: its key and what the network says of it. Secret.
#[derive(Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// The network's base address.
    pub server: String,
    /// The account.
    pub account: AccountId,
    /// The device.
    pub device: DeviceId,
    /// The phone the account is known by.
    pub phone: Option<Phone>,
    seed: Base64,
    certificate: Base64,
    network_key: Base64,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials({}, {})", self.account, self.device)
    }
}

impl Credentials {
    /// Of a key's seed and what the network answered to its registration.
    pub fn new(server: &str, seed: &[u8; 32], registered: Registered) -> Self {
        Self {
            server: server.to_owned(),
            account: registered.account,
            device: registered.device,
            phone: registered.phone,
            seed: Base64(seed.to_vec()),
            certificate: registered.certificate,
            network_key: registered.network_key,
        }
    }

    /// The network's Ed25519 key.
    pub(crate) fn network_key(&self) -> &[u8] {
        &self.network_key.0
    }

    pub(crate) fn device(&self) -> Result<Device, suki_e2ee::Error> {
        let seed: [u8; 32] = self.seed.0.as_slice().try_into().map_err(|_| suki_e2ee::Error::Malformed("seed"))?;
        Device::from_seed(&seed, self.certificate.0.clone(), &self.network_key.0)
    }
}

/// A network's registration calls.
#[derive(Debug, Clone)]
pub struct Registrar {
    http: reqwest::Client,
    server: String,
}

impl Registrar {
    /// Of the network at this base address, such as `https://example.org`.
    pub fn new(server: &str) -> Self {
        Self { http: reqwest::Client::new(), server: server.trim_end_matches('/').to_owned() }
    }

    /// Who a link leads to.
    ///
    /// # Errors
    /// When the network cannot be reached or knows no such link.
    pub async fn link_card(&self, slug: &str) -> Result<LinkCard, ClientError> {
        self.answer(self.http.get(format!("{}/v1/links/{slug}", self.server))).await
    }

    /// Registers as a guest of a link.
    ///
    /// # Errors
    /// When the network cannot be reached or refuses.
    pub async fn register_guest(&self, slug: &str, device_name: &str, env: &Env) -> Result<Credentials, ClientError> {
        let seed = env.random();
        let signature_key = Base64(Device::public_key(&seed));
        let request = RegisterGuest { slug: slug.to_owned(), signature_key, device_name: device_name.to_owned() };
        let registered = self.answer(self.http.post(format!("{}/v1/guests", self.server)).json(&request)).await?;
        Ok(Credentials::new(&self.server, &seed, registered))
    }

    /// Registers another device of an account, with a code that a device of it has made.
    ///
    /// # Errors
    /// When the network cannot be reached or refuses.
    pub async fn register_device(&self, code: &str, device_name: &str, env: &Env) -> Result<Credentials, ClientError> {
        let seed = env.random();
        let signature_key = Base64(Device::public_key(&seed));
        let request = RegisterDevice { code: code.to_owned(), signature_key, device_name: device_name.to_owned() };
        let registered = self.answer(self.http.post(format!("{}/v1/devices", self.server)).json(&request)).await?;
        Ok(Credentials::new(&self.server, &seed, registered))
    }

    async fn answer<T: DeserializeOwned>(&self, request: reqwest::RequestBuilder) -> Result<T, ClientError> {
        let refused = |text: String| ClientError::Refused(text);
        let answer = request.send().await.map_err(|error| refused(format!("it cannot be reached ({error})")))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| refused(format!("its answer broke off ({error})")))?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|_| refused("its answer is not what this program knows".to_owned()));
        }
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => Err(refused(format!("{} {}", problem.title, problem.detail))),
            Err(_) => Err(refused(format!("status {status}"))),
        }
    }
}
