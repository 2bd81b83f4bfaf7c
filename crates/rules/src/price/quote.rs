//! The price of one message.
use super::{Category, Model, Price, Rate, RateCard, Tier};
use crate::Policy;
use suki_types::{Amount, Country, Currency, Market};

/// What the price of a message depends on (R100): category, country, volume, how well known the business is, who began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceFacts {
    /// Of the template; [`Category::Service`] for all else.
    pub category: Category,
    /// Whether a marketing template was sent over the Cloud API's `marketing_messages`.
    pub lite: bool,
    /// The customer's, by his calling code.
    pub country: Country,
    /// Whether the customer-service window is open: then the message is an answer.
    pub window_open: bool,
    /// Whether the free entry window is open.
    pub entry_open: bool,
    /// Whether it is an answer that comes after the window closed and passes all the same (R98).
    pub late: bool,
    /// Whether the business is small (R99).
    pub small: bool,
    /// The business's trust level: 1 plain, 2 checked, 3 confirmed.
    pub trust: u8,
    /// Whether authentication templates of this business to this country are priced as international.
    pub international: bool,
    /// The conversations that are open and paid, under the model per-conversation.
    pub open: OpenConversations,
    /// How many messages of this market and category the business has to pay in this calendar month, before this one.
    pub volume: u64,
    /// How much of the month's free service is used up.
    pub allowance_used: u64,
}

/// Which categories of conversation are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenConversations {
    /// Opened by a marketing template.
    pub marketing: bool,
    /// Opened by a utility template.
    pub utility: bool,
    /// Opened by an authentication template.
    pub authentication: bool,
    /// Opened by free text.
    pub service: bool,
}

impl OpenConversations {
    /// Whether a message of this category belongs to one that is open. Free text belongs to any.
    pub const fn holds(self, category: Category) -> bool {
        match category {
            Category::Marketing | Category::MarketingLite => self.marketing,
            Category::Utility => self.utility,
            Category::Authentication | Category::AuthenticationInternational => self.authentication,
            Category::Service => self.marketing || self.utility || self.authentication || self.service,
        }
    }
}

/// Why a message costs what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PricingType {
    /// It is charged.
    Regular = 1,
    /// Free: in the open window.
    FreeCustomerService = 2,
    /// Free: in the free entry window.
    FreeEntryPoint = 3,
    /// Free: within the month's free service.
    Allowance = 4,
    /// Free: the business is small.
    SmallBusiness = 5,
    /// Free: it belongs to a conversation that was charged.
    OpenConversation = 6,
}

impl PricingType {
    /// All of them, in the order of their numbers.
    pub const ALL: [Self; 6] =
        [Self::Regular, Self::FreeCustomerService, Self::FreeEntryPoint, Self::Allowance, Self::SmallBusiness, Self::OpenConversation];

    /// As statements and the API write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Regular => "regular",
            Self::FreeCustomerService => "free_customer_service",
            Self::FreeEntryPoint => "free_entry_point",
            Self::Allowance => "allowance",
            Self::SmallBusiness => "small_business",
            Self::OpenConversation => "open_conversation",
        }
    }
    /// The number it is stored under.
    pub const fn number(self) -> i64 {
        self as i64
    }
    /// What is stored under a number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// A price: shown before sending, reserved at admission, booked at delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// What it costs.
    pub amount: Amount,
    /// In which currency.
    pub currency: Currency,
    /// Why.
    pub kind: PricingType,
    /// What it is to the bill.
    pub category: Category,
    /// The row of the rate card.
    pub market: Market,
    /// The slice of the month's volume it falls into.
    pub tier: Option<Tier>,
    /// Whether it opens a conversation, under the model per-conversation.
    pub opens: bool,
    /// Whether it is a late reply.
    pub late: bool,
    /// Whether it begins a dialogue, under the model by-initiator.
    pub starts: bool,
}

impl Quote {
    /// One sentence for people: where the price comes from.
    pub fn why(&self) -> String {
        let (category, market) = (self.category.word(), self.market);
        match self.kind {
            PricingType::FreeCustomerService => format!("Free: a {category} message while the customer's window is open."),
            PricingType::FreeEntryPoint => "Free: the free entry window is open.".into(),
            PricingType::Allowance => "Free: within this month's free service.".into(),
            PricingType::SmallBusiness => "Free: small businesses never pay.".into(),
            PricingType::OpenConversation => format!("Free: it belongs to a {category} conversation that is open already."),
            PricingType::Regular => {
                let tier = self.tier.map_or_else(String::new, |tier| format!(", volume {}", tier.range()));
                let what = match (self.late, self.starts, self.opens) {
                    (true, ..) => "a reply after the window closed",
                    (_, true, _) => "begins a dialogue",
                    (_, _, true) => "opens a conversation",
                    _ => "rate card",
                };
                format!("{category}, {market}: {what}{tier}.")
            }
        }
    }
}

/// Which of the month's counters a price depends on, so that nothing else is read or counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// [`PriceFacts::volume`], of this market and category.
    pub volume: Option<(Market, Category)>,
    /// [`PriceFacts::allowance_used`].
    pub allowance: bool,
}

/// What has to be known of the month before [`quote`] gives the price; both fields of the facts may still be 0.
pub fn counters(policy: &Policy, card: &RateCard, facts: &PriceFacts) -> Counters {
    let asked = ask(&policy.price, card, facts);
    let paid = matches!(asked.basis, Basis::Paid { .. });
    let allowance = paid && allowed(&policy.price, &asked);
    let tiered = paid && !facts.late && !card.tiers(asked.market, asked.rated).is_empty();
    Counters { volume: tiered.then_some((asked.market, asked.rated)), allowance }
}

/// What a message costs.
pub fn quote(policy: &Policy, card: &RateCard, facts: &PriceFacts) -> Quote {
    let price = &policy.price;
    let asked = ask(price, card, facts);
    let free = |kind| Quote {
        amount: Amount::ZERO,
        currency: card.currency(),
        kind,
        category: asked.category,
        market: asked.market,
        tier: None,
        opens: asked.opens,
        late: facts.late,
        starts: false,
    };
    let rate = match asked.basis {
        Basis::Free(kind) => return free(kind),
        Basis::Paid { rate } => rate,
    };
    if allowed(price, &asked) && facts.allowance_used < price.free_service {
        return free(PricingType::Allowance);
    }
    let tier = if facts.late { None } else { card.tier(asked.market, asked.rated, facts.volume) };
    let starts = price.model == Model::ByInitiator && !facts.window_open && !facts.late;
    let known = match facts.trust {
        3 => price.confirmed_percent,
        2 => price.checked_percent,
        _ => price.plain_percent,
    };
    let amount = tier.map_or(rate, |tier| tier.rate);
    // A rate is bounded when it is read, so that no product of it is too large.
    let amount = amount.percent(if starts { price.start_percent } else { 100 }).and_then(|amount| amount.percent(known)).unwrap_or(rate);
    Quote { amount, kind: PricingType::Regular, tier, starts, ..free(PricingType::Regular) }
}

/// What a message is to the card.
struct Asked {
    market: Market,
    category: Category,
    /// The column of the card that prices it.
    rated: Category,
    opens: bool,
    basis: Basis,
}

enum Basis {
    Free(PricingType),
    Paid { rate: Amount },
}

fn ask(price: &Price, card: &RateCard, facts: &PriceFacts) -> Asked {
    let market = card.market_of(facts.country);
    let apart = facts.international && facts.category == Category::Authentication;
    let apart = apart && card.rate(market, Rate::Of(Category::AuthenticationInternational)).is_some();
    let rated = if apart { Category::AuthenticationInternational } else { facts.category };
    let lite = rated == Category::Marketing && facts.lite && price.marketing_lite;
    let category = if lite { Category::MarketingLite } else { rated };
    let by_conversation = price.model == Model::PerConversation;
    // The free entry window is one conversation of its own that costs nothing.
    let opens = by_conversation && !(facts.entry_open && price.entry_free) && !facts.open.holds(category);
    let rate = card.rate(market, Rate::Of(rated));
    let rate = if facts.late { card.rate(market, Rate::LateReply).or(rate) } else { rate };
    let in_window = facts.window_open && !facts.late;
    let free_in_window = match category {
        // A card without a rate for it says that service is free.
        Category::Service => (in_window && price.free_text_free) || rate.is_none(),
        Category::Utility => in_window && price.utility_in_window_free,
        _ => false,
    };
    let basis = if facts.entry_open && price.entry_free {
        Basis::Free(PricingType::FreeEntryPoint)
    } else if free_in_window {
        Basis::Free(PricingType::FreeCustomerService)
    } else if by_conversation && !opens {
        Basis::Free(PricingType::OpenConversation)
    } else if facts.small {
        Basis::Free(PricingType::SmallBusiness)
    } else {
        Basis::Paid { rate: rate.unwrap_or(Amount::ZERO) }
    };
    Asked { market, category, rated, opens, basis }
}

fn allowed(price: &Price, asked: &Asked) -> bool {
    price.free_service > 0 && asked.category == Category::Service
}
