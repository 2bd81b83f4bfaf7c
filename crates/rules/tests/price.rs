//! Prices (R95, R98 to R103), for both profiles and every model.
use proptest::prelude::*;
use std::sync::LazyLock;
use suki_rules::{
    Policy, SHIPPED_POLICIES,
    price::{
        Category, Model, OpenConversations, PriceFacts, PricingType, Quote, Rate, RateCard, SHIPPED_RATES, counters, import_rates, import_tiers,
        quote, shipped_card,
    },
};
use suki_types::{Amount, Country, Currency, Market};

fn meta() -> (Policy, RateCard) {
    profile("meta-2026", &[])
}

fn classic() -> (Policy, RateCard) {
    profile("classic", &[])
}

/// A shipped profile with some of its lines changed.
fn profile(name: &str, changes: &[(&str, &str)]) -> (Policy, RateCard) {
    let mut text = SHIPPED_POLICIES.into_iter().find(|(shipped, _)| *shipped == name).expect("it is shipped").1.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let policy = Policy::parse("test.toml", &text).expect("it is a policy");
    let card = shipped_card(&policy.price.rates).expect("it is shipped");
    (policy, card)
}

fn country(code: &str) -> Country {
    code.parse().expect(code)
}

fn amount(text: &str) -> Amount {
    text.parse().expect(text)
}

/// A plain business writes to a customer in Russia, whose window is closed.
fn facts(category: Category) -> PriceFacts {
    PriceFacts {
        lite: false,
        category,
        country: country("RU"),
        window_open: false,
        entry_open: false,
        late: false,
        small: false,
        trust: 1,
        international: false,
        open: OpenConversations::default(),
        volume: 0,
        allowance_used: 0,
    }
}

fn priced((policy, card): &(Policy, RateCard), facts: PriceFacts) -> (Amount, PricingType) {
    let quote = quote(policy, card, &facts);
    assert!(!quote.why().is_empty());
    (quote.amount, quote.kind)
}

#[test]
fn r95_meta_charges_delivered_templates_and_nothing_inside_the_window_but_promotion() {
    let meta = meta();
    let rate = |category| meta.1.rate(meta.1.market_of(country("RU")), Rate::Of(category)).expect("it has a price");
    for category in [Category::Marketing, Category::Utility, Category::Authentication] {
        assert_eq!(priced(&meta, facts(category)), (rate(category), PricingType::Regular));
        let inside = priced(&meta, PriceFacts { window_open: true, ..facts(category) });
        let expected =
            if category == Category::Utility { (Amount::ZERO, PricingType::FreeCustomerService) } else { (rate(category), PricingType::Regular) };
        assert_eq!(inside, expected, "{category:?}");
        let entry = PriceFacts { entry_open: true, window_open: true, ..facts(category) };
        assert_eq!(priced(&meta, entry), (Amount::ZERO, PricingType::FreeEntryPoint));
    }
    let free_text = PriceFacts { window_open: true, ..facts(Category::Service) };
    assert_eq!(priced(&meta, free_text), (Amount::ZERO, PricingType::FreeCustomerService));
}

#[test]
fn marketing_over_its_own_interface_costs_the_same_and_is_called_so_where_the_policy_says() {
    let (meta, classic) = (meta(), classic());
    for (profile, category) in [(&meta, Category::MarketingLite), (&classic, Category::Marketing)] {
        let plain = quote(&profile.0, &profile.1, &facts(Category::Marketing));
        let lite = quote(&profile.0, &profile.1, &PriceFacts { lite: true, ..facts(Category::Marketing) });
        assert_eq!((lite.category, lite.amount, lite.kind), (category, plain.amount, plain.kind));
        assert!(!lite.amount.is_zero());
        let utility = quote(&profile.0, &profile.1, &PriceFacts { lite: true, ..facts(Category::Utility) });
        assert_eq!(utility.category, Category::Utility, "nothing else has that interface");
    }
}

#[test]
fn r99_small_businesses_never_pay() {
    let classic = classic();
    assert_eq!(classic.0.price.small_messages, 1000);
    for category in Category::ALL {
        for (window_open, late) in [(true, false), (false, false), (false, true)] {
            let small = PriceFacts { small: true, window_open, late, ..facts(category) };
            assert_eq!(priced(&classic, small), (Amount::ZERO, PricingType::SmallBusiness));
        }
    }
}

#[test]
fn r101_starting_a_dialogue_costs_twice_an_answer() {
    let classic = classic();
    for category in [Category::Marketing, Category::Utility, Category::Authentication] {
        let (start, _) = priced(&classic, facts(category));
        let (answer, _) = priced(&classic, PriceFacts { window_open: true, ..facts(category) });
        assert_eq!(Some(start), answer.checked_mul(2), "{category:?}");
        assert!(quote(&classic.0, &classic.1, &facts(category)).starts);
    }
}

#[test]
fn r95_and_r98_an_answer_is_cheap_inside_the_window_and_dearer_than_a_short_message_when_it_is_late() {
    let classic = classic();
    for market in classic.1.markets() {
        let [service, marketing] =
            [Category::Service, Category::Marketing].map(|category| classic.1.rate(market, Rate::Of(category)).expect("a price"));
        let [late, sms] = [Rate::LateReply, Rate::Sms].map(|rate| classic.1.rate(market, rate).expect("a price"));
        assert!(service < marketing && sms < late, "{market}");
    }
    let russia = Market::Country(country("RU"));
    let timely = PriceFacts { window_open: true, ..facts(Category::Service) };
    let late = PriceFacts { late: true, ..facts(Category::Service) };
    let rate = |rate| classic.1.rate(russia, rate).expect("a price");
    assert_eq!(priced(&classic, timely), (rate(Rate::Of(Category::Service)), PricingType::Regular));
    assert_eq!(priced(&classic, late), (rate(Rate::LateReply), PricingType::Regular));
}

#[test]
fn r100_the_price_goes_by_country_volume_category_and_how_well_known_the_business_is() {
    let classic = classic();
    let start = |facts| priced(&classic, facts).0;
    let base = facts(Category::Marketing);
    assert_ne!(start(base), start(PriceFacts { country: country("IN"), ..base }));
    assert_ne!(start(base), start(facts(Category::Utility)));
    let by_trust = [1, 2, 3].map(|trust| start(PriceFacts { trust, ..base }));
    assert_eq!(by_trust, [Some(by_trust[0]), by_trust[0].percent(95), by_trust[0].percent(90)].map(|amount| amount.expect("it is small")));
    // Marginal: the slice's first message costs the slice's rate, the one before it does not.
    let [before, first] = [9_999, 10_000].map(|volume| start(PriceFacts { volume, ..base }));
    assert!(first < before);
    assert_eq!(start(PriceFacts { volume: u64::MAX, ..base }), start(PriceFacts { volume: 100_000, ..base }));
    let tier = quote(&classic.0, &classic.1, &PriceFacts { volume: 99_999, ..base }).tier.map(|tier| tier.range());
    assert_eq!(tier.as_deref(), Some("10000:100000"));
}

#[test]
fn r100_meta_has_volume_tiers_for_utility_and_authentication_alone() {
    let (policy, card) = meta();
    for market in card.markets() {
        let tiers = Category::ALL.map(|category| card.tiers(market, category).len());
        assert_eq!(tiers, [0, 5, 5, 0, 0, 0], "{market}");
    }
    let top = quote(&policy, &card, &PriceFacts { volume: 20_000_000, ..facts(Category::Utility) }).tier.map(|tier| tier.range());
    assert_eq!(top.as_deref(), Some("10000000:MAX"));
    let abroad = |code, international| {
        let facts = PriceFacts { country: country(code), international, ..facts(Category::Authentication) };
        quote(&policy, &card, &facts).category
    };
    assert_eq!(abroad("IN", true), Category::AuthenticationInternational);
    assert_eq!((abroad("IN", false), abroad("RU", true)), (Category::Authentication, Category::Authentication));
}

#[test]
fn r102_the_test_tariff_is_between_thirty_kopecks_and_six_roubles_a_message() {
    let classic = classic();
    for market in classic.1.markets() {
        let Some(country) = (0..=u16::MAX).find_map(|n| {
            let [a, b] = n.to_be_bytes();
            let country: Country = [a, b].iter().map(|byte| char::from(*byte)).collect::<String>().parse().ok()?;
            (classic.1.market_of(country) == market).then_some(country)
        }) else {
            panic!("{market} prices no country")
        };
        for (category, trust, volume, window_open) in all_cases() {
            let late = category == Category::Service && !window_open;
            let (price, _) = priced(&classic, PriceFacts { country, trust, volume, window_open, late, ..facts(category) });
            assert!((amount("0.30")..=amount("6")).contains(&price), "{market} {category:?}: {}", price.plain(2));
        }
    }
}

fn all_cases() -> impl Iterator<Item = (Category, u8, u64, bool)> {
    let categories = [Category::Marketing, Category::Utility, Category::Authentication, Category::Service];
    let trusts = move |category| [1, 2, 3].into_iter().map(move |trust| (category, trust));
    let pairs = categories.into_iter().flat_map(trusts);
    pairs.flat_map(|(category, trust)| [(category, trust, 0, true), (category, trust, 1_000_000, true), (category, trust, 0, false)])
}

#[test]
fn r103_a_conversation_is_charged_once_for_each_category() {
    let conversations = profile("meta-2026", &[("\"per-message\"", "\"per-conversation\"")]);
    let opened = |open, category| {
        let quote = quote(&conversations.0, &conversations.1, &PriceFacts { open, ..facts(category) });
        (quote.kind, quote.opens)
    };
    let none = OpenConversations::default();
    let utility = OpenConversations { utility: true, ..none };
    assert_eq!(opened(none, Category::Utility), (PricingType::Regular, true));
    assert_eq!(opened(utility, Category::Utility), (PricingType::OpenConversation, false));
    assert_eq!(opened(utility, Category::Marketing), (PricingType::Regular, true));
    // Free text belongs to any that is open, and opens one only where none is.
    let text = |open| {
        let quote = quote(&conversations.0, &conversations.1, &PriceFacts { open, window_open: true, ..facts(Category::Service) });
        (quote.amount, quote.opens)
    };
    assert_eq!((text(utility), text(none)), ((Amount::ZERO, false), (Amount::ZERO, true)));
}

#[test]
fn free_service_ends_with_its_last_message() {
    let changes = [("free_text_free = false", "free_text_free = true"), ("free_service = 0 ", "free_service = 1000 ")];
    let (policy, card) = profile("classic", &[changes[1]]);
    let used = |allowance_used| {
        let facts = PriceFacts { window_open: true, allowance_used, ..facts(Category::Service) };
        assert!(counters(&policy, &card, &facts).allowance);
        quote(&policy, &card, &facts).kind
    };
    assert_eq!([0, 999, 1000].map(used), [PricingType::Allowance, PricingType::Allowance, PricingType::Regular]);
    let (policy, card) = profile("classic", &changes);
    let facts = PriceFacts { window_open: true, ..facts(Category::Service) };
    assert!(!counters(&policy, &card, &facts).allowance, "what is free anyway uses nothing up");
}

#[test]
fn every_shipped_tariff_prices_every_country_in_every_category() {
    for shipped in SHIPPED_RATES {
        let card = shipped_card(shipped.name).expect("it is shipped");
        assert_eq!(card.currency().code(), shipped.currency);
        for code in ["PH", "BD", "RU", "PL", "EG", "US", "CA", "DO", "ZZ", "AX"] {
            let market = card.market_of(country(code));
            for category in [Category::Marketing, Category::Utility, Category::Authentication] {
                assert!(card.rate(market, Rate::Of(category)).is_some_and(|rate| rate > Amount::ZERO), "{code} {category:?}");
            }
        }
    }
    let (_, card) = meta();
    assert_eq!(card.market_of(country("US")).name(), "North America");
    assert_eq!(card.market_of(country("DO")).name(), "Rest of Latin America");
    assert_eq!(card.market_of(country("BD")).name(), "Bangladesh");
    assert_eq!(card.markets().count(), 30 + 9 + 8, "30 countries, nine of October 2026, seven regions and the rest");
    assert_eq!(shipped_card("none"), None);
}

const HEADER: &str = "Market,Currency,Marketing,Utility,Authentication,\"Authentication-\nInternational\",Service";

fn usd() -> Currency {
    "USD".parse().expect("a currency")
}

#[test]
fn a_rate_card_is_read_as_it_is_published() {
    let file =
        format!("\"Rates, effective soon\",,,,,,\n{HEADER}\nIndia,$US,0.0107,0.0014,0.0014,0.028,n/a\nOther,USD,0.0604,0.0077,0.0304,n/a,n/a\n");
    let card = import_rates(&file, usd()).expect("it is right");
    let india = card.market_of(country("IN"));
    let rates = Category::ALL.map(|category| card.rate(india, Rate::Of(category)).map(|rate| rate.plain(2)));
    assert_eq!(rates.map(Option::unwrap_or_default), ["0.0107", "0.0014", "0.0014", "", "0.028", ""]);
    let windows = file.replace('\n', "\r\n");
    assert_eq!(import_rates(&windows, usd()).expect("line ends of both kinds"), card);
}

fn places(error: &suki_rules::price::CardError) -> Vec<(u64, &str)> {
    error.0.iter().map(|error| (error.line, error.column.as_str())).collect()
}

#[test]
fn a_card_with_a_bad_row_imports_nothing_and_lists_every_bad_row() {
    let good = format!("{HEADER}\nOther,USD,1,1,1,n/a,n/a\n");
    assert!(import_rates(&good, usd()).is_ok());
    let bad = format!(
        "{good}Atlantis,USD,1,1,1,n/a,n/a\nIndia,EUR,1,1,1,n/a,n/a\nPeru,USD,n/a,x,-1,1,1\nPeru,USD,1\nother,USD,1,1,1,n/a,n/a\nPoland,USD,1000001,0.0000001,1,n/a,n/a\n"
    );
    let error = import_rates(&bad, usd()).expect_err("it is wrong");
    let expected = [
        (4, "Market"),
        (5, "Currency"),
        (6, "Marketing"),
        (6, "Utility"),
        (6, "Authentication"),
        (7, ""),
        (8, "Market"),
        (9, "Marketing"),
        (9, "Utility"),
    ];
    // The header's quoted line break makes it two lines.
    let found: Vec<_> = places(&error).into_iter().filter(|(line, _)| *line != 7).collect();
    assert_eq!(found, expected.into_iter().filter(|(line, _)| *line != 7).collect::<Vec<_>>(), "{error}");
    assert!(places(&error).contains(&(7, "")), "{error}");
    for (text, says) in [
        ("", "no header"),
        ("Market,Currency\nOther,USD", "column is missing"),
        (HEADER, "no rows"),
        (&format!("{HEADER}\nIndia,USD,1,1,1,n/a,n/a"), "a row for Other is missing"),
        (&"x\n".repeat(60), "no header"),
        (&"x".repeat(300_000), "at most"),
    ] {
        let error = import_rates(text, usd()).expect_err(says).to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn r98_a_late_reply_that_is_not_dearer_than_a_short_message_is_refused() {
    let file = |late| format!("{HEADER},Late reply,SMS\nOther,USD,1,1,1,n/a,n/a,{late},0.05\n");
    assert!(import_rates(&file("0.06"), usd()).is_ok());
    let error = import_rates(&file("0.05"), usd()).expect_err("it is not dearer");
    assert_eq!(places(&error), [(3, "Late reply")]);
}

#[test]
fn volume_tiers_follow_each_other_from_nought_to_max() {
    let card = || import_rates(&format!("{HEADER}\nOther,USD,1,1,1,n/a,n/a\n"), usd()).expect("it is right");
    let tiers = |rows: &str| import_tiers(card(), &format!("Market,Currency,Category,From,To,Rate\n{rows}"));
    let good = tiers("Other,USD,utility,0,10,1\nOther,USD,Utility,10,MAX,0.5").expect("it is right");
    assert_eq!(good.tiers(Market::candidates(Country::UNKNOWN)[2], Category::Utility).len(), 2);
    for (rows, expected) in [
        ("Other,USD,utility,1,MAX,1", vec![(2, "From")]),
        ("Other,USD,utility,0,10,1\nOther,USD,utility,11,MAX,1", vec![(3, "From")]),
        ("Other,USD,utility,0,10,1", vec![(2, "To")]),
        ("Other,USD,utility,0,MAX,1\nOther,USD,utility,10,MAX,1", vec![(3, "From")]),
        ("Other,USD,utility,0,0,1", vec![(2, "To")]),
        ("India,USD,utility,0,MAX,1\nOther,EUR,news,x,MAX,y", vec![(2, "Market"), (3, "Currency"), (3, "Category"), (3, "From"), (3, "Rate")]),
    ] {
        let error = tiers(rows).expect_err(rows);
        assert_eq!(places(&error), expected, "{error}");
    }
}

#[test]
fn a_policy_with_a_tariff_of_another_currency_does_not_start() {
    for (from, to, says) in [
        ("rates = \"meta-2026\"", "rates = \"classic\"", "this tariff is in RUB"),
        ("rates = \"meta-2026\"", "rates = \"none\"", "no tariff of this name"),
        ("currency = \"USD\"", "currency = \"dollars\"", "ISO 4217"),
        ("model = \"per-message\"", "model = \"per-word\"", "per-message"),
        ("start_percent = 100 ", "start_percent = 99 ", "100 to 1000"),
        ("\"EG\", ", "\"eg\", ", "ISO 3166"),
    ] {
        let text = SHIPPED_POLICIES[0].1;
        assert!(text.contains(from), "{from}");
        let error = Policy::parse("own.toml", &text.replace(from, to)).expect_err(to);
        assert!(error.field.starts_with("price.") && error.to_string().contains(says), "{error}");
    }
}

/// Every profile under every model.
static ALL: LazyLock<Vec<(Policy, RateCard)>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (name, model) in [("meta-2026", Model::PerMessage), ("classic", Model::ByInitiator)] {
        for other in [Model::PerMessage, Model::PerConversation, Model::ByInitiator] {
            let line = |model: Model| format!("model = \"{}\"", model.word());
            all.push(profile(name, &[(&line(model), &line(other)), ("free_service = 0 ", "free_service = 3 ")]));
        }
    }
    all
});

prop_compose! {
    fn any_facts()(
        category in 0..4usize, code in prop::sample::select(vec!["RU", "IN", "US", "ZZ", "PH", "AX"]), flags in any::<[bool; 10]>(), trust in 0..4u8,
        volume in prop_oneof![0..20u64, 9_990..10_010u64, any::<u64>()], allowance_used in 0..6u64,
    ) -> PriceFacts {
        let [window_open, entry_open, late, small, international, marketing, utility, authentication, service, lite] = flags;
        let open = OpenConversations { marketing, utility, authentication, service };
        PriceFacts {
            category: Category::ALL[category], lite, country: country(code), window_open, entry_open, late: late && !window_open, small, trust, international,
            open, volume, allowance_used,
        }
    }
}

proptest! {
    /// What `counters` does not ask for does not change the price: what is read for a quote and what is counted for a booking are enough.
    #[test]
    fn a_price_depends_on_nothing_but_what_is_asked(facts in any_facts()) {
        for (policy, card) in ALL.iter() {
            let asked = counters(policy, card, &facts);
            let known = PriceFacts {
                volume: asked.volume.map_or(0, |_| facts.volume),
                allowance_used: if asked.allowance { facts.allowance_used } else { 0 },
                ..facts
            };
            let price = quote(policy, card, &facts);
            prop_assert_eq!(quote(policy, card, &known), price);
            prop_assert!(price.amount >= Amount::ZERO);
            prop_assert!(price.kind == PricingType::Regular || price.amount.is_zero());
        }
    }
}

/// What a business would be told before each of `count` random sends, and what a ledger that only counts would book.
fn quoted_and_booked(policy: &Policy, card: &RateCard, count: usize, seed: u64) -> (Amount, Amount) {
    let mut state = seed;
    let mut roll = |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let (mut quoted, mut booked) = (Amount::ZERO, Amount::ZERO);
    let mut volumes = std::collections::HashMap::<_, u64>::new();
    let mut allowance = 0;
    for _ in 0..count {
        let mut facts = PriceFacts { trust: roll(3) as u8 + 1, country: country(["RU", "PH", "US"][roll(3) as usize]), ..facts(Category::Utility) };
        facts.category = Category::ALL[roll(4) as usize];
        facts.window_open = roll(2) == 0;
        facts.late = facts.category == Category::Service && !facts.window_open;
        (facts.entry_open, facts.small, facts.open.utility) = (roll(10) == 0, roll(10) == 0, roll(3) == 0);
        let asked = counters(policy, card, &facts);
        facts.volume = asked.volume.map_or(0, |key| volumes.get(&key).copied().unwrap_or(0));
        facts.allowance_used = allowance;
        let before: Quote = quote(policy, card, &facts);
        quoted = quoted.checked_add(before.amount).expect("it is small");
        // The network counts first and takes the number it gets.
        if let Some(key) = asked.volume {
            let counted = volumes.entry(key).or_default();
            *counted += 1;
            facts.volume = *counted - 1;
        }
        allowance += u64::from(asked.allowance);
        booked = booked.checked_add(quote(policy, card, &facts).amount).expect("it is small");
    }
    (quoted, booked)
}

#[test]
fn r103_what_is_quoted_is_booked_for_a_hundred_thousand_sends_under_every_model() {
    for (policy, card) in ALL.iter() {
        let (quoted, booked) = quoted_and_booked(policy, card, 100_000, 7);
        assert_eq!(quoted, booked, "{}", policy.name);
        assert!(quoted > Amount::ZERO);
    }
}
