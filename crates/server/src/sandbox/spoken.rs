//! What a simulated customer is told to say: in the words in which webhooks tell of it (Cloud API, section 3c), so that what a program shall receive can be
//! copied from its documentation.
use super::{Customer, Sandbox, SandboxError, customers::refused};
use serde::{Deserialize, Serialize};
use suki_client::Author;
use suki_cloud_api::{
    wamid,
    webhook_message::{self as wire, Interactive},
};
use suki_protocol::pb::{self, content::Body};
use suki_types::MessageId;

/// A message to be said: words alone, or any type with its content under the type's name.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Spoken {
    /// `{"text": "…"}`.
    Words {
        /// 1 to 4,096 characters.
        text: String,
    },
    /// `{"type": "location", "location": {…}, "context": {"id": "wamid.…"}}`.
    Message(Box<SpokenMessage>),
}

/// A message of any type.
#[derive(Debug, Clone, Deserialize)]
pub struct SpokenMessage {
    /// Which type.
    #[serde(rename = "type")]
    kind: String,
    /// What it holds.
    #[serde(flatten)]
    body: wire::Body,
    /// The message it answers, the product it asks about, and whether it was forwarded.
    #[serde(default)]
    context: wire::Context,
    /// What brought him here.
    referral: Option<wire::Referral>,
}

/// A message of the business that is pressed or listened to.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Pointed {
    /// Its id or its wamid; none: the newest.
    pub message: Option<String>,
    /// The place of what is pressed among all that can be, from 0.
    pub choice: usize,
}

impl Sandbox {
    /// Lets a customer say something of any type.
    ///
    /// # Errors
    /// When there is no such customer, or a device would not send that.
    pub async fn speak(&self, phone: &str, spoken: Spoken) -> Result<MessageId, SandboxError> {
        let spoken = match spoken {
            Spoken::Words { text } => return self.say(phone, &text).await,
            Spoken::Message(spoken) => spoken,
        };
        let customer = self.customer(phone)?;
        let reply_to = spoken.context.id.as_deref().map(message_id).transpose()?;
        let content = spoken.content()?;
        customer.client.send(customer.kept.conversation, content, reply_to).await.map_err(refused)
    }

    /// Lets a customer press a button or choose a row of a message.
    ///
    /// # Errors
    /// When there is no such customer or message, or nothing at this place that answers.
    pub async fn press(&self, phone: &str, pointed: Pointed) -> Result<MessageId, SandboxError> {
        let customer = self.customer(phone)?;
        let message = pointed_at(&customer, &pointed).await?;
        customer.client.press(customer.kept.conversation, message, pointed.choice).await.map_err(refused)
    }

    /// Lets a customer listen to a message.
    ///
    /// # Errors
    /// When there is no such customer or message.
    pub async fn play(&self, phone: &str, pointed: Pointed) -> Result<(), SandboxError> {
        let customer = self.customer(phone)?;
        let message = pointed_at(&customer, &pointed).await?;
        customer.client.play(customer.kept.conversation, message).await.map_err(refused)
    }
}

async fn pointed_at(customer: &Customer, pointed: &Pointed) -> Result<MessageId, SandboxError> {
    if let Some(message) = &pointed.message {
        return message_id(message);
    }
    let thread = customer.client.thread(customer.kept.conversation).await.map_err(refused)?;
    let newest = thread.messages.iter().rev().find(|message| message.author == Author::Business);
    newest.map(|message| message.id).ok_or_else(|| SandboxError::Invalid("the business has sent him nothing yet".into()))
}

/// A message by its id or its wamid.
fn message_id(text: &str) -> Result<MessageId, SandboxError> {
    let wrong = || SandboxError::Invalid("a message is named by its id, msg_…, or by its wamid.…".into());
    wamid::decode(text).or_else(|_| text.parse::<MessageId>()).map_err(|_| wrong())
}

impl SpokenMessage {
    /// What a device sends of it. The message it answers is no part of that.
    ///
    /// # Errors
    /// When its type is none that a customer sends, or its content does not stand under the type's name.
    pub fn content(self) -> Result<pb::Content, SandboxError> {
        let body = body(&self.kind, self.body)?;
        let context = self.context;
        let about = context.referred_product;
        Ok(pb::Content {
            body: Some(body),
            forwards: if context.frequently_forwarded { 6 } else { u32::from(context.forwarded) },
            about_product: about.map(|product| pb::ProductReference { catalog_id: product.catalog_id, retailer_id: product.product_retailer_id }),
            referral: self.referral.map(referral),
            ..Default::default()
        })
    }
}

fn body(kind: &str, body: wire::Body) -> Result<Body, SandboxError> {
    let missing = || SandboxError::Invalid(format!("a message of the type {kind:?} holds its content under that name"));
    Ok(match kind {
        "text" => Body::Text(pb::Text { body: body.text.ok_or_else(missing)?.body, preview_url: false }),
        "location" => Body::Location(body.location.map(location).ok_or_else(missing)?),
        "contacts" => Body::Contacts(pb::Contacts { cards: body.contacts.into_iter().map(card).collect() }),
        "reaction" => Body::Reaction(reaction(body.reaction.ok_or_else(missing)?)?),
        "button" => {
            let button = body.button.ok_or_else(missing)?;
            Body::ButtonReply(pb::ButtonReply { payload: button.payload, text: button.text })
        }
        "interactive" => Body::InteractiveReply(interactive(body.interactive.ok_or_else(missing)?)),
        "order" => Body::Order(order(body.order.ok_or_else(missing)?)),
        other => {
            let kinds = "text, location, contacts, reaction, button, interactive and order";
            return Err(SandboxError::Invalid(format!("a simulated customer says {kinds}, not {other:?}")));
        }
    })
}

fn location(place: wire::Location) -> pb::Location {
    pb::Location { latitude: place.latitude, longitude: place.longitude, name: place.name, address: place.address, url: place.url }
}

fn reaction(reaction: wire::Reaction) -> Result<pb::Reaction, SandboxError> {
    Ok(pb::Reaction { message_id: message_id(&reaction.message_id)?.to_vec(), emoji: reaction.emoji.unwrap_or_default() })
}

fn interactive(reply: Interactive) -> pb::InteractiveReply {
    let chosen = |kind: &str, chosen: wire::Chosen| pb::InteractiveReply {
        kind: kind.into(),
        id: chosen.id,
        title: chosen.title,
        description: chosen.description.unwrap_or_default(),
        ..Default::default()
    };
    match reply {
        Interactive::ButtonReply { button_reply } => chosen("button_reply", button_reply),
        Interactive::ListReply { list_reply } => chosen("list_reply", list_reply),
        Interactive::NfmReply { nfm_reply } => {
            pb::InteractiveReply { kind: "nfm_reply".into(), name: nfm_reply.name, json: nfm_reply.response_json, ..Default::default() }
        }
    }
}

fn order(order: wire::Order) -> pb::Order {
    let item = |item: wire::OrderItem| pb::OrderItem {
        retailer_id: item.product_retailer_id,
        quantity: item.quantity,
        price_1000: (item.item_price * 1000.0).round() as i64,
        currency: item.currency,
        ..Default::default()
    };
    pb::Order { catalog_id: order.catalog_id, text: order.text, items: order.product_items.into_iter().map(item).collect() }
}

fn card(card: wire::ContactCard) -> pb::ContactCard {
    let org = card.org.unwrap_or_default();
    let entry = |(value, kind)| pb::ContactEntry { value, r#type: kind };
    let address = |address: wire::ContactAddress| pb::ContactAddress {
        street: address.street,
        city: address.city,
        state: address.state,
        zip: address.zip,
        country: address.country,
        country_code: address.country_code,
        r#type: address.kind,
    };
    pb::ContactCard {
        formatted_name: card.name.formatted_name,
        first_name: card.name.first_name,
        last_name: card.name.last_name,
        middle_name: card.name.middle_name,
        suffix: card.name.suffix,
        prefix: card.name.prefix,
        birthday: card.birthday,
        phones: card.phones.into_iter().map(|phone| pb::ContactPhone { phone: phone.phone, r#type: phone.kind, wa_id: phone.wa_id }).collect(),
        emails: card.emails.into_iter().map(|one| (one.email, one.kind)).map(entry).collect(),
        urls: card.urls.into_iter().map(|one| (one.url, one.kind)).map(entry).collect(),
        addresses: card.addresses.into_iter().map(address).collect(),
        company: org.company,
        department: org.department,
        title: org.title,
    }
}

fn referral(referral: wire::Referral) -> pb::Referral {
    pb::Referral {
        source_url: referral.source_url,
        source_id: referral.source_id,
        source_type: referral.source_type,
        headline: referral.headline,
        body: referral.body,
        media_type: referral.media_type,
        image_url: referral.image_url,
        video_url: referral.video_url,
        thumbnail_url: referral.thumbnail_url,
        ctwa_clid: referral.ctwa_clid,
        welcome_text: referral.welcome_message.unwrap_or_default().text,
    }
}
