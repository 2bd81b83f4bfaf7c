//! Who may write to whom and when, as devices see it: what the rules conclude from the rows, and what an admitted message changes in them.
use crate::world::{DAY, Device, World, header, submit};
use std::ops::RangeInclusive;
use suki_protocol::{
    calls::rules::{GetMediaRules, GetRules},
    pb::{self, MessageKind, RefusalCode, client_frame::Body as Ask},
};
use suki_rules::Policy;
use suki_store::StoreError;
use suki_types::{ConversationId, MessageId};

const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600_000;

impl World {
    /// Runs a statement on the network's store: what other parts of the network would have written.
    pub async fn sql(&self, sql: &'static str, shop: &Device, customer: Option<&Device>, number: i64) {
        let (business, customer) = (shop.registered.account, customer.map(|device| device.registered.account));
        let unit = self.db.write(move |tx| match customer {
            Some(customer) => tx.execute(sql, &[(&business).into(), number.into(), (&customer).into()]),
            None => tx.execute(sql, &[(&business).into(), number.into()]),
        });
        unit.await.map_err(|error: StoreError| error).expect("the store takes it");
    }

    pub async fn tier(&self, shop: &Device, limit: i64) {
        let sql = "INSERT INTO standing (business, tier_limit) VALUES (?1, ?2) ON CONFLICT (business) DO UPDATE SET tier_limit = ?2";
        self.sql(sql, shop, None, limit).await;
    }

    /// Approves the template of this number: 1 marketing, 2 utility, 3 authentication.
    pub async fn approved(&self, shop: &Device, category: i64) {
        let (business, name) = (shop.registered.account, format!("name_{category}"));
        let unit = self.db.write(move |tx| {
            tx.execute(
                "INSERT INTO template (business, id, name, language, category, status, version) VALUES (?1, ?2, ?3, 'en_US', ?2, 2, 1)",
                &[(&business).into(), category.into(), (&name).into()],
            )
        });
        unit.await.map_err(|error: StoreError| error).expect("the store takes it");
    }

    pub async fn everybody_consents(&self, shop: &Device) {
        let sql = "INSERT INTO relation (business, customer, consent_at) SELECT business, customer, 1 FROM conversation WHERE business = ?1 AND CAST(?2 AS BIGINT) = 0 \
                   ON CONFLICT (business, customer) DO UPDATE SET consent_at = 1";
        self.sql(sql, shop, None, 0).await;
    }

    /// How many statements that only read the network's writing thread has run.
    async fn reads(&self) -> u64 {
        let asked = self.db.write(|_| Ok(suki_store::testing::reads_on_this_thread()));
        asked.await.map_err(|error: StoreError| error).expect("the store answers")
    }

    pub async fn number(&self, sql: &'static str, shop: &Device) -> i64 {
        let business = shop.registered.account;
        let unit = self.db.read(move |tx| tx.query_one(sql, &[(&business).into()], |row| row.get(0)));
        unit.await.map_err(|error: StoreError| error).expect("the store answers")
    }

    /// A shop that may reach everybody, with three approved templates, and a customer who has not written.
    async fn open_shop(&self) -> (Device, Device, ConversationId) {
        let (shop, ana, conversation) = self.pair().await;
        self.tier(&shop, -1).await;
        for category in 1..=3 {
            self.approved(&shop, category).await;
        }
        (shop, ana, conversation)
    }
}

pub fn template(device: &Device, conversation: ConversationId, category: i64) -> Ask {
    let name = ["marketing", "utility", "authentication"][usize::try_from(category).expect("it is small") - 1];
    let header = pb::Header {
        category: name.into(),
        template_id: format!("{category}.1"),
        language: "en_US".into(),
        ..header(MessageId::new(&device.env), MessageKind::Template)
    };
    submit(conversation, 1, &header)
}

impl Device {
    /// The rule, the Cloud API code and the time of a refusal by the rules.
    async fn reason(&mut self, ask: Ask) -> (String, i32, i64) {
        let refused = self.refused_as(ask, RefusalCode::Rule).await;
        (refused.rule, refused.cloud_api_code, refused.retry_at)
    }

    async fn why(&mut self, ask: Ask) -> i32 {
        self.reason(ask).await.1
    }
}

/// The numbers of a stretch of customers of one shop, each with a conversation.
pub async fn crowd(world: &World, shop: &mut Device, numbers: RangeInclusive<u32>) -> Vec<ConversationId> {
    let mut conversations = Vec::new();
    for _ in numbers {
        let mut guest = world.guest("kape").await;
        conversations.push(world.join(shop, &mut guest).await);
    }
    conversations
}

/// R10, R85, R94: who wrote is answered inside his window and may be sent approved templates after it.
#[tokio::test]
async fn who_wrote_is_answered_and_later_sent_templates() {
    answered_and_later_sent_templates(World::new(200).await).await;
}

#[tokio::test]
async fn the_same_on_postgresql() {
    answered_and_later_sent_templates(World::on_postgres(215, suki_network::Config::default()).await).await;
}

async fn answered_and_later_sent_templates(world: World) {
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    assert_eq!(shop.reason(template(&shop, conversation, 2)).await, ("consent".into(), 131_026, 0));
    let accepted = ana.accepted(ana.text(conversation, 1).1).await;
    assert_eq!(accepted.window_until, accepted.at + DAY);
    let answered = shop.accepted(shop.text(conversation, 1).1).await;
    assert_eq!(answered.window_until, accepted.window_until, "today only the customer's message starts the window anew");
    world.advance(DAY);
    assert_eq!(shop.why(shop.text(conversation, 1).1).await, 131_047);
    for day in 0..2 {
        world.advance(day * 2 * DAY);
        for category in 1..=3 {
            shop.accepted(template(&shop, conversation, category)).await;
        }
        assert_eq!(world.number("SELECT unique_count FROM standing WHERE business = ?1", &shop).await, 1);
    }
}

/// R10: an emoji is no question.
#[tokio::test]
async fn a_reaction_opens_the_window_and_is_no_word() {
    let world = World::new(201).await;
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    ana.accepted(ana.message(conversation, 1, MessageKind::Reaction).1).await;
    shop.accepted(shop.text(conversation, 1).1).await;
    assert_eq!(shop.why(template(&shop, conversation, 2)).await, 131_026);
}

/// R5, R7, R9, R11: what the customer let in and did not, in the rows of his relation.
#[tokio::test]
async fn the_customers_choices_decide() {
    let world = World::new(202).await;
    let (mut shop, ana, conversation) = world.open_shop().await;
    world.everybody_consents(&shop).await;
    shop.accepted(template(&shop, conversation, 1)).await;
    for (sql, codes) in [
        ("UPDATE relation SET choice = ?2 WHERE business = ?1 AND customer = ?3", [(2, [131_026, 0, 0]), (3, [131_026; 3])]),
        ("UPDATE relation SET choice = 0, global_choice = ?2 WHERE business = ?1 AND customer = ?3", [(2, [131_026, 0, 0]), (3, [131_026; 3])]),
        ("UPDATE relation SET global_choice = 1, stopped_at = ?2 WHERE business = ?1 AND customer = ?3", [(9, [131_050, 0, 0]), (0, [0; 3])]),
        ("UPDATE relation SET blocked_at = ?2 WHERE business = ?1 AND customer = ?3", [(9, [131_026; 3]), (0, [0; 3])]),
        ("UPDATE relation SET consent_until = ?2 WHERE business = ?1 AND customer = ?3", [(9, [131_026; 3]), (0, [0; 3])]),
    ] {
        for (number, codes) in codes {
            world.sql(sql, &shop, Some(&ana), number).await;
            for (category, code) in (1..).zip(codes) {
                // Far enough apart that the cap on marketing does not matter.
                world.advance(2 * DAY);
                match code {
                    0 => drop(shop.accepted(template(&shop, conversation, category)).await),
                    code => assert_eq!(shop.why(template(&shop, conversation, category)).await, code, "{sql} {number} {category}"),
                }
            }
        }
    }
}

/// R9: whoever blocks is not even answered, and whoever wrote hears nothing of it.
#[tokio::test]
async fn a_blocked_business_cannot_answer() {
    let world = World::new(203).await;
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    ana.accepted(ana.text(conversation, 1).1).await;
    world.sql("UPDATE relation SET blocked_at = ?2 WHERE business = ?1 AND customer = ?3", &shop, Some(&ana), 5).await;
    for ask in [shop.text(conversation, 1).1, shop.message(conversation, 1, MessageKind::Reaction).1, template(&shop, conversation, 3)] {
        assert_eq!(shop.why(ask).await, 131_026);
    }
    assert!(ana.entries_so_far().await.is_empty());
}

/// R104: the 250th customer passes, the 251st does not; nor does the first one who is written to again a day later count for nothing.
#[tokio::test]
async fn the_251st_customer_of_the_first_tier_waits() {
    let world = World::new(204).await;
    let (mut shop, _, first) = world.open_shop().await;
    let crowd = crowd(&world, &mut shop, 2..=251).await;
    world.everybody_consents(&shop).await;
    world.tier(&shop, 250).await;
    let begins = world.env.now().millis();
    shop.accepted(template(&shop, first, 2)).await;
    for (number, conversation) in crowd[..249].iter().enumerate() {
        // Slow enough for the number's rate.
        world.advance(20);
        assert!(shop.accepted(template(&shop, *conversation, 2)).await.at > begins, "customer {}", number + 2);
    }
    let last = crowd[249];
    assert_eq!(shop.reason(template(&shop, last, 2)).await, ("tier".into(), 131_048, begins + DAY));
    assert_eq!(world.number("SELECT unique_count FROM standing WHERE business = ?1", &shop).await, 250);
    // Who is counted already takes no more room, and counts for another day.
    shop.accepted(template(&shop, first, 2)).await;
    assert_eq!(shop.reason(template(&shop, last, 2)).await.2, begins + 20 + DAY, "the second customer is the first to go now");
    world.advance(begins + DAY - world.env.now().millis());
    assert_eq!(shop.why(template(&shop, last, 2)).await, 131_048);
    world.advance(20);
    shop.accepted(template(&shop, last, 2)).await;
    assert_eq!(world.number("SELECT COUNT(*) FROM outreach WHERE business = ?1", &shop).await, 250);
    // Two days later nobody counts any more but who is written to then.
    world.advance(2 * DAY);
    for conversation in &crowd[..5] {
        shop.accepted(template(&shop, *conversation, 2)).await;
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM outreach WHERE business = ?1", &shop).await, 5);
    assert_eq!(world.number("SELECT unique_count FROM standing WHERE business = ?1", &shop).await, 5);
}

/// R104 in the classic profile: 1,000 pass, the 1,001st does not. Most of them are rows.
#[tokio::test]
async fn the_1001st_customer_of_the_classic_first_tier_waits() {
    let world = World::under(205, Policy::shipped("classic").expect("it is shipped")).await;
    let (mut shop, _, _) = world.open_shop().await;
    let crowd = crowd(&world, &mut shop, 1..=2).await;
    world.everybody_consents(&shop).await;
    world.tier(&shop, 1000).await;
    let now = world.env.now().millis();
    for _ in 0..999 {
        let unknown = suki_types::AccountId::new(&world.env);
        let business = shop.registered.account;
        let unit = world.db.write(move |tx| {
            tx.execute("INSERT INTO outreach (business, customer, at) VALUES (?1, ?2, ?3)", &[(&business).into(), (&unknown).into(), now.into()])
        });
        unit.await.map_err(|error: StoreError| error).expect("it is stored");
    }
    world.sql("UPDATE standing SET unique_count = 999, unique_oldest = ?2 WHERE business = ?1", &shop, None, now).await;
    world.advance(HOUR);
    shop.accepted(template(&shop, crowd[0], 2)).await;
    assert_eq!(shop.reason(template(&shop, crowd[1], 2)).await, ("tier".into(), 131_048, now + DAY));
    world.advance(23 * HOUR - SECOND);
    assert_eq!(shop.why(template(&shop, crowd[1], 2)).await, 131_048);
    world.advance(SECOND);
    shop.accepted(template(&shop, crowd[1], 2)).await;
}

/// A tier that has fallen below what was reached makes room only as those customers go.
#[tokio::test]
async fn a_tier_that_fell_waits_until_enough_customers_have_gone() {
    let world = World::new(206).await;
    let (mut shop, _, last) = world.open_shop().await;
    let crowd = crowd(&world, &mut shop, 1..=5).await;
    world.everybody_consents(&shop).await;
    for conversation in &crowd {
        shop.accepted(template(&shop, *conversation, 2)).await;
        world.advance(HOUR);
    }
    world.tier(&shop, 2).await;
    world.advance(DAY - 5 * HOUR);
    for gone in 1..=3 {
        assert_eq!(shop.why(template(&shop, last, 2)).await, 131_048, "{gone} of five have gone");
        world.advance(HOUR);
    }
    shop.accepted(template(&shop, last, 2)).await;
}

/// R106: the 46th message of a pair waits six seconds; the 81st of a business in a second is told when to come again.
#[tokio::test]
async fn rates_of_a_pair_and_of_a_number() {
    let world = World::new(207).await;
    let (mut shop, mut ana, conversation) = world.pair().await;
    let mut ben = world.guest("kape").await;
    let other = world.join(&mut shop, &mut ben).await;
    ana.accepted(ana.text(conversation, 1).1).await;
    ben.accepted(ben.text(other, 1).1).await;
    let now = world.env.now().millis();
    for _ in 0..45 {
        shop.accepted(shop.text(conversation, 1).1).await;
    }
    assert_eq!(shop.reason(shop.text(conversation, 1).1).await, ("pair_rate".into(), 131_056, now + 6 * SECOND));
    // 46 were asked for; what the rules refused counts too.
    for _ in 0..34 {
        shop.accepted(shop.text(other, 1).1).await;
    }
    let refused = shop.refused_as(shop.text(other, 1).1, RefusalCode::RateLimited).await;
    assert_eq!((refused.rule.as_str(), refused.cloud_api_code, refused.retry_at), ("throughput", 130_429, now + 13));
    // What devices tell each other is not held to it.
    shop.accepted(shop.message(conversation, 1, MessageKind::Control).1).await;
    world.advance(13);
    shop.accepted(shop.text(other, 1).1).await;
    world.advance(6 * SECOND);
    shop.accepted(shop.text(conversation, 1).1).await;
}

/// R132: from all businesses together, and what is refused leaves nothing behind.
#[tokio::test]
async fn the_third_marketing_message_of_a_day_is_one_too_many() {
    let world = World::new(208).await;
    let (mut kape, mut ana, at_kape) = world.open_shop().await;
    let mut tinapay = world.shop("tinapay").await;
    let at_tinapay = world.join(&mut tinapay, &mut ana).await;
    world.tier(&tinapay, -1).await;
    world.approved(&tinapay, 1).await;
    world.everybody_consents(&kape).await;
    world.everybody_consents(&tinapay).await;
    let since = world.env.now().millis();
    kape.accepted(template(&kape, at_kape, 1)).await;
    world.advance(HOUR);
    tinapay.accepted(template(&tinapay, at_tinapay, 1)).await;
    let third = template(&kape, at_kape, 1);
    assert_eq!(kape.reason(third.clone()).await, ("frequency".into(), 131_049, since + DAY));
    assert_eq!(world.number("SELECT COUNT(*) FROM message WHERE of_business = 1 AND conversation <> ?1", &kape).await, 2);
    assert_eq!(world.number("SELECT at FROM outreach WHERE business = ?1", &kape).await, since, "the whole unit is taken back");
    kape.accepted(template(&kape, at_kape, 2)).await;
    world.advance(23 * HOUR);
    // The same message, now that its time has come.
    kape.accepted(third).await;
}

/// What stands against a business refuses what it writes, and nothing of what its customers write.
#[tokio::test]
async fn bans_restrictions_and_terms_come_from_the_standing() {
    let world = World::new(209).await;
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    ana.accepted(ana.text(conversation, 1).1).await;
    world.advance(HOUR);
    for (sql, answer, first) in [
        ("UPDATE standing SET banned_until = ?2 WHERE business = ?1", 368, 368),
        ("UPDATE standing SET banned_until = 0, terms_due = ?2 - 9999999999 WHERE business = ?1", 131_031, 131_031),
        ("UPDATE standing SET terms_due = 0, restricted_kind = 'messages', restricted_until = ?2 WHERE business = ?1", 131_048, 131_048),
        ("UPDATE standing SET restricted_kind = 'outreach', restricted_until = ?2 WHERE business = ?1", 0, 131_048),
        ("UPDATE standing SET restricted_until = 0, name_state = 2 + 0 * CAST(?2 AS BIGINT) WHERE business = ?1", 0, 131_037),
    ] {
        world.sql(sql, &shop, None, world.env.now().millis() + 9 * DAY).await;
        match answer {
            0 => drop(shop.accepted(shop.text(conversation, 1).1).await),
            code => assert_eq!(shop.why(shop.text(conversation, 1).1).await, code),
        }
        ana.accepted(ana.text(conversation, 1).1).await;
        world.advance(DAY);
        assert_eq!(shop.why(template(&shop, conversation, 2)).await, first, "{sql}");
        ana.accepted(ana.text(conversation, 1).1).await;
    }
    // No standing at all is no reason to reach anybody first.
    world.sql("DELETE FROM standing WHERE business = ?1 AND CAST(?2 AS BIGINT) = 0", &shop, None, 0).await;
    shop.accepted(shop.text(conversation, 1).1).await;
    world.advance(DAY);
    assert_eq!(shop.why(template(&shop, conversation, 2)).await, 131_048);
}

/// R85: the header is held against the template's row.
#[tokio::test]
async fn a_template_is_what_its_row_says() {
    let world = World::new(210).await;
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    let mut other = world.shop("tinapay").await;
    world.everybody_consents(&shop).await;
    let right = pb::Header {
        category: "utility".into(),
        template_id: "2.1".into(),
        language: "en_US".into(),
        ..header(MessageId::new(&world.env), MessageKind::Template)
    };
    for wrong in [
        pb::Header { category: "marketing".into(), ..right.clone() },
        pb::Header { language: "fil".into(), ..right.clone() },
        pb::Header { template_id: "2.2".into(), ..right.clone() },
        pb::Header { template_id: "9.1".into(), ..right.clone() },
    ] {
        assert_eq!(shop.why(submit(conversation, 1, &wrong)).await, 132_001, "{wrong:?}");
    }
    for (status, code) in [(1, 132_001), (3, 132_001), (4, 132_015), (5, 132_016), (6, 132_001), (7, 132_001)] {
        world.sql("UPDATE template SET status = ?2 WHERE business = ?1", &shop, None, status).await;
        assert_eq!(shop.why(submit(conversation, 1, &right)).await, code, "{status}");
    }
    world.sql("UPDATE template SET status = 4, paused_until = ?2 WHERE business = ?1", &shop, None, world.env.now().millis() + HOUR).await;
    assert_eq!(shop.reason(submit(conversation, 1, &right)).await.2, world.env.now().millis() + HOUR);
    world.advance(HOUR);
    shop.accepted(submit(conversation, 1, &right)).await;
    for malformed in [
        pb::Header { template_id: String::new(), ..right.clone() },
        pb::Header { template_id: "2".into(), ..right.clone() },
        pb::Header { template_id: "2.0".into(), ..right.clone() },
        pb::Header { template_id: format!("{}.1", (1_u64 << 53) + 1), ..right.clone() },
        pb::Header { category: "service".into(), ..right.clone() },
        pb::Header { language: String::new(), ..right.clone() },
        pb::Header { kind: MessageKind::Session.into(), ..right.clone() },
    ] {
        shop.refused_as(submit(conversation, 1, &malformed), RefusalCode::Malformed).await;
    }
    // A neighbour's template is none: the number is the same, the business is not.
    ana.entries_so_far().await;
    let elsewhere = world.join(&mut other, &mut ana).await;
    world.tier(&other, -1).await;
    world.everybody_consents(&other).await;
    assert_eq!(other.why(template(&other, elsewhere, 2)).await, 132_001);
}

/// R96, R98: in the classic profile every timely message restarts the window, and one late reply passes.
#[tokio::test]
async fn the_classic_window_and_its_late_reply() {
    let world = World::under(211, Policy::shipped("classic").expect("it is shipped")).await;
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    let asked = ana.accepted(ana.text(conversation, 1).1).await;
    world.advance(DAY - SECOND);
    let answered = shop.accepted(shop.text(conversation, 1).1).await;
    assert_eq!(answered.window_until, asked.window_until + DAY - SECOND);
    world.advance(DAY);
    assert_eq!(shop.why(shop.text(conversation, 1).1).await, 131_047, "it would be no reply");
    ana.accepted(ana.text(conversation, 1).1).await;
    world.advance(DAY + SECOND);
    shop.accepted(shop.text(conversation, 1).1).await;
    assert_eq!(shop.why(shop.text(conversation, 1).1).await, 131_047);
}

/// The free entry window: 72 hours from an answer within 24.
#[tokio::test]
async fn a_free_entry_is_noted_with_the_answer() {
    let world = World::new(212).await;
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    let came = pb::Header { entry_point: "ad".into(), ..header(MessageId::new(&world.env), MessageKind::Session) };
    ana.accepted(submit(conversation, 1, &came)).await;
    let until = "SELECT entry_until FROM conversation WHERE business = ?1";
    assert_eq!(world.number(until, &shop).await, 0);
    world.advance(HOUR);
    let answered = shop.accepted(shop.text(conversation, 1).1).await;
    assert_eq!(world.number(until, &shop).await, answered.at + 3 * DAY);
    // Nobody else's word opens it: a link is no advertisement.
    let linked = pb::Header { entry_point: "link".into(), ..header(MessageId::new(&world.env), MessageKind::Session) };
    ana.accepted(submit(conversation, 1, &linked)).await;
    world.advance(HOUR);
    shop.accepted(shop.text(conversation, 1).1).await;
    assert_eq!(world.number(until, &shop).await, answered.at + 3 * DAY);
}

/// What reports, bills and statistics need stands in the message's row.
#[tokio::test]
async fn a_messages_row_says_what_it_was() {
    let world = World::new(213).await;
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    let id = MessageId::new(&world.env);
    let question = pb::Header { commitment: vec![7; 32], ..header(id, MessageKind::Session) };
    ana.accepted(submit(conversation, 1, &question)).await;
    shop.accepted(shop.text(conversation, 1).1).await;
    shop.accepted(template(&shop, conversation, 3)).await;
    let rows = world.db.read(|tx| {
        tx.query("SELECT of_business, kind, template, category, length(commitment) FROM message ORDER BY of_business, kind", &[], |row| {
            Ok([row.get::<i64>(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?])
        })
    });
    let rows: Result<Vec<[i64; 5]>, StoreError> = rows.await;
    assert_eq!(rows.expect("the store answers"), [[0, 1, 0, 0, 32], [1, 1, 0, 4, 32], [1, 2, 3, 3, 32]]);
}

/// The whole admission of a send is no more than two reads of the store.
#[tokio::test]
async fn an_admission_reads_twice_at_most() {
    let world = World::on_sqlite(214, suki_network::Config { test_numbers: true, ..Default::default() }).await;
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    let mut reads = world.reads().await;
    let mut since = async || {
        let now = world.reads().await;
        now - std::mem::replace(&mut reads, now)
    };
    ana.accepted(ana.text(conversation, 1).1).await;
    assert_eq!(since().await, 1, "what a customer writes passes by the conversation alone");
    shop.accepted(shop.text(conversation, 1).1).await;
    assert_eq!(since().await, 2);
    world.advance(DAY);
    since().await;
    for category in 1..=3 {
        shop.accepted(template(&shop, conversation, category)).await;
        assert_eq!(since().await, 2, "a template that begins, category {category}");
    }
    shop.refused_as(shop.text(conversation, 1).1, RefusalCode::Rule).await;
    assert_eq!(since().await, 2, "nor does a refusal read more");
    world.advance(2 * DAY);
    shop.accepted(template(&shop, conversation, 2)).await;
    assert_eq!(since().await, 2, "who no longer counts is taken out without reading");
}

/// R60, R90, R97, R104, R106: an endpoint learns the figures of the policy that is in force, and of its own standing.
#[tokio::test]
async fn a_business_is_told_the_rules() {
    for (seed, name, per_second, renews) in [(216, "meta-2026", [80, 1_000], false), (217, "classic", [10, 80], true)] {
        let world = World::under(seed, Policy::shipped(name).expect("it is shipped")).await;
        let (mut shop, mut ana, _) = world.open_shop().await;
        let told = shop.called(&GetRules {}).await;
        assert_eq!((told.policy.as_str(), told.rates.per_second), (name, per_second[0]));
        assert_eq!((told.window.length_millis, told.window.business_renews, told.window.late_replies), (DAY, renews, renews));
        assert_eq!((told.staff_most, told.broadcast_recipients, told.broadcast_saved_only), (25, 256, true));
        assert_eq!((told.rates.pair_interval_millis, told.rates.pair_burst), (6 * SECOND, 45));
        assert_eq!(told.media.iter().find(|rule| rule.kind == "document").expect("it is there").bytes, 100 * 1024 * 1024);
        world.sql("UPDATE standing SET high_throughput = 1 + 0 * CAST(?2 AS BIGINT) WHERE business = ?1", &shop, None, 0).await;
        assert_eq!(shop.called(&GetRules {}).await.rates.per_second, per_second[1]);
        ana.call_refused(&GetRules {}, RefusalCode::Forbidden).await;
        assert_eq!(ana.called(&GetMediaRules {}).await.media, told.media, "what files may be is told to everybody");
    }
}

/// R106: who has high throughput is held to the higher rate from the first message on that shows it.
#[tokio::test]
async fn high_throughput_counts_from_the_standing() {
    let mut policy = Policy::shipped("meta-2026").expect("it is shipped");
    policy.rates.pair_burst = 1_000_000;
    let world = World::under(218, policy).await;
    let (mut shop, mut ana, conversation) = world.open_shop().await;
    ana.accepted(ana.text(conversation, 1).1).await;
    world.sql("UPDATE standing SET high_throughput = 1 + 0 * CAST(?2 AS BIGINT) WHERE business = ?1", &shop, None, 0).await;
    for _ in 0..500 {
        shop.accepted(shop.text(conversation, 1).1).await;
    }
}
