//! Where a case is played: a shop of its own in a world that it shares, and what was made there before.
use crate::console::Desk;
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::HashMap;
use suki_endpoint::operators::Role;
use suki_network::console::Role as Duties;
use suki_testkit::{Browser, Customer, Pace, Shop, World};

/// A shop, with what a path may name.
pub struct Stage<'a> {
    /// The world.
    pub world: &'a World,
    /// The shop.
    pub shop: Shop,
    names: HashMap<String, String>,
    stranger: Option<(&'static str, String)>,
}

/// A header that says who asks.
pub type Who = (&'static str, String);

/// The cookie of each kind of session.
const COOKIES: [(&str, &str); 2] = [("operatorSession", "suki_session"), ("consoleSession", "suki_console")];

fn cookie(way: &str, secret: &str) -> Who {
    let name = COOKIES.iter().find(|(kind, _)| *kind == way).map_or("", |(_, name)| name);
    ("cookie", format!("{name}={secret}"))
}

impl<'a> Stage<'a> {
    /// A new shop, which hears of everything.
    pub async fn new(world: &'a World, slug: &str) -> Self {
        let shop = Shop::open(world, slug).await;
        let mut stage = Self { world, shop, names: HashMap::new(), stranger: None };
        let (shop, business) = (stage.shop.clone(), stage.shop.business(world).portfolio().to_string());
        let own = [
            ("phone_number_id", shop.phone_number_id),
            ("waba_id", shop.waba_id),
            ("app_id", shop.app_id),
            ("business_id", business),
            ("phone", shop.phone),
        ];
        for (name, value) in own {
            stage.set(name, value);
        }
        stage
    }

    /// With another shop's owner, who is to find nothing of this one.
    pub fn beside(self, owner: &Browser) -> Self {
        Self { stranger: Some(("cookie", owner.cookie.clone())), ..self }
    }

    /// Somebody who may do everything.
    pub async fn allowed(&self, way: &str) -> Who {
        match way {
            "operatorSession" => ("cookie", self.shop.owner(self.world).await.cookie),
            _ => ("cookie", Desk::open(self.world, "Ada", Duties::Admin).await.cookie),
        }
    }

    /// A secret that nobody was given.
    pub fn unknown(&self, way: &str) -> Who {
        cookie(way, &"0".repeat(64))
    }

    /// What is no secret at all.
    pub fn no_secret(&self, way: &str) -> Who {
        cookie(way, "~")
    }

    /// A session that was ended.
    pub async fn ended(&self, way: &str) -> Who {
        let who = self.allowed(way).await;
        let face = if way == "operatorSession" { "inbox" } else { "console" };
        let out = self.world.call(Method::POST, &format!("/{face}/api/sign-out")).header(who.0, &who.1).json(&json!({}));
        assert_eq!(out.send().await.status.as_u16(), 204);
        who
    }

    /// A colleague whose role is none of these; none where all may.
    pub async fn lesser(&self, way: &str, roles: &[&str]) -> Option<Who> {
        if way != "operatorSession" || roles.is_empty() {
            return None;
        }
        let (name, role) = if roles.contains(&"admin") { ("Otto", Role::Operator) } else { ("Adam", Role::Admin) };
        let colleague = self.shop.hire(self.world, name, role).await;
        Some(("cookie", self.shop.browser(self.world, &colleague).await.cookie))
    }

    /// Another business's owner.
    pub fn stranger(&self, way: &str) -> Option<&Who> {
        self.stranger.as_ref().filter(|_| way == "operatorSession")
    }

    /// Keeps what a path or a body may name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.names.insert(name.to_owned(), value.into());
    }

    /// What was kept under a name.
    ///
    /// # Panics
    /// When nothing was.
    pub fn get(&self, name: &str) -> &str {
        self.names.get(name).unwrap_or_else(|| panic!("nothing was kept as {name}: make it with after(…)"))
    }

    /// A path with what it names filled in.
    pub fn fill(&self, path: &str) -> String {
        let fill = |part: &str| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => self.get(name).to_owned(),
            None => part.to_owned(),
        };
        path.split('/').map(fill).collect::<Vec<_>>().join("/")
    }

    /// `POST` with the shop's token; names in the path are filled in.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        self.shop.graph(self.world, Method::POST, &self.fill(path), Some(body)).await.expect(200)
    }

    /// `GET` with the shop's token.
    pub async fn read(&self, path: &str) -> Value {
        self.shop.graph(self.world, Method::GET, &self.fill(path), None).await.expect(200)
    }

    /// A customer who has written; his number is kept as `customer`, and his message as `message`.
    pub async fn customer(&mut self) -> Customer {
        let customer = Customer::named(self.world, &self.shop, "Ana").await;
        let said = customer.says("Hello").await;
        let before = self.world.receiver.taken(&self.shop.callback).len();
        if before == 0 {
            self.world.receiver.wait(Pace::Slow, &self.shop.callback, 1).await;
        }
        self.set("customer", customer.phone.clone());
        self.set("message", suki_cloud_api::wamid::encode(said));
        customer
    }

    /// A template that may be sent; kept as `template_id` and `template_name`.
    pub async fn template(&mut self) {
        let body = json!({"name": "order_ready", "language": "en_US", "category": "UTILITY",
            "components": [{"type": "BODY", "text": "Your order is ready."}]});
        let made = self.post("/{waba_id}/message_templates", &body).await;
        self.set("template_id", made["id"].as_str().expect("an id"));
        self.set("template_name", "order_ready");
    }
}
