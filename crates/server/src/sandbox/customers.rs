//! The simulated customers: made, listed, told what to do, removed.
use super::{Behaviour, Customer, MOST_AT_ONCE, MOST_CUSTOMERS, Sandbox, SandboxError, record::Kept};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use suki_client::{Author, Client, Credentials, Event, Options, Status, Storage, Thread, What};
use suki_e2ee::Device;
use suki_link::{Dial, Local};
use suki_protocol::http::{Base64, RegisterGuest};
use suki_types::{AccountId, ConversationId, DeviceId, MessageId, limits};
use tokio::sync::mpsc;

/// How many messages of its conversation a simulated device keeps.
const KEPT_MESSAGES: usize = 200;

/// Customers to be made.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct NewCustomers {
    /// How many: 1 to 500.
    #[serde(default = "one")]
    pub count: usize,
    /// The business's name in its link.
    pub slug: String,
    /// How they are called; more than one get a number behind it.
    #[serde(default)]
    pub name: String,
    /// What they say first.
    #[serde(default)]
    pub say: Vec<String>,
    /// What they do by themselves.
    #[serde(default)]
    pub behaviour: Behaviour,
}

const fn one() -> usize {
    1
}

/// A customer as he is shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct View {
    /// His test number, digits alone: how programs write to him, and his name here.
    pub phone: String,
    /// How he is called.
    pub name: String,
    /// His conversation with the business.
    pub conversation: ConversationId,
    /// What he does by himself.
    pub behaviour: Behaviour,
}

/// A message as the customer's device shows it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// Its id.
    pub id: MessageId,
    /// `customer` or `business`.
    pub from: String,
    /// What it is, in the Cloud API's words.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// What it says.
    pub text: String,
    /// What can be pressed on it, in the order of their places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<String>,
    /// The business's emoji on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaction: Option<String>,
    /// When, in milliseconds since 1970 of the sandbox's clock.
    pub at: i64,
    /// How far the customer's own message has come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

impl Sandbox {
    /// Makes customers: each registers as a guest with a test number, opens the conversation, and is in it when this returns.
    ///
    /// # Errors
    /// When a figure is out of its range, the link is unknown, or the network refuses; those made before stay.
    pub async fn add(&self, new: NewCustomers) -> Result<Vec<View>, SandboxError> {
        new.behaviour.check()?;
        let there = self.0.customers.lock().len();
        if !(1..=MOST_AT_ONCE).contains(&new.count) || there + new.count > MOST_CUSTOMERS {
            let text =
                format!("{} customers are too many or none: 1 to {MOST_AT_ONCE} at once, {MOST_CUSTOMERS} in all; there are {there}", new.count);
            return Err(SandboxError::Invalid(text));
        }
        if new.name.chars().count() > limits::NAME_CHARS - 6 || new.say.len() > 20 {
            return Err(SandboxError::Invalid("a name has at most 69 characters, and a customer says at most 20 texts first".into()));
        }
        let card = self.0.network.link_card(&new.slug).await.map_err(|error| SandboxError::Refused(error.to_string()))?;
        let mut made = Vec::with_capacity(new.count);
        for number in 1..=new.count {
            let name = if new.count == 1 || new.name.is_empty() { new.name.clone() } else { format!("{} {number}", new.name) };
            made.push(self.join(&new, name, card.business).await?);
        }
        Ok(made)
    }

    async fn join(&self, new: &NewCustomers, name: String, business: AccountId) -> Result<View, SandboxError> {
        let seed = self.0.env.random();
        let request =
            RegisterGuest { slug: new.slug.clone(), signature_key: Base64(Device::public_key(&seed)), device_name: "Simulated phone".into() };
        let registered = self.0.network.register_guest(request).await.map_err(|error| SandboxError::Refused(error.to_string()))?;
        let credentials = Credentials::new(&self.0.url, &seed, registered);
        let (device, phone) = (credentials.device, credentials.phone.as_ref().map(|phone| phone.digits().to_owned()).unwrap_or_default());
        let started = Client::start(credentials, self.storage(device), self.dial(), options(&name, &new.behaviour.language), self.0.env.clone());
        let (client, mut events) = started.map_err(|error| SandboxError::Refused(error.to_string()))?;
        let conversation = enter(&client, &mut events, business).await?;
        for text in &new.say {
            let id = client.send_text(conversation, text, None).await.map_err(refused)?;
            sent(&mut events, id).await?;
        }
        let kept = Kept { device, phone, name, business, conversation, behaviour: new.behaviour.clone() };
        self.keep(|record| record.customers.push(kept.clone()))?;
        let shown = view(&kept);
        self.0.customers.lock().insert(device, Customer::start(kept, client, events, self.0.env.clone()));
        Ok(shown)
    }

    pub(super) fn resume(&self, kept: Kept) -> Result<(), SandboxError> {
        let dial = self.dial();
        let resumed = Client::resume(self.storage(kept.device), |_| Ok(dial), options(&kept.name, &kept.behaviour.language), self.0.env.clone());
        let resumed = resumed.map_err(|error| SandboxError::Refused(error.to_string()))?;
        let Some((client, events)) = resumed else {
            tracing::warn!(device = %kept.device, "a simulated customer's state is gone; he is left out");
            return Ok(());
        };
        self.0.customers.lock().insert(kept.device, Customer::start(kept, client, events, self.0.env.clone()));
        Ok(())
    }

    fn storage(&self, device: DeviceId) -> Storage {
        Storage::File(self.0.folder.join(format!("{device}.device.json")))
    }

    fn dial(&self) -> Arc<dyn Dial> {
        let network = self.0.network.clone();
        Arc::new(Local(move || network.connect()))
    }

    /// A page of the customers, in the order in which they were made, and how many there are.
    pub fn customers(&self, skip: usize, most: usize) -> (Vec<View>, usize) {
        let customers = self.0.customers.lock();
        (customers.values().skip(skip).take(most).map(|customer| view(&customer.kept)).collect(), customers.len())
    }

    /// The customer with this number.
    ///
    /// # Errors
    /// When there is none.
    pub fn customer(&self, phone: &str) -> Result<Customer, SandboxError> {
        let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
        let customers = self.0.customers.lock();
        customers.values().find(|customer| customer.kept.phone == digits).cloned().ok_or(SandboxError::Unknown(digits))
    }

    /// Changes what a customer does by himself.
    ///
    /// # Errors
    /// When there is no such customer or a figure is out of its range.
    pub fn behave(&self, phone: &str, behaviour: Behaviour) -> Result<View, SandboxError> {
        behaviour.check()?;
        let device = self.customer(phone)?.kept.device;
        let mut customers = self.0.customers.lock();
        let customer = customers.get_mut(&device).ok_or_else(|| SandboxError::Unknown(phone.to_owned()))?;
        customer.behave(behaviour.clone());
        let shown = view(&customer.kept);
        drop(customers);
        self.keep(|record| {
            if let Some(kept) = record.customers.iter_mut().find(|kept| kept.device == device) {
                kept.behaviour = behaviour;
            }
        })?;
        Ok(shown)
    }

    /// Lets a customer say something.
    ///
    /// # Errors
    /// When there is no such customer, or the text has not 1 to 4,096 characters.
    pub async fn say(&self, phone: &str, text: &str) -> Result<MessageId, SandboxError> {
        let customer = self.customer(phone)?;
        customer.client.send_text(customer.kept.conversation, text, None).await.map_err(refused)
    }

    /// The conversation as his device shows it.
    ///
    /// # Errors
    /// When there is no such customer.
    pub async fn thread(&self, phone: &str) -> Result<Vec<Line>, SandboxError> {
        let customer = self.customer(phone)?;
        let thread = customer.client.thread(customer.kept.conversation).await.map_err(refused)?;
        Ok(lines(thread))
    }

    /// Removes a customer: his device stops and its state is deleted. What he wrote stays with the business.
    ///
    /// # Errors
    /// When there is no such customer, or the record cannot be stored.
    pub fn remove(&self, phone: &str) -> Result<(), SandboxError> {
        let device = self.customer(phone)?.kept.device;
        self.0.customers.lock().remove(&device);
        self.keep(|record| record.customers.retain(|kept| kept.device != device))?;
        match std::fs::remove_file(self.0.folder.join(format!("{device}.device.json"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// A simulated device makes few keys, since making them costs time.
fn options(name: &str, language: &str) -> Options {
    Options { name: name.to_owned(), language: language.to_owned(), kept_messages: KEPT_MESSAGES, ..Options::light() }
}

/// Opens the conversation and waits until the device is in it.
async fn enter(client: &Client, events: &mut mpsc::UnboundedReceiver<Event>, business: AccountId) -> Result<ConversationId, SandboxError> {
    let mut opened = None;
    loop {
        match events.recv().await {
            Some(Event::Connected) if opened.is_none() => opened = Some(client.open(business).await.map_err(refused)?),
            Some(Event::Joined(conversation)) if opened == Some(conversation) => return Ok(conversation),
            Some(Event::Removed) | None => {
                return Err(SandboxError::Refused("the customer's device was removed before it was in the conversation".into()));
            }
            Some(_) => {}
        }
    }
}

/// Waits until the network has the message: the customer may go offline next.
async fn sent(events: &mut mpsc::UnboundedReceiver<Event>, id: MessageId) -> Result<(), SandboxError> {
    loop {
        match events.recv().await {
            Some(Event::Status(_, of, status)) if of == id && status != Status::Pending => return Ok(()),
            Some(Event::Failed(_, of, _, why)) if of == id => return Err(SandboxError::Refused(why)),
            None => return Err(SandboxError::Refused("the customer's device was removed".into())),
            Some(_) => {}
        }
    }
}

pub(super) fn refused(error: suki_client::ClientError) -> SandboxError {
    SandboxError::Refused(error.to_string())
}

fn view(kept: &Kept) -> View {
    View { phone: kept.phone.clone(), name: kept.name.clone(), conversation: kept.conversation, behaviour: kept.behaviour.clone() }
}

fn kind(what: &What) -> &'static str {
    match what {
        What::Text => "text",
        What::Template(_) | What::Refused(_) => "template",
        What::Rich(rich) => rich.body().as_ref().and_then(suki_protocol::content::kind).unwrap_or("text"),
    }
}

fn lines(thread: Thread) -> Vec<Line> {
    let status = |status: Status| format!("{status:?}").to_lowercase();
    let from = |author: Author| if author == Author::Business { "business" } else { "customer" }.to_owned();
    let line = |message: suki_client::Message| Line {
        id: message.id,
        from: from(message.author),
        kind: kind(&message.what).into(),
        choices: suki_client::choices(&message.what),
        reaction: message.reactions.into_iter().find(|one| one.of_business && !one.emoji.is_empty()).map(|one| one.emoji),
        text: message.text,
        at: message.at.millis(),
        status: message.status.map(status),
    };
    thread.messages.into_iter().map(line).collect()
}
