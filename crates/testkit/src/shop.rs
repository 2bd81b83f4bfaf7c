//! A business with an app, a token, an owner, and webhooks to an address of its own.
use crate::{Answer, Browser, World, receiver::VERIFY_TOKEN, wait::until};
use axum::http::Method;
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};
use suki_endpoint::{
    Business, Error,
    business::NewBusiness,
    operators::{Operator, Role},
};
use suki_types::{AccountId, MessageId, Phone};

/// A shop.
#[derive(Debug, Clone)]
pub struct Shop {
    /// Its account.
    pub id: AccountId,
    /// The name in its link.
    pub slug: String,
    /// Its number's id in the Cloud API.
    pub phone_number_id: String,
    /// Its business account's id.
    pub waba_id: String,
    /// Its app.
    pub app_id: String,
    /// The app's secret.
    pub app_secret: String,
    /// A token of the app.
    pub token: String,
    /// Its number, digits alone.
    pub phone: String,
    /// Where its webhooks go.
    pub callback: String,
    /// Its owner.
    pub owner: Operator,
}

impl Shop {
    /// Opens a shop.
    ///
    /// # Panics
    /// When a plane refuses.
    pub async fn open(world: &World, slug: &str) -> Self {
        static NUMBERS: AtomicU32 = AtomicU32::new(9_000_000);
        let (endpoint, network) = (world.endpoint(), world.network());
        let new = NewBusiness {
            enrolment: network.create_enrolment().await.expect("an enrolment"),
            name: format!("Shop {slug}"),
            about: "Coffee and bread".into(),
            slug: slug.into(),
            hosted_by: "Tests".into(),
            phone: Phone::test(NUMBERS.fetch_add(1, Ordering::Relaxed)),
            terms_version: network.terms().version,
            owner: None,
        };
        let (email, callback) = (format!("owner@{slug}.example"), format!("https://{slug}.example/hook"));
        let open = async move {
            let register = |request| async move { network.register_business(request).await.map_err(|error| Error::Unavailable(error.to_string())) };
            let business = endpoint.create_business(new, register).await.expect("the business is made");
            let owner = business.add_operator(None, "Olga Owner", &email, Role::Owner).await.expect("an owner");
            let app = business.create_app("Till").await.expect("an app");
            let token = business.create_token(app.id, None).await.expect("a token");
            (business.record().clone(), owner, app, token)
        };
        let (record, owner, app, token) = world.inside(open).await;
        let shop = Self {
            id: record.id,
            slug: slug.into(),
            phone_number_id: record.phone_number_id.to_string(),
            waba_id: record.waba_id.to_string(),
            app_id: app.id.to_string(),
            app_secret: app.secret,
            token,
            phone: record.phone.digits().to_owned(),
            callback,
            owner,
        };
        let business = shop.business(world);
        // What the network says when a business connects decides what programs may do: a shop is open when it has heard it.
        let has_heard = || business.is_connected() && business.rules().is_some() && business.trust().is_some();
        until(&world.env, "the shop's connection", || std::future::ready(has_heard().then_some(()))).await;
        shop.subscribe(world).await;
        shop
    }

    async fn subscribe(&self, world: &World) {
        let body = json!({"object": "whatsapp_business_account", "callback_url": self.callback, "verify_token": VERIFY_TOKEN, "fields": "messages"});
        self.graph(world, Method::POST, &format!("/v23.0/{}/subscriptions", self.app_id), Some(&body)).await.expect(200);
        self.graph(world, Method::POST, &format!("/v23.0/{}/subscribed_apps", self.waba_id), Some(&json!({}))).await.expect(200);
    }

    /// What runs of it.
    ///
    /// # Panics
    /// When the endpoint does not run it.
    pub fn business(&self, world: &World) -> Arc<Business> {
        world.endpoint().business(self.id).expect("it runs")
    }

    /// A call to the Cloud API with the shop's token.
    pub async fn graph(&self, world: &World, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let call = world.call(method, path).bearer(&self.token);
        if let Some(body) = body { call.json(body).send().await } else { call.send().await }
    }

    /// `POST /P/messages`.
    pub async fn messages(&self, world: &World, body: &Value) -> Answer {
        self.graph(world, Method::POST, &format!("/v23.0/{}/messages", self.phone_number_id), Some(body)).await
    }

    /// Sends a text over the Cloud API and returns its wamid.
    ///
    /// # Panics
    /// When it is not accepted.
    pub async fn say(&self, world: &World, to: &str, text: &str) -> String {
        let body = json!({"messaging_product": "whatsapp", "to": to, "type": "text", "text": {"body": text}});
        let answer = self.messages(world, &body).await.expect(200);
        assert_eq!(answer["messages"][0]["message_status"], "accepted");
        answer["messages"][0]["id"].as_str().expect("a wamid").to_owned()
    }

    /// A one-time secret with which an operator signs in.
    ///
    /// # Panics
    /// When it is not given.
    pub async fn sign_in_secret(&self, world: &World, operator: &Operator) -> String {
        let (business, id) = (self.business(world), operator.id);
        world.inside(async move { business.create_sign_in(None, id).await.expect("a secret") }).await
    }

    /// The owner's browser.
    pub async fn owner(&self, world: &World) -> Browser {
        self.browser(world, &self.owner).await
    }

    /// An operator's browser.
    pub async fn browser(&self, world: &World, operator: &Operator) -> Browser {
        Browser::sign_in(world, &json!({"token": self.sign_in_secret(world, operator).await})).await
    }

    /// Adds a colleague.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn hire(&self, world: &World, name: &str, role: Role) -> Operator {
        let (business, name) = (self.business(world), name.to_owned());
        let email = format!("{}@{}.example", name.to_lowercase(), self.slug);
        world.inside(async move { business.add_operator(None, &name, &email, role).await.expect("a colleague") }).await
    }

    /// Waits until the inbox shows a text in a chat, and gives that message.
    ///
    /// # Panics
    /// When it never does.
    pub async fn sees(&self, world: &World, browser: &Browser, chat: &str, text: &str) -> Value {
        until(&world.env, &format!("{text} in the inbox"), || async {
            let page = browser.get(world, &format!("/chats/{chat}/messages")).await;
            let page = page.json();
            page["data"].as_array()?.iter().find(|message| message["text"] == text).cloned()
        })
        .await
    }
}

/// A new message id as apps make them.
pub fn message_id(world: &World) -> String {
    MessageId::new(&world.env).to_string()
}
