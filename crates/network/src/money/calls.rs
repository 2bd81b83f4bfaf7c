//! What an endpoint may ask: what a message would cost, what the rate card says, what was billed.
use super::{
    admit::{counted, wire},
    bill::{self, Bill, Sum},
    charges, statement,
};
use crate::{
    Network,
    operations::call::{business_only, reads},
    period::{self, Level, month_name},
    refusal::Refusal,
    rows::{self, Caller, Room},
    session::Answer,
};
use suki_protocol::calls::{
    Call as _,
    money::{
        self as protocol, BillLine, BillService, Card, CardMarket, CardRate, CardTier, Cards, GetBill, GetCard, GetCharges, GetQuote, GetStatement,
        Quoted, Recipient, Statement,
    },
};
use suki_rules::{
    LateReplies,
    price::{Category, OpenConversations, PriceFacts, Rate, RateCard, counters, quote},
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, Country, Timestamp};

/// The most lines of an answer, so that it fits into a frame.
const MAX_LINES: usize = 900;

/// The calls of this subject; `None` when there is none of this name.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    let own = network.clone();
    Some(match name {
        GetQuote::NAME => reads::<GetQuote>(network, json, move |tx, asked| {
            business_only(&caller)?;
            quoted(&own, tx, caller, asked)
        }),
        GetCard::NAME => reads::<GetCard>(network, json, move |_, _| {
            business_only(&caller)?;
            Ok(cards(&own))
        }),
        GetBill::NAME => reads::<GetBill>(network, json, move |tx, asked| {
            business_only(&caller)?;
            let bill = bill::bill(tx, caller.account, month(&asked.month)?, own.policy().price.currency)?;
            told(&bill)
        }),
        GetCharges::NAME => reads::<GetCharges>(network, json, move |tx, asked| {
            business_only(&caller)?;
            charges::charges(tx, caller.account, asked, own.now())
        }),
        GetStatement::NAME => reads::<GetStatement>(network, json, move |tx, asked| {
            business_only(&caller)?;
            let bill = bill::bill(tx, caller.account, month(&asked.month)?, own.policy().price.currency)?;
            make_statement(&own, tx, caller.account, &bill, asked.format)
        }),
        _ => return None,
    })
}

fn month(text: &str) -> Result<Timestamp, Refusal> {
    period::month(text).ok_or_else(|| Refusal::malformed("A month is written as year and month, such as 2026-11, from 2000-01 on"))
}

/// What is known of whoever a quote is for.
struct Target {
    country: Country,
    room: Option<Room>,
}

fn quoted(network: &Network, tx: &mut Tx<'_>, caller: Caller, asked: &GetQuote) -> Result<Quoted, Refusal> {
    let category =
        Category::from_word(&asked.category).filter(|category| !matches!(category, Category::AuthenticationInternational | Category::MarketingLite));
    let category =
        category.ok_or_else(|| Refusal::malformed("A category is marketing, utility, authentication, or service for all that is no template"))?;
    let target = target(tx, caller, &asked.to)?;
    let now = network.now();
    let policy = network.policy();
    let card = network.cards().at(now);
    let mut facts = facts(network, tx, caller.account, category, &target, now)?;
    let needed = counters(policy, &card, &facts);
    let month = Level::Month.start(now);
    if needed.allowance {
        facts.allowance_used = counted(tx, caller.account, month, "", Category::Service)?;
    }
    if let Some((market, category)) = needed.volume {
        facts.volume = counted(tx, caller.account, month, market.name(), category)?;
    }
    let price = quote(policy, &card, &facts);
    let sent = wire(policy.price.model, &price);
    Ok(Quoted {
        amount: price.amount,
        currency: sent.currency,
        model: sent.model,
        kind: sent.r#type,
        category: sent.category,
        billable: sent.billable,
        market: price.market.name().into(),
        tier: price.tier.map(|tier| tier.range()).unwrap_or_default(),
        why: price.why(),
    })
}

fn target(tx: &mut Tx<'_>, caller: Caller, to: &Recipient) -> Result<Target, Refusal> {
    let conversation = match to {
        Recipient::Country(country) => return Ok(Target { country: *country, room: None }),
        Recipient::Phone(phone) => {
            let sql = "SELECT c.conversation FROM phone p JOIN account_conversation c ON c.account = ?2 AND c.other = p.account WHERE p.phone = ?1";
            let found = tx.query_opt(sql, &[phone.into(), (&caller.account).into()], |row| row.get::<ConversationId>(0))?;
            let Some(found) = found else { return Ok(Target { country: Country::of(phone), room: None }) };
            found
        }
        Recipient::Conversation(conversation) => *conversation,
    };
    let room = rows::room(tx, conversation, &caller)?;
    let country = match room.terms.country {
        Some(country) => country,
        None => super::admit::country_of(tx, room.customer)?,
    };
    Ok(Target { country, room: Some(room) })
}

fn facts(
    network: &Network,
    tx: &mut Tx<'_>,
    business: AccountId,
    category: Category,
    target: &Target,
    now: Timestamp,
) -> Result<PriceFacts, StoreError> {
    let (small, trust) = tx.query_one(
        "SELECT COALESCE(s.small, 0), b.trust FROM business b LEFT JOIN standing s ON s.business = b.account WHERE b.account = ?1",
        &[(&business).into()],
        |row| Ok((row.get::<i64>(0)? != 0, row.get::<u8>(1)?)),
    )?;
    let until = |at: Option<Timestamp>| at.is_some_and(|at| now < at);
    let chat = target.room.as_ref().map(|room| room.chat).unwrap_or_default();
    let open = target.room.as_ref().map_or([0; 4], |room| room.terms.open).map(|open| now.millis() < open);
    let window_open = until(chat.window_until);
    let policy = network.policy();
    // Answering within its time opens the free entry window, and the answer is in it already.
    let entered = policy.entry.after_answer(chat, now);
    Ok(PriceFacts {
        category,
        lite: false,
        country: target.country,
        window_open,
        entry_open: until(entered.entry_until),
        late: category == Category::Service && !window_open && policy.window.late_replies == LateReplies::Charged,
        small,
        trust,
        international: category == Category::Authentication && network.international().holds(business, target.country),
        open: OpenConversations { marketing: open[0], utility: open[1], authentication: open[2], service: open[3] },
        volume: 0,
        allowance_used: 0,
    })
}

fn cards(network: &Network) -> Cards {
    let now = network.now();
    let all = network.cards();
    let current = all.at(now);
    Cards {
        model: network.policy().price.model.word().into(),
        current: told_card(&current, all.since(now)),
        next: all.after(now).map(|(at, card)| told_card(&card, at)),
    }
}

fn told_card(card: &RateCard, effective_at: Timestamp) -> Card {
    let rates = Category::ALL.map(|category| (category.word(), Rate::Of(category))).into_iter().chain([("late-reply", Rate::LateReply)]);
    let rates: Vec<_> = rates.collect();
    let cell = |market, (what, rate): &(&str, Rate)| {
        let amount = card.rate(market, *rate)?;
        let slices = if let Rate::Of(category) = rate { card.tiers(market, *category) } else { &[] };
        let tiers = slices.iter().map(|tier| CardTier { range: tier.range(), amount: tier.rate }).collect();
        Some(CardRate { what: (*what).to_owned(), amount, tiers })
    };
    let row =
        |market| CardMarket { market: suki_types::Market::name(market).into(), rates: rates.iter().filter_map(|rate| cell(market, rate)).collect() };
    Card { effective_at, currency: card.currency().code().into(), markets: card.markets().map(row).collect() }
}

fn line(sum: &Sum) -> BillLine {
    BillLine {
        market: sum.line.market.clone(),
        category: sum.line.category.word().into(),
        kind: sum.line.kind.word().into(),
        tier: sum.line.tier.clone(),
        count: sum.count,
        amount: sum.amount,
        currency: sum.line.currency.code().into(),
    }
}

pub(super) fn told(bill: &Bill) -> Result<protocol::Bill, Refusal> {
    few(bill.lines.len() + bill.extras.len(), "the statement has them all")?;
    let service = |extra: &bill::Extra| BillService {
        at: extra.at,
        service: extra.service.clone(),
        amount: extra.amount,
        currency: extra.currency.code().into(),
    };
    Ok(protocol::Bill {
        month: month_name(bill.month),
        currency: bill.currency.code().into(),
        lines: bill.lines.iter().map(line).collect(),
        services: bill.extras.iter().map(service).collect(),
        total: bill.total(),
        reserved: bill.reserved,
    })
}

fn few(lines: usize, instead: &str) -> Result<(), Refusal> {
    if lines <= MAX_LINES {
        return Ok(());
    }
    Err(Refusal::malformed(format!("The answer has {lines} lines and at most {MAX_LINES} are given: {instead}")))
}

fn make_statement(
    network: &Network,
    tx: &mut Tx<'_>,
    business: AccountId,
    bill: &Bill,
    format: protocol::StatementFormat,
) -> Result<Statement, Refusal> {
    let name = tx.query_one("SELECT name FROM business WHERE account = ?1", &[(&business).into()], |row| row.get(0))?;
    let holder = statement::Holder { name, account: business.to_string(), at: network.now() };
    let written = match format {
        protocol::StatementFormat::Csv => statement::csv(&holder, bill).map(|data| ("csv", "text/csv; charset=utf-8", data)),
        protocol::StatementFormat::Pdf => statement::pdf(&holder, bill).map(|data| ("pdf", "application/pdf", data)),
    };
    let (extension, media_type, data) = written.map_err(|error| Refusal::malformed(format!("The statement cannot be written: {error}")))?;
    let name = format!("statement-{}.{extension}", month_name(bill.month));
    Ok(Statement { name, media_type: media_type.into(), data: suki_protocol::http::Base64(data) })
}
