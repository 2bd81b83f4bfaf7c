//! Shops and people, made as on a server that is not a demo: shops by the library, people by their phone and the code that was sent to it.
use super::{front::Front, node::Settings, world::HERE};
use crate::{
    customer::Customer,
    server::{until, world},
    webhook::{Inbox, Received},
};
use axum::{Json, Router, extract::State, routing::post};
use clap::Parser;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::{collections::HashMap, sync::Arc};
use suki_client::Credentials;
use suki_e2ee::Device;
use suki_endpoint::{
    Error,
    business::NewBusiness,
    operators::{Role, issue_sign_in},
};
use suki_protocol::http::{Base64, CodeChannel, RegisterPhone, Registered, RequestPhoneCode};
use suki_server::{
    cli::{Failure, Serve},
    wiring,
};
use suki_types::{AccountId, Phone};
use tokio::net::TcpListener;

/// A shop.
pub struct Shop {
    /// Its account.
    pub id: AccountId,
    /// What `suki env` would say of it.
    pub env: Value,
}

/// What a program of a shop has: its webhooks, and the inbox beside it.
pub struct Program {
    /// What came.
    pub received: Received,
    /// As an operator sees it.
    pub inbox: Inbox,
}

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    serve: Serve,
}

/// Makes so many shops in a node that is no process: it hands them over to those that come, and ends with its runtime.
pub async fn open(settings: &Settings, count: u32) -> Vec<Shop> {
    let data = settings.folder.join("maker").display().to_string();
    let words = ["serve".to_owned(), "--data".to_owned(), data].into_iter().chain(settings.arguments.iter().cloned());
    let serve = Line::try_parse_from(words).unwrap_or_else(|error| panic!("{error}")).serve;
    let make = move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let shops = runtime.block_on(make_all(&serve, count));
        runtime.shutdown_background();
        shops.unwrap_or_else(|error| panic!("the shops cannot be made: {error}"))
    };
    tokio::task::spawn_blocking(make).await.expect("the shops are made")
}

async fn make_all(serve: &Serve, count: u32) -> Result<Vec<Shop>, Failure> {
    let planes = wiring::open(serve).await?;
    let (Some(network), Some(endpoint)) = (planes.network, planes.endpoint) else { return Err("both planes run".into()) };
    let mut shops = Vec::new();
    for number in 0..count {
        let new = NewBusiness {
            enrolment: network.create_enrolment().await?,
            name: format!("Shop {number}"),
            about: "Coffee and bread".into(),
            slug: format!("shop-{number}"),
            hosted_by: "Tests".into(),
            phone: phone(900 + number),
            terms_version: network.terms().version,
            owner: None,
        };
        let register = |request| async { network.register_business(request).await.map_err(|error| Error::Unavailable(error.to_string())) };
        let business = endpoint.create_business(new, register).await?;
        let owner = business.add_operator(None, "Olga Owner", &format!("owner{number}@example.com"), Role::Owner).await?;
        let app = business.create_app("Till").await?;
        let token = business.create_token(app.id, None).await?;
        business.subscribe_app(app.id, None).await?;
        until("the shop's connection", async || (business.is_connected() && business.rules().is_some() && business.trust().is_some()).then_some(()))
            .await;
        let secret = issue_sign_in(endpoint.db(), &planes.env, business.id(), None, owner.id).await?;
        let (record, url) = (business.record(), Front::url());
        let env = json!({
            "SUKI_URL": url, "SUKI_TOKEN": token, "SUKI_APP_ID": app.id.to_string(), "SUKI_APP_SECRET": app.secret,
            "SUKI_PHONE_NUMBER_ID": record.phone_number_id.to_string(), "SUKI_INBOX_LINK": format!("{url}/inbox/#sign-in={secret}"),
        });
        shops.push(Shop { id: business.id(), env });
    }
    endpoint.hand_over().await;
    Ok(shops)
}

impl Program {
    /// Subscribes to a shop's webhooks and signs in to its inbox.
    pub async fn start(shop: &Shop) -> Self {
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        Self { received: Received::subscribe_at(HERE, &http, &shop.env).await, inbox: Inbox::sign_in(&http, &shop.env).await }
    }
}

/// The n-th number of this world.
fn phone(number: u32) -> Phone {
    format!("+63917555{number:04}").parse().expect("a number")
}

/// The gateway that sends codes by SMS: each number's last one can be read.
#[derive(Clone, Default)]
pub struct Codes(Arc<Mutex<HashMap<String, String>>>);

impl Codes {
    /// Where nodes post them.
    pub fn url() -> String {
        format!("http://{HERE}:8090/")
    }

    /// Listens.
    pub async fn open() -> Self {
        let codes = Self::default();
        let listener = TcpListener::bind((HERE, 8090)).await.expect("nobody else is in this world");
        let router = Router::new().route("/", post(keep)).with_state(codes.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        codes
    }

    /// A person with the n-th number registers, and enters a shop's group.
    pub async fn join(&self, number: u32, shop: AccountId) -> Customer {
        let (phone, http, seed) = (phone(number), reqwest::Client::new(), suki_types::Env::random(&world()));
        let ask = RequestPhoneCode { phone: phone.clone(), channel: CodeChannel::Sms };
        until("the code to be sent", async || {
            let asked = http.post(format!("{}/v1/phone-codes", Front::url())).json(&ask).send().await.expect("a node answers");
            let status = asked.status();
            assert!(status.is_success() || status == 502, "{}", asked.text().await.unwrap_or_default());
            status.is_success().then_some(())
        })
        .await;
        let code = until("the code", async || self.0.lock().get(&phone.display()).cloned()).await;
        let signature_key = Base64(Device::public_key(&seed));
        let request = RegisterPhone { phone, code, signature_key, device_name: "Phone".into() };
        let answer = http.post(format!("{}/v1/phones", Front::url())).json(&request).send().await.expect("a node answers");
        let body = answer.text().await.expect("it is whole");
        let registered: Registered = serde_json::from_str(&body).unwrap_or_else(|_| panic!("the number cannot be registered: {body}"));
        Customer::enter(&Front::url(), shop, Credentials::new(&Front::url(), &seed, registered)).await
    }
}

async fn keep(State(codes): State<Codes>, Json(code): Json<Value>) {
    let text = |name: &str| code[name].as_str().unwrap_or_default().to_owned();
    codes.0.lock().insert(text("to"), text("code"));
}
