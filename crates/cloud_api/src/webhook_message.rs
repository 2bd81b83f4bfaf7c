//! A customer's message in a delivery, and what each type of it holds (section 3c). The simulated customers of the sandbox are told what to say in the same
//! words.
use crate::webhook::{Contact, ErrorItem, seconds};
use serde::{Deserialize, Serialize};
use suki_types::Timestamp;

/// A customer's message.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// What it answers, or how it came to him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Context>,
    /// The customer's digits; absent when he has no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The customer's business-scoped user id.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub from_user_id: String,
    /// The group it was written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Its id.
    pub id: String,
    /// When it was accepted.
    #[serde(with = "seconds")]
    pub timestamp: Timestamp,
    /// What it is; its content stands in the field of that name.
    #[serde(rename = "type", default)]
    pub kind: String,
    /// What it holds, under the name of its type.
    #[serde(flatten)]
    pub body: Body,
    /// What brought the customer here; with his first message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referral: Option<Referral>,
    /// Why it could not be shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<ErrorItem>,
}

/// What a message holds: the one field that its type names.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Body {
    /// A text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Text>,
    /// A picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Media>,
    /// A film.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub video: Option<Media>,
    /// Sound, spoken or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<Media>,
    /// Any other file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Media>,
    /// A sticker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sticker: Option<Media>,
    /// A place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// People.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contacts: Vec<ContactCard>,
    /// An emoji on another message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaction: Option<Reaction>,
    /// A template's quick reply that was pressed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub button: Option<Button>,
    /// What was pressed, chosen or filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interactive: Option<Interactive>,
    /// What was put into the cart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// What has changed about the customer himself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<System>,
    /// What cannot be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsupported: Option<Unsupported>,
}

/// What a message answers, and how it came to the customer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Whether it was forwarded.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub forwarded: bool,
    /// Whether it was forwarded more than five times.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub frequently_forwarded: bool,
    /// Who wrote the answered message: digits, or a business-scoped user id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The answered message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The product he asks about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_product: Option<ReferredProduct>,
}

/// A product of a catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferredProduct {
    /// The catalogue.
    pub catalog_id: String,
    /// The product's id at its seller.
    pub product_retailer_id: String,
}

/// The content of a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text.
    pub body: String,
}

/// A file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// What the customer wrote below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// A document's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Its type, such as `image/jpeg`.
    #[serde(default)]
    pub mime_type: String,
    /// The SHA-256 of its bytes, in Base64.
    #[serde(default)]
    pub sha256: String,
    /// Its id, for `GET /ID`; absent when it cannot be fetched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Where its bytes are, for whoever has a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Of sound: whether it was spoken into the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voice: Option<bool>,
    /// Of a sticker: whether it moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub animated: Option<bool>,
}

/// A place.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Location {
    /// Degrees north.
    pub latitude: f64,
    /// Degrees east.
    pub longitude: f64,
    /// Its name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// A page about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub url: String,
}

/// A person whom the customer shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactCard {
    /// What he is called.
    pub name: ContactName,
    /// When he was born, `YYYY-MM-DD`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub birthday: String,
    /// His numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<ContactPhone>,
    /// His addresses for mail.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<ContactEmail>,
    /// His pages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<ContactUrl>,
    /// Where he lives and works.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<ContactAddress>,
    /// For whom he works.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub org: Option<ContactOrg>,
}

macro_rules! card_part {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident $rename:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name {
            $($(#[$field_doc])* #[serde(rename = $rename, skip_serializing_if = "String::is_empty")] pub $field: String,)*
        }
    };
}

card_part! {
    /// What a person is called.
    ContactName {
        /// In one line.
        formatted_name "formatted_name",
        /// Given name.
        first_name "first_name",
        /// Family name.
        last_name "last_name",
        /// What stands between the two.
        middle_name "middle_name",
        /// What stands behind.
        suffix "suffix",
        /// What stands before.
        prefix "prefix",
    }
}
card_part! {
    /// A number.
    ContactPhone {
        /// The number as it was written.
        phone "phone",
        /// Such as `HOME`.
        kind "type",
        /// Its digits, if a customer has it.
        wa_id "wa_id",
    }
}
card_part! {
    /// An address for mail.
    ContactEmail {
        /// The address.
        email "email",
        /// Such as `WORK`.
        kind "type",
    }
}
card_part! {
    /// A page.
    ContactUrl {
        /// Its address.
        url "url",
        /// Such as `WORK`.
        kind "type",
    }
}
card_part! {
    /// Where somebody lives or works.
    ContactAddress {
        /// Street and number.
        street "street",
        /// City.
        city "city",
        /// State.
        state "state",
        /// Postal code.
        zip "zip",
        /// Country.
        country "country",
        /// Its code of two letters.
        country_code "country_code",
        /// Such as `HOME`.
        kind "type",
    }
}
card_part! {
    /// For whom somebody works.
    ContactOrg {
        /// The company.
        company "company",
        /// The department.
        department "department",
        /// What he is there.
        title "title",
    }
}

/// An emoji on another message.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reaction {
    /// That message.
    pub message_id: String,
    /// The emoji; absent when it was taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emoji: Option<String>,
}

/// A template's button that the customer pressed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What the business had put behind it.
    #[serde(default)]
    pub payload: String,
    /// What stands on it.
    #[serde(default)]
    pub text: String,
}

/// What the customer pressed, chose or filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Interactive {
    /// A button.
    ButtonReply {
        /// Which.
        button_reply: Chosen,
    },
    /// A row of a list.
    ListReply {
        /// Which.
        list_reply: Chosen,
    },
    /// A form.
    NfmReply {
        /// What he filled in.
        nfm_reply: Filled,
    },
}

/// A button or row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chosen {
    /// Its id.
    pub id: String,
    /// What stands on it.
    #[serde(default)]
    pub title: String,
    /// Of a row: more about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A form that was filled in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filled {
    /// `flow` or `address_message`.
    pub name: String,
    /// What stands in the chat: `Sent`.
    #[serde(default)]
    pub body: String,
    /// What was filled in: JSON as text.
    pub response_json: String,
}

/// What was put into the cart. Its prices are the catalogue's when the order came.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The catalogue.
    pub catalog_id: String,
    /// What he wrote with it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// What he wants.
    pub product_items: Vec<OrderItem>,
}

/// Some of one product.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The product's id at its seller.
    pub product_retailer_id: String,
    /// How many.
    pub quantity: u32,
    /// What one costs, in the currency's unit.
    #[serde(default)]
    pub item_price: f64,
    /// ISO 4217.
    #[serde(default)]
    pub currency: String,
}

/// A message of a kind that is not known here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsupported {
    /// What is known of it: `unknown`.
    #[serde(rename = "type")]
    pub kind: String,
}

/// What has changed about the customer himself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// In a sentence.
    #[serde(default)]
    pub body: String,
    /// The digits of his number from now on; absent when the business does not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wa_id: Option<String>,
    /// His business-scoped user id from now on.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user_id: String,
    /// The hash of his keys from now on; when it is they that have changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: SystemKind,
}

/// What can change about a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemKind {
    /// He has another number.
    UserChangedNumber,
    /// He has another business-scoped user id.
    UserChangedUserId,
    /// He has another set of devices.
    CustomerIdentityChanged,
}

/// What brought the customer here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Referral {
    /// The page he came from.
    pub source_url: String,
    /// The id of the advertisement, post or link.
    pub source_id: String,
    /// `ad` or `post`; of a business's own link `link`.
    pub source_type: String,
    /// Its words.
    pub body: String,
    /// Its headline.
    pub headline: String,
    /// `image` or `video`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub media_type: String,
    /// Its picture.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub image_url: String,
    /// Its film.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub video_url: String,
    /// A picture of its film.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub thumbnail_url: String,
    /// The id of the click.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ctwa_clid: String,
    /// What it greets with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub welcome_message: Option<Welcome>,
}

/// What an advertisement greets with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// Its words.
    pub text: String,
}

impl Message {
    /// A customer's message of this type. `reply_to` is the id and the author of the message it answers.
    pub fn new(contact: &Contact, id: String, at: Timestamp, kind: &str, body: Body, reply_to: Option<(String, String)>) -> Self {
        Self {
            context: reply_to.map(|(id, from)| Context { from: Some(from), id: Some(id), ..Context::default() }),
            from: contact.wa_id.clone(),
            from_user_id: contact.user_id.clone(),
            group_id: None,
            id,
            timestamp: at,
            kind: kind.into(),
            body,
            referral: None,
            errors: Vec::new(),
        }
    }

    /// A customer's text.
    pub fn text(contact: &Contact, id: String, at: Timestamp, body: String, reply_to: Option<(String, String)>) -> Self {
        Self::new(contact, id, at, "text", Body { text: Some(Text { body }), ..Body::default() }, reply_to)
    }
}
