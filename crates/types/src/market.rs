//! Countries by calling code, and the markets of rate cards.
//!
//! Which countries are markets of their own is the rate card's to say: a country has the card's row of its own name, or else that of its region,
//! or else `Other` ([`Market::candidates`]). Only the calling code is looked at, as the Cloud API's prices do; whether a number exists is another
//! question, for which a library of numbering plans would be a hundred milliseconds of start and a thousand times slower.
use crate::Phone;
use std::{collections::HashMap, fmt, str::FromStr, sync::LazyLock};

/// A country by its ISO 3166 code of two letters; [`Country::UNKNOWN`] (`ZZ`) where no country is known, such as a test number's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// Why a text is no country.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a country is written as its ISO 3166 code of two capital letters, such as PH; ZZ stands for an unknown one")]
pub struct CountryError;

/// A row of a rate card: one country, or the countries of a region that have no row of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Market {
    /// One country.
    Country(Country),
    /// The rest of a region.
    Region(Region),
}

/// Why a text is no market.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a market is a country's English name or a region: North America, Rest of Africa, Rest of Asia Pacific, Rest of Central & Eastern Europe, Rest of Western Europe, Rest of Latin America, Rest of Middle East, Other"
)]
pub struct MarketError;

/// The regions of rate cards (Cloud API, section 3f).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Region {
    /// Canada and the United States.
    NorthAmerica,
    /// Africa.
    Africa,
    /// Asia and the Pacific.
    AsiaPacific,
    /// Central and Eastern Europe.
    CentralEasternEurope,
    /// Western Europe.
    WesternEurope,
    /// Latin America.
    LatinAmerica,
    /// The Middle East.
    MiddleEast,
    /// Every other country, and numbers of none.
    Other,
}

/// Key in the data file, and the name on a rate card.
const REGIONS: [(Region, &str, &str); 8] = [
    (Region::NorthAmerica, "north-america", "North America"),
    (Region::Africa, "africa", "Rest of Africa"),
    (Region::AsiaPacific, "asia-pacific", "Rest of Asia Pacific"),
    (Region::CentralEasternEurope, "central-eastern-europe", "Rest of Central & Eastern Europe"),
    (Region::WesternEurope, "western-europe", "Rest of Western Europe"),
    (Region::LatinAmerica, "latin-america", "Rest of Latin America"),
    (Region::MiddleEast, "middle-east", "Rest of Middle East"),
    (Region::Other, "other", "Other"),
];

/// The longest calling code of the table.
const CODE_DIGITS: usize = 7;

struct Table {
    countries: HashMap<Country, (&'static str, Region)>,
    by_name: HashMap<String, Country>,
    by_code: HashMap<&'static str, Country>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { countries: HashMap::new(), by_name: HashMap::new(), by_code: HashMap::new() };
    for line in include_str!("../data/countries.txt").lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('|');
        let mut field = || fields.next().expect("the tests read every line of the table");
        let country: Country = field().parse().expect("the tests read every line of the table");
        let (name, region, codes) = (field(), field(), field());
        let (region, ..) = REGIONS.into_iter().find(|(_, key, _)| *key == region).expect("the tests read every line of the table");
        table.countries.insert(country, (name, region));
        table.by_name.insert(name.to_lowercase(), country);
        table.by_code.extend(codes.split(' ').map(|code| (code, country)));
    }
    table
});

impl Country {
    /// Stands for no country that is known.
    pub const UNKNOWN: Self = Self(*b"ZZ");

    /// The country a number belongs to, by its calling code; [`Country::UNKNOWN`] when no country has it.
    pub fn of(phone: &Phone) -> Self {
        let digits = phone.digits();
        let lengths = (1..=CODE_DIGITS.min(digits.len())).rev();
        lengths.filter_map(|length| TABLE.by_code.get(&digits[..length])).copied().next().unwrap_or(Self::UNKNOWN)
    }
    /// The calling code that a number of some country begins with, such as 63; none of a number of no country.
    pub fn calling_code(phone: &Phone) -> Option<&str> {
        let digits = phone.digits();
        let shortest = (1..=CODE_DIGITS.min(digits.len())).find(|length| TABLE.by_code.contains_key(&digits[..*length]))?;
        // What the table has beyond three digits, or beyond the 1 of the North American plan, is an area's.
        Some(if digits.starts_with('1') { &digits[..1] } else { &digits[..shortest.min(3)] })
    }
    /// The two letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("ZZ")
    }
    /// In English.
    pub fn name(self) -> &'static str {
        TABLE.countries.get(&self).map_or("Unknown", |(name, _)| name)
    }
    /// The region whose row a country without one of its own has.
    pub fn region(self) -> Region {
        TABLE.countries.get(&self).map_or(Region::Other, |(_, region)| *region)
    }
}

impl Region {
    /// As a rate card calls it.
    pub fn name(self) -> &'static str {
        REGIONS[self as usize].2
    }
}

impl Market {
    /// The rows a country may have, the one that decides first.
    pub fn candidates(country: Country) -> [Self; 3] {
        [Self::Country(country), Self::Region(country.region()), Self::Region(Region::Other)]
    }
    /// As a rate card calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Country(country) => country.name(),
            Self::Region(region) => region.name(),
        }
    }
}

impl FromStr for Country {
    type Err = CountryError;
    fn from_str(text: &str) -> Result<Self, CountryError> {
        match text.as_bytes() {
            [a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Ok(Self([*a, *b])),
            _ => Err(CountryError),
        }
    }
}

/// By its name on rate cards, without regard to capitals; a country's code is taken too.
impl FromStr for Market {
    type Err = MarketError;
    fn from_str(text: &str) -> Result<Self, MarketError> {
        if let Ok(country) = text.parse::<Country>()
            && TABLE.countries.contains_key(&country)
        {
            return Ok(Self::Country(country));
        }
        let lower = text.to_lowercase();
        let region = REGIONS.into_iter().find(|(_, _, name)| name.to_lowercase() == lower).map(|(region, ..)| Self::Region(region));
        region.or_else(|| TABLE.by_name.get(&lower).copied().map(Self::Country)).ok_or(MarketError)
    }
}

macro_rules! as_text {
    ($type:ty, $error:ty, $text:expr) => {
        impl TryFrom<String> for $type {
            type Error = $error;
            fn try_from(text: String) -> Result<Self, $error> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(value: $type) -> Self {
                let text: fn(&$type) -> &str = $text;
                text(&value).to_owned()
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let text: fn(&$type) -> &str = $text;
                f.write_str(text(self))
            }
        }
    };
}
as_text!(Country, CountryError, Country::code);
as_text!(Market, MarketError, |market| market.name());

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn country(phone: &str) -> String {
        Country::of(&phone.parse().expect(phone)).to_string()
    }

    #[test]
    fn a_calling_code_is_without_the_area() {
        for (phone, expected) in [
            ("639171234567", Some("63")),
            ("77011234567", Some("7")),
            ("18095550100", Some("1")),
            ("447911000000", Some("44")),
            ("35818123456", Some("358")),
            ("59931234567", Some("599")),
            ("999000000001", None),
        ] {
            assert_eq!(Country::calling_code(&phone.parse().expect(phone)), expected, "{phone}");
        }
    }

    /// R100: the price goes by the country, and the North American plan is several.
    #[test]
    fn a_number_belongs_to_the_country_of_its_longest_calling_code() {
        for (phone, expected) in [
            ("639171234567", "PH"),
            ("79161234567", "RU"),
            ("77011234567", "KZ"),
            ("14155550100", "US"),
            ("16045550100", "CA"),
            ("18095550100", "DO"),
            ("18495550100", "DO"),
            ("16585550100", "JM"),
            ("19395550100", "PR"),
            ("447911000000", "GG"),
            ("447900000000", "GB"),
            ("35818123456", "AX"),
            ("358401234567", "FI"),
            ("8801712345678", "BD"),
            ("999000000001", "ZZ"),
        ] {
            assert_eq!(country(phone), expected, "{phone}");
        }
    }

    #[test]
    fn the_table_has_every_country_once() {
        let table = &*TABLE;
        assert!(table.countries.len() >= 230, "{}", table.countries.len());
        assert_eq!(table.by_name.len(), table.countries.len());
        let lines = include_str!("../data/countries.txt").lines().filter(|line| !line.starts_with('#'));
        let codes: usize = lines.map(|line| line.rsplit('|').next().expect("codes").split(' ').count()).sum();
        assert_eq!(table.by_code.len(), codes, "no calling code stands twice");
        assert!(table.by_code.keys().all(|code| (1..=CODE_DIGITS).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_digit())));
    }

    #[test]
    fn a_market_is_a_country_or_the_rest_of_its_region() {
        let country = |code: &str| code.parse::<Country>().expect(code);
        let names = |code: &str| Market::candidates(country(code)).map(|market| market.name());
        assert_eq!(names("US"), ["United States", "North America", "Other"]);
        assert_eq!(names("DO"), ["Dominican Republic", "Rest of Latin America", "Other"]);
        assert_eq!(names("ZZ"), ["Unknown", "Other", "Other"]);
        for market in ["Philippines", "philippines", "PH"] {
            assert_eq!(market.parse(), Ok(Market::Country(country("PH"))));
        }
        for (region, _, name) in REGIONS {
            assert_eq!((name.parse(), region.name()), (Ok(Market::Region(region)), name));
        }
        for text in ["", "Atlantis", "ZZ", "Rest of Antarctica"] {
            assert_eq!(text.parse::<Market>(), Err(MarketError), "{text}");
        }
    }
}
