//! The price of a message at its admission: fixed, reserved, and kept with the message.
use super::ledger::{self, Posting, Step};
use crate::{
    Network,
    operations::call::Wakes,
    period::{Level, month_name},
    refusal::Refusal,
    rows::{self, Room},
    statistics::{self, Subject},
};
use suki_protocol::{calls::money::TierReached, pb};
use suki_rules::price::{Category, ChargedOn, Counters, Model, OpenConversations, PriceFacts, PricingType, Quote, RateCard, counters, quote};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, Country, MessageId, Phone, Timestamp};

/// What of a conversation's row its prices depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Terms {
    /// The customer's country; `None` until it was looked up.
    pub country: Option<Country>,
    /// Until when paid conversations are open: marketing, utility, authentication, service. 0: never.
    pub open: [i64; 4],
}

/// A message of a business that the rules let pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Admitted<'a> {
    /// The conversation as it was before the message.
    pub room: &'a Room,
    pub message: MessageId,
    /// The template's number; 0 for none.
    pub template: u64,
    pub category: Category,
    /// Whether it was sent over the Cloud API's `marketing_messages`.
    pub lite: bool,
    /// Whether the customer-service window was open when it came.
    pub window_open: bool,
    /// Whether the free entry window is open.
    pub entry_open: bool,
    /// Whether it is a late reply.
    pub late: bool,
    pub payer: Payer,
}

/// What of the business its prices depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Payer {
    /// Whether it is small.
    pub small: bool,
    /// Its trust level, from 1.
    pub trust: u8,
}

/// Fixes and reserves the price, in the unit that stores the message. What it answers goes to the sender with the acceptance.
///
/// # Errors
/// When the store refuses.
pub(crate) fn admitted(network: &Network, tx: &mut Tx<'_>, sent: &Admitted<'_>, now: Timestamp) -> Result<(pb::Price, Wakes), Refusal> {
    let room = sent.room;
    let country = country(tx, room.id, room.customer, room.terms.country)?;
    let policy = network.policy();
    let card = network.cards().at(now);
    let mut facts = facts(sent, country, now);
    facts.international = network.international().holds(room.business, country);
    let asked = counters(policy, &card, &facts);
    let month = Level::Month.start(now);
    if asked.allowance {
        facts.allowance_used = count(tx, room.business, month, "", Category::Service)?;
    }
    let asked = Counters { volume: asked.volume.filter(|_| !asked.allowance || facts.allowance_used >= policy.price.free_service), ..asked };
    if let Some((market, category)) = asked.volume {
        facts.volume = count(tx, room.business, month, market.name(), category)?;
    }
    let price = quote(policy, &card, &facts);
    let counted = asked.volume.is_some() || asked.allowance;
    keep(network, tx, sent, country, &price, counted.then_some(month), now)?;
    if price.opens {
        open_conversation(tx, room.id, price.category, now.plus_millis(policy.price.conversation.millis()))?;
    }
    let subject = Subject { category: sent.category.number(), template: sent.template, country: country.code().into() };
    statistics::sent(tx, room.business, &subject, now)?;
    let wakes = announce_tier(network, tx, room.business, &card, &asked, &facts, now)?;
    Ok((wire(policy.price.model, &price), wakes))
}

fn facts(sent: &Admitted<'_>, country: Country, now: Timestamp) -> PriceFacts {
    let [marketing, utility, authentication, service] = sent.room.terms.open.map(|until| now.millis() < until);
    PriceFacts {
        category: sent.category,
        lite: sent.lite,
        country,
        window_open: sent.window_open,
        entry_open: sent.entry_open,
        late: sent.late,
        small: sent.payer.small,
        trust: sent.payer.trust,
        international: false,
        open: OpenConversations { marketing, utility, authentication, service },
        volume: 0,
        allowance_used: 0,
    }
}

/// The customer's country. It is looked up once in a conversation's life, and then it is in the row that is read anyway.
fn country(tx: &mut Tx<'_>, conversation: ConversationId, customer: AccountId, known: Option<Country>) -> Result<Country, StoreError> {
    if let Some(known) = known {
        return Ok(known);
    }
    let country = country_of(tx, customer)?;
    tx.execute("UPDATE conversation SET country = ?2 WHERE conversation = ?1", &[(&conversation).into(), country.code().into()])?;
    Ok(country)
}

/// The country of an account's number; unknown without a number.
pub(crate) fn country_of(tx: &mut Tx<'_>, account: AccountId) -> Result<Country, StoreError> {
    let phone = rows::phone_of(tx, account)?;
    Ok(phone.parse::<Phone>().map_or(Country::UNKNOWN, |phone| Country::of(&phone)))
}

/// Counts one more in a month, and says how many there were before it.
fn count(tx: &mut Tx<'_>, business: AccountId, month: Timestamp, market: &str, category: Category) -> Result<u64, StoreError> {
    tx.query_one(
        "INSERT INTO volume (business, month, market, category, count) VALUES (?1, ?2, ?3, ?4, 1) \
         ON CONFLICT (business, month, market, category) DO UPDATE SET count = volume.count + 1 RETURNING count",
        &[(&business).into(), month.into(), market.into(), category.number().into()],
        |row| row.get::<u64>(0),
    )
    .map(|count| count.saturating_sub(1))
}

/// Writes the price to the message's row, and reserves it.
fn keep(
    network: &Network,
    tx: &mut Tx<'_>,
    sent: &Admitted<'_>,
    country: Country,
    price: &Quote,
    counted: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let at_once = network.policy().price.charged_on == ChargedOn::Accepted;
    let state = match (price.amount.is_zero(), at_once) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => 2,
    };
    let tier = price.tier.map(|tier| tier.range()).unwrap_or_default();
    tx.execute(
        "UPDATE message SET market = ?3, country = ?4, currency = ?5, price = ?6, price_state = ?7, price_category = ?8, price_type = ?9, \
           price_tier = ?10, price_month = ?11 WHERE conversation = ?1 AND message_id = ?2",
        &[
            (&sent.room.id).into(),
            (&sent.message).into(),
            price.market.name().into(),
            country.code().into(),
            price.currency.code().into(),
            price.amount.millionths().into(),
            state.into(),
            price.category.number().into(),
            price.kind.number().into(),
            (&tier).into(),
            counted.map_or(0, Timestamp::millis).into(),
        ],
    )?;
    if price.amount.is_zero() {
        return Ok(());
    }
    let (business, conversation) = (sent.room.business, sent.room.id);
    let reserved =
        Posting { business, conversation, subject: sent.message.as_bytes(), step: Step::Reserved, amount: price.amount, currency: price.currency };
    ledger::post(tx, &reserved, now)?;
    if at_once {
        ledger::post(tx, &Posting { step: Step::Booked, ..reserved }, now)?;
        let line = super::bill::Line::of(price, country);
        super::bill::add(tx, business, (&line, sent.template), 1, price.amount, now)?;
    }
    Ok(())
}

fn open_conversation(tx: &mut Tx<'_>, conversation: ConversationId, category: Category, until: Timestamp) -> Result<(), StoreError> {
    let sql = match category {
        Category::Marketing | Category::MarketingLite => "UPDATE conversation SET open_marketing = ?2 WHERE conversation = ?1",
        Category::Utility => "UPDATE conversation SET open_utility = ?2 WHERE conversation = ?1",
        Category::Authentication | Category::AuthenticationInternational => {
            "UPDATE conversation SET open_authentication = ?2 WHERE conversation = ?1"
        }
        Category::Service => "UPDATE conversation SET open_service = ?2 WHERE conversation = ?1",
    };
    tx.execute(sql, &[(&conversation).into(), until.into()])?;
    Ok(())
}

/// Tells the business's endpoint when this message was the first of a cheaper slice.
fn announce_tier(
    network: &Network,
    tx: &mut Tx<'_>,
    business: AccountId,
    card: &RateCard,
    asked: &Counters,
    facts: &PriceFacts,
    now: Timestamp,
) -> Result<Wakes, Refusal> {
    let Some((market, category)) = asked.volume else { return Ok(Vec::new()) };
    let Some(tier) = card.tier(market, category, facts.volume).filter(|tier| tier.from > 0 && tier.from == facts.volume) else {
        return Ok(Vec::new());
    };
    let told =
        TierReached { at: now, category: category.word().into(), region: market.name().into(), tier: tier.range(), effective_month: month_name(now) };
    let devices = rows::devices_of(tx, business)?;
    network.append_notice(tx, devices, None, &told)
}

/// The price of a message that was accepted before; `None` when it has none.
///
/// # Errors
/// When the store fails.
pub(crate) fn known(network: &Network, tx: &mut Tx<'_>, conversation: ConversationId, message: MessageId) -> Result<Option<pb::Price>, StoreError> {
    tx.query_opt(
        "SELECT price, currency, price_type, price_category FROM message WHERE conversation = ?1 AND message_id = ?2 AND price_type <> 0",
        &[(&conversation).into(), (&message).into()],
        |row| {
            let broken = || StoreError::Corrupt("a message's price cannot be read");
            let kind = PricingType::from_number(row.get(2)?).ok_or_else(broken)?;
            let category = Category::from_number(row.get(3)?).ok_or_else(broken)?;
            Ok(price(network.policy().price.model, row.get(0)?, row.get(1)?, kind, category))
        },
    )
}

/// A quote as it goes over the wire.
pub(super) fn wire(model: Model, quote: &Quote) -> pb::Price {
    price(model, quote.amount.millionths(), quote.currency.code().to_owned(), quote.kind, quote.category)
}

fn price(model: Model, amount: i64, currency: String, kind: PricingType, category: Category) -> pb::Price {
    let model = if model == Model::PerConversation { "CBP" } else { "PMP" };
    let category = if kind == PricingType::FreeEntryPoint { "referral_conversion" } else { category.word() };
    pb::Price { amount, currency, model: model.into(), r#type: kind.word().into(), category: category.into(), billable: kind == PricingType::Regular }
}

/// How many were counted in a month before the next message; for quotes.
pub(super) fn counted(tx: &mut Tx<'_>, business: AccountId, month: Timestamp, market: &str, category: Category) -> Result<u64, StoreError> {
    let found = tx.query_opt(
        "SELECT count FROM volume WHERE business = ?1 AND month = ?2 AND market = ?3 AND category = ?4",
        &[(&business).into(), month.into(), market.into(), category.number().into()],
        |row| row.get(0),
    )?;
    Ok(found.unwrap_or(0))
}

/// Takes a message that was never delivered out of its month's count again.
pub(super) fn uncount(
    tx: &mut Tx<'_>,
    business: AccountId,
    month: Timestamp,
    market: &str,
    category: Category,
    kind: PricingType,
) -> Result<(), StoreError> {
    let market = if kind == PricingType::Allowance { "" } else { market };
    tx.execute(
        "UPDATE volume SET count = count - 1 WHERE business = ?1 AND month = ?2 AND market = ?3 AND category = ?4 AND count > 0",
        &[(&business).into(), month.into(), market.into(), category.number().into()],
    )?;
    Ok(())
}
