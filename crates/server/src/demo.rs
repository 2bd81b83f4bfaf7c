//! The demo shop: made at the first start, so that a newcomer can chat within a minute.
use crate::{
    cli::{Failure, Role, Serve, console},
    dev_tls::Place,
    http::{Faces, problem::Refusal},
    sandbox::Record,
    storage::{Plane, Storage},
    wiring::Planes,
};
use qrcodegen::{QrCode, QrCodeEcc};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::Arc,
};
use suki_cloud_api::ObjectId;
use suki_endpoint::{
    Business, Endpoint,
    business::{self, NewBusiness},
    operators::{Role as OperatorRole, issue_sign_in},
};
use suki_network::Network;
use suki_types::{AccountId, Env, OperatorId, Phone};

/// The name in the demo shop's link.
const SLUG: &str = "aling-nena";
/// Who runs the demo's platform.
const CONSOLE_OPERATOR: &str = "Admin";
/// Its number, far above those that guests get.
const PHONE: u32 = 9_000_000;

/// How to reach the demo shop; kept beside its data, readable by the owner alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Coordinates {
    url: String,
    network_url: String,
    business: AccountId,
    owner: OperatorId,
    slug: String,
    token: String,
    app_id: ObjectId,
    app_secret: String,
    waba_id: ObjectId,
    phone_number_id: ObjectId,
    /// The development TLS, when the server runs with it.
    #[serde(default)]
    dev_tls: Option<Place>,
}

impl Coordinates {
    /// Reads them.
    ///
    /// # Errors
    /// When there is no demo shop in this folder.
    pub fn load(data: &Path) -> Result<Self, Failure> {
        let path = data.join("demo.json");
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => format!("there is no demo shop in {}; start one with: suki serve --demo --data {0}", data.display()),
            _ => format!("cannot read {}: {error}", path.display()),
        })?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    fn save(&self, data: &Path) -> Result<(), Failure> {
        let (path, fresh) = (data.join("demo.json"), data.join("demo.json.new"));
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
        file.write_all(&serde_json::to_vec_pretty(self)?)?;
        file.sync_all()?;
        fs::rename(fresh, path)?;
        Ok(())
    }

    /// Names and values, with a new one-time sign-in in the inbox link and in the console's.
    ///
    /// # Errors
    /// When the endpoint's store cannot be written.
    pub async fn pairs(&self, storage: &Storage, env: &Env) -> Result<Vec<(&'static str, String)>, Failure> {
        let db = storage.open_known(Plane::Endpoint).await?;
        let secret = issue_sign_in(&db, env, self.business, None, self.owner).await?;
        let mut pairs = self.pairs_with(&secret);
        if let Ok(record) = Record::load(&storage.data) {
            pairs.push(("SUKI_SANDBOX_TOKEN", record.token));
        }
        // The network may run elsewhere; its owner makes his own link there.
        if storage.has(Plane::Network) {
            pairs.push(("SUKI_CONSOLE_LINK", console::link(storage, env, &self.network_url, CONSOLE_OPERATOR, None).await?));
        }
        Ok(pairs)
    }

    /// Where the endpoint is reached.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Where the network is reached.
    pub fn network_url(&self) -> &str {
        &self.network_url
    }

    fn pairs_with(&self, sign_in: &str) -> Vec<(&'static str, String)> {
        let inbox = Faces::new(None, None, self.url.clone()).sign_in_link(sign_in);
        let customer = Faces::new(None, None, self.network_url.clone()).customer_link(&self.slug);
        let mut pairs = vec![
            ("SUKI_URL", self.url.clone()),
            ("SUKI_TOKEN", self.token.clone()),
            ("SUKI_APP_ID", self.app_id.to_string()),
            ("SUKI_APP_SECRET", self.app_secret.clone()),
            ("SUKI_WABA_ID", self.waba_id.to_string()),
            ("SUKI_PHONE_NUMBER_ID", self.phone_number_id.to_string()),
            ("SUKI_CUSTOMER_LINK", customer),
            ("SUKI_INBOX_LINK", inbox),
            ("SUKI_EXPLORER_LINK", format!("{}/explorer/", self.url)),
            ("SUKI_CUSTOMER_PHONE", Phone::test(1).digits().to_owned()),
        ];
        if let Some(place) = &self.dev_tls {
            pairs.push(("SUKI_DEV_TLS_PROXY", place.proxy.clone()));
            pairs.push(("SUKI_DEV_TLS_CA", place.certificate.display().to_string()));
        }
        pairs
    }
}

/// Makes the demo shop unless it is there, and tells the person who started the server how to reach it.
///
/// # Errors
/// When the shop cannot be made or its coordinates not be stored.
pub async fn prepare(serve: &Serve, endpoint: &Endpoint, planes: &Planes, dev_tls: Option<Place>) -> Result<(), Failure> {
    let made = match Coordinates::load(&serve.storage.data) {
        Ok(known) => known,
        Err(_) if endpoint.is_shared() && !business::ids(endpoint.db()).await?.is_empty() => return Ok(tell_of_others()?),
        Err(_) => create(serve, endpoint, planes.network.as_ref()).await?,
    };
    // The address may be another one than the last time.
    let network_url = if serve.role == Role::All { serve.url() } else { made.network_url };
    let coordinates = Coordinates { url: serve.url(), network_url, dev_tls, ..made };
    coordinates.save(&serve.storage.data)?;
    let pairs = coordinates.pairs(&serve.storage, &planes.env).await?;
    welcome(&pairs)?;
    Ok(())
}

/// The shop was made by another node, which knows how it is reached.
fn tell_of_others() -> io::Result<()> {
    writeln!(
        io::stdout().lock(),
        "\nSuki is running. The demo shop is in the database already: `suki env` in the data folder of the node that made it tells of it.\n"
    )
}

async fn create(serve: &Serve, endpoint: &Endpoint, network: Option<&Network>) -> Result<Coordinates, Failure> {
    let business = match endpoint.businesses().pop() {
        Some(business) => business,
        None => create_business(serve, endpoint, network).await?,
    };
    let owner = match business.operators().await?.into_iter().find(|one| one.role == OperatorRole::Owner) {
        Some(owner) => owner,
        None => business.add_operator(None, "Nena Santos", "nena@example.com", OperatorRole::Owner).await?,
    };
    let app = business.create_app("Demo app").await?;
    let token = business.create_token(app.id, None).await?;
    business.subscribe_app(app.id, None).await?;
    let record = business.record();
    Ok(Coordinates {
        url: serve.url(),
        network_url: serve.network.clone().unwrap_or_else(|| serve.url()).trim_end_matches('/').to_owned(),
        business: business.id(),
        owner: owner.id,
        slug: record.slug.clone(),
        token,
        app_id: app.id,
        app_secret: app.secret,
        waba_id: record.waba_id,
        phone_number_id: record.phone_number_id,
        dev_tls: None,
    })
}

async fn create_business(serve: &Serve, endpoint: &Endpoint, network: Option<&Network>) -> Result<Arc<Business>, Failure> {
    let enrolment = match (network, &serve.enrol) {
        (Some(network), _) => network.create_enrolment().await?,
        (None, Some(code)) => code.clone(),
        (None, None) => return Err("the network lets a new business in with a code: give it with --enrol".into()),
    };
    let registry = serve.registry(network).ok_or("an endpoint without a network")?;
    let failed = |refused: Refusal| format!("the network did not register the demo shop: {refused}");
    // Whoever starts a demo shop accepts the terms.
    let terms_version = registry.terms().await.map_err(failed)?.version;
    let new = NewBusiness {
        enrolment,
        name: "Aling Nena’s Bakery".into(),
        about: "Fresh pandesal every morning, cakes to order. Quezon City.".into(),
        slug: SLUG.into(),
        hosted_by: serve.hosted_by(),
        phone: Phone::test(PHONE),
        terms_version,
        owner: None,
    };
    let made = endpoint.create_business::<Refusal, _>(new, |request| registry.register(request)).await;
    Ok(made.map_err(failed)?)
}

fn welcome(pairs: &[(&'static str, String)]) -> io::Result<()> {
    let get = |name: &str| pairs.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value.as_str());
    let mut out = io::stdout().lock();
    writeln!(out, "\nSuki is running, with a demo shop.\n")?;
    writeln!(out, "  You are the customer:   {}", get("SUKI_CUSTOMER_LINK"))?;
    write!(out, "{}", qr(get("SUKI_CUSTOMER_LINK")))?;
    writeln!(out, "  You are the shop:       {}", get("SUKI_INBOX_LINK"))?;
    writeln!(out, "                          (signs in once; `suki env` prints a new one)\n")?;
    if !get("SUKI_CONSOLE_LINK").is_empty() {
        writeln!(out, "  You run the platform:   {}\n", get("SUKI_CONSOLE_LINK"))?;
    }
    writeln!(out, "  You are a program:      {} speaks the WhatsApp Cloud API", get("SUKI_URL"))?;
    for name in ["SUKI_PHONE_NUMBER_ID", "SUKI_WABA_ID", "SUKI_APP_ID"] {
        writeln!(out, "                          {name}={}", get(name))?;
    }
    writeln!(out, "                          token and app secret: `suki env`")?;
    writeln!(out, "                          every call, to try: {}\n", get("SUKI_EXPLORER_LINK"))?;
    out.flush()
}

/// A QR code in half blocks, dark on light whatever the terminal's colours are.
fn qr(text: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Low) else { return String::new() };
    let (from, to) = (-2, code.size() + 2);
    let mut lines = String::from("\n");
    for y in (from..to).step_by(2) {
        lines.push_str("    \u{1b}[30;107m");
        for x in from..to {
            lines.push(match (code.get_module(x, y), code.get_module(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        lines.push_str("\u{1b}[0m\n");
    }
    lines.push('\n');
    lines
}
