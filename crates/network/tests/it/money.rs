//! Money and statistics as an endpoint sees them: quoted, reserved, booked, released, billed and counted (R64, R65, R93, R95, R98 to R103).
use crate::world::{DAY, Device, World, header, submit};
use suki_network::{Config, audit::Actor, money::ImportError};
use suki_protocol::{
    calls::{
        money::{GetBill, GetCard, GetQuote, GetStatement, Quoted, Recipient, StatementFormat, TierReached},
        statistics::{Counted, Counts, Dimension, GetStatistics, Granularity, Point},
    },
    pb::{self, MessageKind, ReceiptStatus, RefusalCode, client_frame::Body as Ask},
};
use suki_rules::{Policy, SHIPPED_POLICIES};
use suki_store::{StoreError, Value};
use suki_types::{Amount, ConversationId, Env, MessageId, Timestamp};

const HOUR: i64 = 3_600_000;
const CATEGORIES: [&str; 4] = ["marketing", "utility", "authentication", "service"];

/// A shipped profile with some of its lines changed.
fn policy(name: &str, changes: &[(&str, &str)]) -> Policy {
    let mut text = SHIPPED_POLICIES.into_iter().find(|(shipped, _)| *shipped == name).expect("it is shipped").1.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Policy::parse("test.toml", &text).expect("it is a policy")
}

impl World {
    async fn write(&self, sql: &'static str, device: &Device, text: &'static str) {
        let account = device.registered.account;
        let unit = self.db.write(move |tx| tx.execute(sql, &[(&account).into(), text.into()]));
        unit.await.map_err(|error: StoreError| error).expect("the store takes it");
    }

    /// A shop that may reach everybody, with templates 1 marketing, 2 utility, 3 authentication.
    pub(crate) async fn paying_shop(&self) -> Device {
        let shop = self.shop("kape").await;
        self.write("UPDATE standing SET tier_limit = -1 WHERE business = ?1 AND ?2 = ''", &shop, "").await;
        for category in 1..=3_i64 {
            let (business, name) = (shop.registered.account, format!("name_{category}"));
            let unit = self.db.write(move |tx| {
                let sql = "INSERT INTO template (business, id, name, language, category, status, version) VALUES (?1, ?2, ?3, 'en_US', ?2, 2, 1)";
                tx.execute(sql, &[(&business).into(), category.into(), (&name).into()])
            });
            unit.await.map_err(|error: StoreError| error).expect("the store takes it");
        }
        shop
    }

    /// A customer of a country who has written once, so that templates pass; his window is closed again.
    pub(crate) async fn customer(&self, shop: &mut Device, country: &'static str) -> (Device, ConversationId) {
        let mut customer = self.guest("kape").await;
        let conversation = self.join(shop, &mut customer).await;
        self.write("UPDATE conversation SET country = ?2 WHERE customer = ?1 AND conversation IN (SELECT conversation FROM account_conversation WHERE account = ?1)", &customer, country).await;
        let (_, text) = customer.text(conversation, 1);
        customer.accepted(text).await;
        shop.entries_so_far().await;
        (customer, conversation)
    }

    /// What stands on an account of the ledger: 1 owed, 2 reserved, 3 messages, 4 services; debits less credits.
    async fn account(&self, shop: &Device, account: i64) -> Amount {
        let business = shop.registered.account;
        let unit = self.db.read(move |tx| {
            let sql = "SELECT debit, credit, amount FROM ledger_entry WHERE business = ?1";
            tx.query(sql, &[(&business).into()], |row| Ok((row.get::<i64>(0)?, row.get::<i64>(1)?, row.get::<i64>(2)?)))
        });
        let entries = unit.await.map_err(|error: StoreError| error).expect("the store answers");
        let sum = |side: fn(&(i64, i64, i64)) -> i64| entries.iter().filter(|entry| side(entry) == account).map(|(.., amount)| amount).sum::<i64>();
        Amount::from_millionths(sum(|entry| entry.0) - sum(|entry| entry.1))
    }
}

/// A message of a category to a customer.
pub(crate) fn message(shop: &Device, conversation: ConversationId, category: usize) -> (MessageId, Ask) {
    if category == 3 {
        return shop.text(conversation, 1);
    }
    let id = MessageId::new(&shop.env);
    let (template_id, language) = (format!("{}.1", category + 1), "en_US".into());
    let header = pb::Header { category: CATEGORIES[category].into(), template_id, language, ..header(id, MessageKind::Template) };
    (id, submit(conversation, 1, &header))
}

async fn quote(shop: &mut Device, to: Recipient, category: usize) -> Quoted {
    shop.called(&GetQuote { to, category: CATEGORIES[category].into() }).await
}

/// Takes everything in and acknowledges it.
pub(crate) async fn fetch(customer: &mut Device) {
    if let Some(last) = customer.entries_so_far().await.last() {
        customer.ack(last.seq).await;
    }
}

fn month(world: &World) -> String {
    // The clock of tests stands in January 2026 and is moved by days.
    let days = (world.env.now().millis() - 1_767_225_600_000) / DAY;
    assert!(days < 31, "the test stays in its first month");
    "2026-01".into()
}

#[tokio::test]
async fn r95_a_template_is_reserved_when_accepted_and_booked_when_delivered() {
    let world = World::new(300).await;
    let mut shop = world.paying_shop().await;
    let (mut ana, conversation) = world.customer(&mut shop, "PH").await;
    world.advance(2 * DAY);
    let quoted = quote(&mut shop, Recipient::Conversation(conversation), 0).await;
    assert_eq!((quoted.kind.as_str(), quoted.billable, quoted.market.as_str()), ("regular", true, "Rest of Asia Pacific"));
    let anybody = quote(&mut shop, Recipient::Country("PH".parse().expect("a country")), 0).await;
    assert_eq!(anybody, quoted);

    let (id, ask) = message(&shop, conversation, 0);
    let again = ask.clone();
    let accepted = shop.accepted(ask).await;
    let price = accepted.price.clone().expect("it has a price");
    assert_eq!((price.amount, price.currency.as_str(), price.billable), (quoted.amount.millionths(), "USD", true));
    assert_eq!((price.model.as_str(), price.r#type.as_str(), price.category.as_str()), ("PMP", "regular", "marketing"));
    assert_eq!(shop.accepted(again).await.price, accepted.price, "sending again is answered alike and costs nothing more");
    assert_eq!([world.account(&shop, 1).await, world.account(&shop, 2).await], [Amount::ZERO, quoted.amount]);

    // Two devices of the customer, one price.
    fetch(&mut ana).await;
    let read = Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played: false });
    ana.done(read).await;
    assert_eq!([world.account(&shop, 1).await, world.account(&shop, 2).await], [quoted.amount, Amount::ZERO]);
    let bill = shop.called(&GetBill { month: month(&world) }).await;
    assert_eq!((bill.total, bill.reserved, bill.lines.len()), (quoted.amount, Amount::ZERO, 1));
    assert_eq!((bill.lines[0].count, bill.lines[0].category.as_str(), bill.lines[0].kind.as_str()), (1, "marketing", "regular"));
}

#[tokio::test]
async fn r95_what_is_free_in_the_window_is_counted_on_the_bill_and_costs_nothing() {
    let world = World::new(301).await;
    let mut shop = world.paying_shop().await;
    let (mut ana, conversation) = world.customer(&mut shop, "PH").await;
    for category in [1, 3] {
        assert!(!quote(&mut shop, Recipient::Conversation(conversation), category).await.billable);
        let price = shop.accepted(message(&shop, conversation, category).1).await.price.expect("it has a price");
        assert_eq!((price.amount, price.r#type.as_str()), (0, "free_customer_service"));
    }
    fetch(&mut ana).await;
    let bill = shop.called(&GetBill { month: month(&world) }).await;
    assert_eq!((bill.total, bill.lines.iter().map(|line| line.count).sum::<u64>()), (Amount::ZERO, 2));
    assert_eq!(world.account(&shop, 3).await, Amount::ZERO, "nothing stands in the ledger");
}

#[tokio::test]
async fn what_is_never_fetched_is_released_and_never_booked() {
    let world = World::new(302).await;
    let mut shop = world.paying_shop().await;
    let (_ana, conversation) = world.customer(&mut shop, "PH").await;
    world.advance(2 * DAY);
    let price = shop.accepted(message(&shop, conversation, 1).1).await.price.expect("it has a price");
    assert!(price.amount > 0);
    world.advance(30 * DAY);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    assert_eq!(world.account(&shop, 2).await, Amount::from_millionths(price.amount), "at its last moment it may still be fetched");
    world.advance(1);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    let accounts = [world.account(&shop, 1).await, world.account(&shop, 2).await, world.account(&shop, 3).await];
    assert_eq!(accounts, [Amount::ZERO; 3]);
    let bill = shop.called(&GetBill { month: "2026-02".into() }).await;
    assert_eq!((bill.total, bill.reserved, bill.lines.len()), (Amount::ZERO, Amount::ZERO, 0));
}

#[tokio::test]
async fn r99_a_new_business_is_small_and_pays_only_after_it_has_sent_much() {
    let changes = [("small_messages = 1000 ", "small_messages = 2 ")];
    let world = World::under(303, policy("classic", &changes)).await;
    let mut shop = world.paying_shop().await;
    let (mut ana, conversation) = world.customer(&mut shop, "RU").await;
    for _ in 0..3 {
        world.advance(HOUR);
        let price = shop.accepted(message(&shop, conversation, 1).1).await.price.expect("it has a price");
        assert_eq!((price.amount, price.r#type.as_str()), (0, "small_business"));
    }
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    let price = shop.accepted(message(&shop, conversation, 1).1).await.price.expect("it has a price");
    assert!(price.billable && price.amount > 0, "{price:?}");
    // A month later it is small again.
    fetch(&mut ana).await;
    world.advance(31 * DAY);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    assert_eq!(quote(&mut shop, Recipient::Country("RU".parse().expect("a country")), 1).await.kind, "small_business");
}

#[tokio::test]
async fn r100_the_first_message_of_a_cheaper_slice_is_told() {
    let world = World::under(304, policy("classic", &[("small_messages = 1000 ", "small_messages = 0 ")])).await;
    let mut shop = world.paying_shop().await;
    let (_ana, conversation) = world.customer(&mut shop, "RU").await;
    let business = shop.registered.account;
    let unit = world.db.write(move |tx| {
        let sql = "INSERT INTO volume (business, month, market, category, count) VALUES (?1, ?2, 'Russia', 2, 9999)";
        tx.execute(sql, &[(&business).into(), Value::Int(1_767_225_600_000)])
    });
    unit.await.map_err(|error: StoreError| error).expect("the store takes it");
    let mut prices = Vec::new();
    for expected in [0, 1, 0] {
        let quoted = quote(&mut shop, Recipient::Conversation(conversation), 1).await;
        let price = shop.accepted(message(&shop, conversation, 1).1).await.price.expect("it has a price").amount;
        assert_eq!(price, quoted.amount.millionths());
        prices.push((price, quoted.tier));
        let told = shop.notices::<TierReached>().await;
        assert_eq!(told.len(), expected);
        if let Some(told) = told.first() {
            assert_eq!((told.tier.as_str(), told.region.as_str(), told.effective_month.as_str()), ("10000:100000", "Russia", "2026-01"));
        }
    }
    assert!(prices[1].0 < prices[0].0 && prices[1] == prices[2], "{prices:?}");
}

/// A seeded source of choices.
struct Dice(Env);

impl Dice {
    fn roll(&self, sides: usize) -> usize {
        u32::from_le_bytes(self.0.random()) as usize % sides
    }
}

/// Random sends, fetches and reads over a week; every accepted message costs what was quoted right before it, and in the end what was delivered is
/// booked once and the rest released.
async fn walk(seed: u64, world: World) {
    let dice = Dice(Env::for_tests(seed));
    let mut shop = world.paying_shop().await;
    let mut people = Vec::new();
    for country in ["RU", "PH", "US", "IN"] {
        people.push(world.customer(&mut shop, country).await);
    }
    let (mut all, mut delivered, mut waiting) = (Amount::ZERO, Amount::ZERO, [Amount::ZERO; 4]);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..250 {
        world.advance(1_000);
        let who = dice.roll(people.len());
        let (person, conversation) = &mut people[who];
        match dice.roll(16) {
            0 => {
                let (_, text) = person.text(*conversation, 1);
                person.accepted(text).await;
            }
            1 | 2 => {
                fetch(person).await;
                delivered = delivered.checked_add(std::mem::take(&mut waiting[who])).expect("it is small");
            }
            3 | 4 => world.advance((1 + dice.roll(600) as i64) * 60_000),
            _ => {
                let category = dice.roll(4);
                let quoted = quote(&mut shop, Recipient::Conversation(*conversation), category).await;
                let (_, ask) = message(&shop, *conversation, category);
                match shop.ask(ask).await {
                    pb::server_frame::Body::Accepted(accepted) => {
                        let price = accepted.price.expect("it has a price");
                        assert_eq!(
                            (price.amount, &price.r#type, price.billable),
                            (quoted.amount.millionths(), &quoted.kind, quoted.billable),
                            "seed {seed}"
                        );
                        all = all.checked_add(quoted.amount).expect("it is small");
                        waiting[who] = waiting[who].checked_add(quoted.amount).expect("it is small");
                        taken += 1;
                    }
                    pb::server_frame::Body::Refused(refusal) => {
                        assert_eq!(refusal.code(), RefusalCode::Rule, "{refusal:?}");
                        refused += 1;
                    }
                    other => panic!("{other:?}"),
                }
            }
        }
    }
    assert!(taken > 60 && refused > 0 && all > Amount::ZERO, "{taken} taken, {refused} refused");
    let open: Amount = waiting.into_iter().sum();
    let accounts = [world.account(&shop, 1).await, world.account(&shop, 2).await, world.account(&shop, 3).await];
    assert_eq!(accounts, [delivered, open, Amount::from_millionths(-all.millionths())], "seed {seed}");
    let bill = shop.called(&GetBill { month: month(&world) }).await;
    assert_eq!((bill.total, bill.reserved), (delivered, open), "seed {seed}");
    world.advance(31 * DAY);
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    let accounts = [world.account(&shop, 1).await, world.account(&shop, 2).await, world.account(&shop, 3).await];
    assert_eq!(accounts, [delivered, Amount::ZERO, Amount::from_millionths(-delivered.millionths())], "seed {seed}: the rest is released");
}

#[tokio::test]
async fn r103_what_is_quoted_is_booked_once_or_released_under_every_model() {
    let meta = |model: &str| policy("meta-2026", &[("model = \"per-message\"", &format!("model = \"{model}\""))]);
    let classic = |model: &str| {
        policy("classic", &[("model = \"by-initiator\"", &format!("model = \"{model}\"")), ("small_messages = 1000 ", "small_messages = 0 ")])
    };
    for (seed, model) in ["per-message", "per-conversation", "by-initiator"].into_iter().enumerate() {
        walk(seed as u64, World::under(310, meta(model)).await).await;
        walk(seed as u64 + 10, World::under(311, classic(model)).await).await;
    }
}

#[tokio::test]
async fn the_same_on_postgresql() {
    walk(20, World::on_postgres(312, Config { test_numbers: true, ..Config::default() }).await).await;
}

#[tokio::test]
async fn r102_extra_services_are_billed_apart_and_once() {
    let world = World::under(305, policy("classic", &[])).await;
    let mut shop = world.shop("kape").await;
    let (business, id) = (shop.registered.account, MessageId::new(&world.env));
    let fee: Amount = "25000".parse().expect("an amount");
    for first in [true, false] {
        let charged = world.network.charge_service(business, id, "Partner fee".into(), fee, Actor::System).await;
        assert_eq!(charged.expect("it is charged"), first);
    }
    assert!(world.network.charge_service(business, id, String::new(), fee, Actor::System).await.is_err());
    assert!(world.network.charge_service(business, id, "Gift".into(), Amount::ZERO, Actor::System).await.is_err());
    let bill = shop.called(&GetBill { month: month(&world) }).await;
    assert_eq!((bill.total, bill.services.len(), bill.lines.len()), (fee, 1, 0));
    assert_eq!((world.account(&shop, 1).await, world.account(&shop, 4).await), (fee, Amount::from_millionths(-fee.millionths())));
    let csv = shop.called(&GetStatement { month: month(&world), format: StatementFormat::Csv }).await;
    let text = String::from_utf8(csv.data.0).expect("it is text");
    assert!(text.contains("Shop kape") && text.contains("Partner fee,extra service,2026-01-01,,,25000.00,RUB"), "{text}");
    let pdf = shop.called(&GetStatement { month: month(&world), format: StatementFormat::Pdf }).await;
    assert!(pdf.name == "statement-2026-01.pdf" && pdf.data.0.starts_with(b"%PDF"));
    shop.call_refused(&GetBill { month: "2026-13".into() }, RefusalCode::Malformed).await;
}

#[tokio::test]
async fn a_rate_card_holds_from_its_time_on_and_a_bad_one_is_not_kept() {
    let world = World::new(306).await;
    let mut shop = world.paying_shop().await;
    let country = || Recipient::Country("PH".parse().expect("a country"));
    let before = quote(&mut shop, country(), 0).await.amount;
    let file = |price: &str| format!("Market,Currency,Marketing,Utility,Authentication\nOther,USD,{price},1,1\n");
    let at = world.env.now().plus_millis(30 * DAY);
    let import = |file: String, at: Timestamp| world.network.import_rate_card(file, String::new(), at, Actor::System);
    assert!(matches!(import(file("x"), at).await, Err(ImportError::Rates(error)) if error.0.len() == 1 && error.0[0].line == 2));
    assert!(matches!(import(file("2"), at.plus_millis(-1)).await, Err(ImportError::TooSoon { earliest, .. }) if earliest == at));
    assert_eq!(world.network.rate_cards().await.expect("the store answers").len(), 1);
    import(file("2"), at).await.expect("it is right");
    let cards = shop.called(&GetCard {}).await;
    assert_eq!((cards.current.markets.len(), cards.next.map(|card| (card.effective_at, card.markets.len()))), (47, Some((at, 1))));
    world.advance(30 * DAY - 1);
    assert_eq!(quote(&mut shop, country(), 0).await.amount, before);
    world.advance(1);
    assert_eq!(quote(&mut shop, country(), 0).await.amount, "2".parse().expect("an amount"));
    let listed = world.network.rate_cards().await.expect("the store answers");
    assert_eq!(listed.iter().map(|card| card.in_force).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn prices_and_bills_are_a_businesss_own() {
    let world = World::new(307).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let mut other = world.shop("other").await;
    let asked = GetQuote { to: Recipient::Conversation(conversation), category: "service".into() };
    other.call_refused(&asked, RefusalCode::Forbidden).await;
    ana.call_refused(&asked, RefusalCode::Forbidden).await;
    ana.call_refused(&GetCard {}, RefusalCode::Forbidden).await;
    ana.call_refused(&GetBill { month: "2026-01".into() }, RefusalCode::Forbidden).await;
    shop.call_refused(&GetQuote { category: "news".into(), ..asked }, RefusalCode::Malformed).await;
    let everything = GetStatistics {
        from: Timestamp::from_millis(0),
        to: world.env.now(),
        granularity: Granularity::Total,
        by: Vec::new(),
        of: Counted::default(),
    };
    ana.call_refused(&everything, RefusalCode::Forbidden).await;
    shop.call_refused(&everything, RefusalCode::Malformed).await;
}

async fn points(shop: &mut Device, from: Timestamp, to: Timestamp, granularity: Granularity, by: &[Dimension]) -> Vec<Point> {
    shop.called(&GetStatistics { from, to, granularity, by: by.to_vec(), of: Counted::default() }).await.points
}

#[tokio::test]
async fn r64_and_r66_sent_delivered_read_received_replied_and_visited_are_counted_once() {
    let world = World::new(308).await;
    let start = world.env.now();
    let mut shop = world.paying_shop().await;
    let (mut ana, conversation) = world.customer(&mut shop, "PH").await;
    world.advance(1);
    let (id, text) = shop.text(conversation, 1);
    shop.accepted(text.clone()).await;
    shop.accepted(text).await;
    world.advance(1);
    shop.accepted(message(&shop, conversation, 1).1).await;
    let mut tablet = world.sibling(&mut ana).await;
    fetch(&mut ana).await;
    fetch(&mut tablet).await;
    let read = Ask::Read(pb::Read { conversation: conversation.to_vec(), message_id: id.to_vec(), played: false });
    ana.done(read.clone()).await;
    ana.done(read).await;
    world.advance(1);
    for _ in 0..2 {
        let (_, text) = ana.text(conversation, 1);
        ana.accepted(text).await;
        world.advance(1);
    }
    for _ in 0..2 {
        world.network.link_card("kape").await.expect("the link leads somewhere");
    }
    world.network.run_jobs(world.env.now()).await.expect("the jobs run");
    let end = world.env.now();
    let all = points(&mut shop, start, end, Granularity::Total, &[]).await;
    assert_eq!(all[0].counts, Counts { sent: 2, delivered: 2, read: 1, received: 3, replied: 1, visited: 2, against: 0 });
    let by = points(&mut shop, start, end, Granularity::Day, &[Dimension::Category, Dimension::Template, Dimension::Country]).await;
    let found: Vec<_> = by.iter().map(|point| (point.category.as_str(), point.template, point.country.as_str(), point.counts.sent)).collect();
    assert_eq!(found, [("", 0, "", 0), ("", 0, "PH", 0), ("service", 0, "PH", 1), ("utility", 2, "PH", 1)]);
    // A shop sees the receipts it always saw.
    let seen = shop.entries_so_far().await;
    assert!(seen.iter().any(|entry| entry.kind() == pb::EntryKind::Receipt && crate::world::receipt(entry).status() == ReceiptStatus::Read));
}

#[tokio::test]
async fn r65_days_and_months_are_summed_up_once_they_are_over_and_say_the_same() {
    let world = World::new(309).await;
    let start = world.env.now();
    let mut shop = world.paying_shop().await;
    let (mut ana, conversation) = world.customer(&mut shop, "PH").await;
    let mut expected = 1;
    for _ in 0..70 {
        let (_, text) = ana.text(conversation, 1);
        ana.accepted(text).await;
        expected += 1;
        world.advance(DAY);
        fetch(&mut shop).await;
    }
    let end = world.env.now();
    let mut before = Vec::new();
    for granularity in [Granularity::Day, Granularity::Month, Granularity::Total] {
        before.push(points(&mut shop, start, end, granularity, &[Dimension::Country]).await);
    }
    // Twice: summing up again changes nothing.
    for _ in 0..2 {
        for _ in 0..3 {
            world.network.run_jobs(world.env.now()).await.expect("the jobs run");
        }
        for (granularity, before) in [Granularity::Day, Granularity::Month, Granularity::Total].into_iter().zip(&before) {
            assert_eq!(points(&mut shop, start, end, granularity, &[Dimension::Country]).await, *before, "{granularity:?}");
        }
        world.advance(DAY);
    }
    assert_eq!((before[0].len(), before[1].len(), before[2].len()), (70, 3, 1));
    assert_eq!(before[2][0].counts.received, expected);
}
