//! Playing a scenario: a shop of its own, a customer when one is needed, and the steps one after the other.
use super::{
    known::{Known, names},
    scenario::{Call, Delivery, Fixtures, Step},
};
use serde_json::Value;
use std::{collections::BTreeMap, future::Future, pin::Pin};
use suki_client::{Author, Event};
use suki_cloud_api::wamid;
use suki_protocol::pb;
use suki_server::sandbox::SpokenMessage;
use suki_testkit::{Customer, Shop, World, receiver::VERIFY_TOKEN, wait::until};

/// How often a webhook is looked for before it counts as not sent.
const LOOKS: u32 = 2_000;

/// What a customer says first: his number, his user id and his message are known from then on.
const FIRST: &str = "Good morning";

/// Where a scenario is played.
pub struct Stage<'a> {
    pub(super) world: &'a World,
    pub(super) shop: Shop,
    pub(super) known: Known,
    /// The last answer.
    pub done: Done,
    customer: Option<Customer>,
    fixtures: &'a Fixtures,
    /// How many webhooks were looked at and taken off.
    seen: Vec<bool>,
}

/// What an answer was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Done {
    /// The operation of the table; "" when there is none at this place.
    pub operation: String,
    /// The status.
    pub status: u16,
    /// The code of the error; 0 without one.
    pub code: i64,
}

/// Why a step did not hold.
pub type Broken = String;

type Playing<'b> = Pin<Box<dyn Future<Output = Result<(), Broken>> + 'b>>;

impl<'a> Stage<'a> {
    /// A new shop's.
    pub async fn new(world: &'a World, slug: &str, fixtures: &'a Fixtures) -> Self {
        let shop = Shop::open(world, slug).await;
        let mut known = Known::default();
        let callback = format!("https://{slug}.example/own");
        for (name, value) in [
            ("number", &shop.phone_number_id),
            ("account", &shop.waba_id),
            ("app", &shop.app_id),
            ("app_secret", &shop.app_secret),
            ("token", &shop.token),
            ("shop_phone", &shop.phone),
            ("callback", &callback),
        ] {
            known.set(name, value);
        }
        known.set("verify_token", VERIFY_TOKEN);
        known.set("slug", slug);
        for (kind, media_type, bytes) in super::samples::ALL {
            let link = format!("https://files.example/{slug}/{kind}");
            world.web.put(&link, media_type, bytes);
            known.set(&format!("{kind}_link"), link);
        }
        for (name, text) in super::samples::texts() {
            known.set(name, text);
        }
        Self { world, shop, known, done: Done::default(), customer: None, fixtures, seen: Vec::new() }
    }

    /// Plays steps.
    ///
    /// # Errors
    /// Why the first that does not hold did not.
    pub fn play<'b>(&'b mut self, steps: &'b [Value]) -> Playing<'b> {
        Box::pin(async move {
            for step in steps {
                self.provide(&step.to_string()).await?;
                let step: Step = serde_json::from_value(step.clone()).map_err(|error| format!("{step} is no step: {error}"))?;
                self.act(step).await?;
            }
            Ok(())
        })
    }

    /// Makes known what a step names.
    async fn provide(&mut self, step: &str) -> Result<(), Broken> {
        for name in names(step) {
            if self.known.get(name).is_some() {
                continue;
            }
            if ["to", "user_id", "wamid"].contains(&name) {
                self.join().await?;
                continue;
            }
            if name == "code" {
                let code = self.world.codes.last(&self.shop.business(self.world).record().phone).ok_or("no code was sent to the number")?;
                self.known.set(name, code);
                continue;
            }
            let fixture = self.fixtures.get(name).ok_or_else(|| format!("nothing makes {name}"))?;
            self.play(fixture).await.map_err(|broken| format!("making {name}: {broken}"))?;
        }
        Ok(())
    }

    /// Has the customer come, and write.
    async fn join(&mut self) -> Result<(), Broken> {
        let customer = Customer::named(self.world, &self.shop, "Ana Reyes").await;
        customer.says(FIRST).await;
        self.known.set("to", &customer.phone);
        self.customer = Some(customer);
        let keep = [("wamid", "/messages/0/id"), ("user_id", "/messages/0/from_user_id")];
        let first = Delivery {
            delivery: "messages".into(),
            has: Vec::new(),
            is: BTreeMap::from([("/messages/0/text/body".into(), FIRST.into())]),
            keep: keep.map(|(name, pointer)| (name.into(), pointer.into())).into(),
        };
        self.delivery(&first).await
    }

    async fn act(&mut self, step: Step) -> Result<(), Broken> {
        match step {
            Step::Call(call) => return self.call(&call).await,
            Step::Delivery(delivery) => return self.delivery(&delivery).await,
            Step::Says { says } => {
                let text = self.known.text(&says)?;
                let id = self.customer().await?.says(&text).await;
                self.known.set("said", wamid::encode(id));
            }
            Step::Sends { sends } => {
                let sends = self.known.value(&sends)?;
                self.sends(&sends).await?;
            }
            Step::Hears { hears } => {
                let (wanted, env) = (self.known.text(&hears)?, self.world.env.clone());
                let customer = self.customer().await?;
                let (client, chat) = (customer.client.clone(), customer.chat);
                let heard = until(&env, &wanted, || async {
                    let thread = client.thread(chat).await.ok()?;
                    thread.messages.into_iter().rev().find(|one| one.author == Author::Business && one.text.contains(&wanted))
                });
                self.known.set("heard", wamid::encode(heard.await.id));
            }
            Step::Reads { reads } => {
                let message = wamid::decode(&self.known.text(&reads)?).map_err(|error| error.to_string())?;
                let customer = self.customer().await?;
                customer.wait("the message", |event| matches!(event, Event::Message(_, one) if one.id == message).then_some(())).await;
                customer.reads(message).await;
            }
            Step::Presses { presses } => {
                let message = wamid::decode(&self.known.text(&presses)?).map_err(|error| error.to_string())?;
                let customer = self.customer().await?;
                customer.wait("the message", |event| matches!(event, Event::Message(_, one) if one.id == message).then_some(())).await;
                let pressed = customer.client.press(customer.chat, message, 0).await;
                pressed.map_err(|error| format!("nothing was pressed: {error}"))?;
            }
        }
        Ok(())
    }

    async fn customer(&mut self) -> Result<&mut Customer, Broken> {
        if self.customer.is_none() {
            self.join().await?;
        }
        self.customer.as_mut().ok_or_else(|| "nobody has come".into())
    }

    async fn sends(&mut self, sends: &Value) -> Result<(), Broken> {
        let world = self.world;
        let kind = sends["type"].as_str().unwrap_or_default().to_owned();
        let reply_to = sends.pointer("/context/id").and_then(Value::as_str).and_then(|id| wamid::decode(id).ok());
        let customer = self.customer().await?;
        let id = if let Some((_, media_type, bytes)) = super::samples::ALL.iter().find(|(name, ..)| *name == kind) {
            let text = |name: &str| sends[&kind][name].as_str().unwrap_or_default().to_owned();
            let said = pb::Media {
                kind: kind.clone(),
                media_type: (*media_type).into(),
                caption: text("caption"),
                filename: text("filename"),
                ..Default::default()
            };
            customer.sends(world, bytes, said).await
        } else {
            let spoken: SpokenMessage = serde_json::from_value(sends.clone()).map_err(|error| error.to_string())?;
            let content = spoken.content().map_err(|error| error.to_string())?;
            customer.client.send(customer.chat, content, reply_to).await.map_err(|error| error.to_string())?
        };
        self.known.set("said", wamid::encode(id));
        Ok(())
    }

    async fn delivery(&mut self, wanted: &Delivery) -> Result<(), Broken> {
        let is: BTreeMap<String, Value> =
            wanted.is.iter().map(|(pointer, value)| Ok((pointer.clone(), self.known.value(value)?))).collect::<Result<_, Broken>>()?;
        let ours = format!("https://{}.example/", self.shop.slug);
        let mut looks = 0;
        let found = until(&self.world.env, "a webhook", || {
            looks += 1;
            let came: Vec<_> = self.world.receiver.attempts().into_iter().filter(|one| one.taken && one.url.starts_with(&ours)).collect();
            let one = came.into_iter().enumerate().find(|(at, one)| {
                let body = one.json();
                let change = &body["entry"][0]["changes"][0];
                let has = |pointer: &String| change["value"].pointer(pointer).is_some();
                !self.seen.get(*at).copied().unwrap_or_default()
                    && change["field"] == wanted.delivery.as_str()
                    && wanted.has.iter().all(has)
                    && is.iter().all(|(pointer, value)| change["value"].pointer(pointer) == Some(value))
            });
            std::future::ready(if one.is_none() && looks < LOOKS { None } else { Some(one) })
        });
        let Some((at, one)) = found.await else { return Err(format!("no webhook of {} with {is:?} and {:?} came", wanted.delivery, wanted.has)) };
        if !one.is_signed_by(&self.shop.app_secret) {
            return Err("a webhook is not signed with the app's secret".into());
        }
        self.seen.resize(self.seen.len().max(at + 1), false);
        self.seen[at] = true;
        self.keep(&one.change(), &wanted.keep)
    }

    /// Remembers what stands at these places.
    pub(super) fn keep(&mut self, found: &Value, keep: &BTreeMap<String, String>) -> Result<(), Broken> {
        for (name, pointer) in keep {
            let value = found.pointer(pointer).ok_or_else(|| format!("there is no {pointer} in {found}"))?;
            self.known.set(name, value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned));
        }
        Ok(())
    }

    async fn call(&mut self, call: &Call) -> Result<(), Broken> {
        super::asking::ask(self, call).await
    }
}
