//! Orders of customers, checked against the catalogue: a device may name what is not sold, and prices that never were.
use super::rows;
use crate::messages::{NewMessage, Sent};
use prost::Message as _;
use suki_cloud_api::{ObjectId, commerce::Product};
use suki_protocol::pb::{self, content::Body};
use suki_store::{StoreError, Tx};
use suki_types::AccountId;

/// The message as it may be stored: of an order what the catalogue has, each product once and with what it costs now beside what the customer was shown.
/// An order of nothing that is sold is what the customer wrote with it; none when he wrote nothing. `most` is how many pieces of one product an order
/// may have.
///
/// # Errors
/// When the store fails.
pub(crate) fn checked(tx: &mut Tx<'_>, business: AccountId, most: u32, message: NewMessage) -> Result<Option<NewMessage>, StoreError> {
    let Some(pb::Content { body: Some(Body::Order(order)), .. }) = message.sent.rich() else { return Ok(Some(message)) };
    let mut items: Vec<pb::OrderItem> = Vec::with_capacity(order.items.len());
    if let Ok(catalog) = order.catalog_id.parse::<ObjectId>() {
        for item in order.items {
            let known = items.iter().position(|earlier| earlier.retailer_id == item.retailer_id);
            match known {
                Some(place) => items[place].quantity = items[place].quantity.saturating_add(item.quantity).min(most),
                None => items.extend(rows::of_retailer(tx, business, catalog, &item.retailer_id)?.map(|product| listed(item, &product, most))),
            }
        }
    }
    if items.is_empty() {
        tracing::warn!(%business, chat_message = %message.id, "an order names nothing that is sold");
        let said = !message.text.trim().is_empty();
        return Ok(said.then_some(NewMessage { sent: Sent::Text, ..message }));
    }
    let order = pb::Order { catalog_id: order.catalog_id, text: order.text, items };
    let content = pb::Content { body: Some(Body::Order(order)), ..message.sent.rich().unwrap_or_default() };
    Ok(Some(NewMessage { sent: Sent::Rich { kind: "order", content: content.encode_to_vec() }, ..message }))
}

/// What is ordered, in the catalogue's words.
fn listed(item: pb::OrderItem, product: &Product, most: u32) -> pb::OrderItem {
    pb::OrderItem {
        quantity: item.quantity.min(most),
        name: product.name.clone(),
        listed_price_1000: product.costs(),
        listed_currency: product.currency.code().into(),
        ..item
    }
}
