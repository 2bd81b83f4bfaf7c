//! Money and time as the reader writes them (R79): digits, names of months and the order of their parts by ICU; where a currency's sign stands by the
//! locale data of glibc.
use icu_datetime::{
    DateTimeFormatter, fieldsets,
    input::{UtcOffset, ZonedDateTime},
};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale::{Locale as Language, LocaleExpander};
use iso_currency::Currency;
use pure_rust_locales::{Locale as Place, locale_match};
use suki_protocol::template::Locale;

/// How many minutes a zone is away from UTC at most.
const FARTHEST_MINUTES: i32 = 14 * 60;

/// A reader's way of writing.
#[derive(Debug, Clone)]
pub struct ReaderLocale {
    language: Language,
    place: Option<Place>,
    offset_minutes: i32,
}

impl ReaderLocale {
    /// Of a language such as `pl` or `en_US`, and of a zone so many minutes east of UTC. `None` when it is no language.
    pub fn new(language: &str, offset_minutes: i32) -> Option<Self> {
        let language: Language = language.replace('_', "-").parse().ok()?;
        let mut likely = language.id.clone();
        LocaleExpander::new_common().maximize(&mut likely);
        let name = likely.region.map(|region| format!("{}_{region}", likely.language));
        let place = name.and_then(|name| Place::try_from(name.as_str()).ok());
        Some(Self { language, place, offset_minutes: offset_minutes.clamp(-FARTHEST_MINUTES, FARTHEST_MINUTES) })
    }

    /// Whether the sign stands before the amount, and whether a space stands between them.
    fn sign(&self) -> (bool, bool) {
        let Some(place) = self.place else { return (true, true) };
        let precedes = locale_match!(place => LC_MONETARY::P_CS_PRECEDES);
        let space = locale_match!(place => LC_MONETARY::P_SEP_BY_SPACE);
        (precedes != 0, space != 0)
    }
}

impl Locale for ReaderLocale {
    fn currency(&self, code: &str, amount_1000: i64) -> Option<String> {
        let currency = Currency::from_code(code)?;
        let digits = i16::try_from(currency.exponent().unwrap_or(2)).ok()?;
        let mut amount = Decimal::from(amount_1000.unsigned_abs());
        amount.multiply_pow10(-3);
        amount.round(-digits);
        amount.absolute.trim_end();
        amount.absolute.pad_end(-digits);
        let amount = DecimalFormatter::try_new((&self.language).into(), Default::default()).ok()?.format(&amount).to_string();
        let symbol = currency.symbol().to_string();
        // A sign of letters, such as EUR or zł, is read apart from digits even where a symbol is not.
        let (precedes, space) = self.sign();
        let gap = if space || symbol.chars().next_back().is_some_and(char::is_alphabetic) && precedes { "\u{a0}" } else { "" };
        let minus = if amount_1000 < 0 { "-" } else { "" };
        Some(if precedes { format!("{minus}{symbol}{gap}{amount}") } else { format!("{minus}{amount}{gap}{symbol}") })
    }

    fn date_time(&self, at: i64, date_only: bool) -> Option<String> {
        let offset = UtcOffset::try_from_seconds(self.offset_minutes * 60).ok()?;
        let moment = ZonedDateTime::from_epoch_milliseconds_and_utc_offset(at.checked_mul(1000)?, offset);
        let preferences = (&self.language).into();
        if date_only {
            return Some(DateTimeFormatter::try_new(preferences, fieldsets::YMD::long()).ok()?.format(&moment.date).to_string());
        }
        let when = icu_datetime::input::DateTime { date: moment.date, time: moment.time };
        Some(DateTimeFormatter::try_new(preferences, fieldsets::YMD::long().with_time_hm()).ok()?.format(&when).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same text with plain spaces, whatever kind of space a language takes.
    fn plain(text: Option<String>) -> String {
        text.expect("it can be written")
            .chars()
            .filter(|c| !"\u{200f}\u{200e}".contains(*c))
            .map(|c| if c.is_whitespace() { ' ' } else { c })
            .collect()
    }

    fn locale(language: &str) -> ReaderLocale {
        ReaderLocale::new(language, 8 * 60).expect("a language")
    }

    #[test]
    fn money_is_written_as_in_the_readers_language() {
        for (language, written) in
            [("en_US", "₱1,234.50"), ("fil", "₱1,234.50"), ("bn", "₱ ১,২৩৪.৫০"), ("ru", "1 234,50 ₱"), ("ar", "₱ 1,234.50"), ("de", "1.234,50 ₱")]
        {
            assert_eq!(plain(locale(language).currency("PHP", 1_234_500)), written, "{language}");
        }
        assert_eq!(plain(locale("pl").currency("PLN", 12_345_670)), "12 345,67 zł");
        assert_eq!(plain(locale("en").currency("JPY", 1_000_000)), "¥1,000", "a currency without parts has none");
        assert_eq!(plain(locale("en").currency("USD", -5_000)), "-$5.00");
        assert_eq!(locale("en").currency("ZZZ", 1), None, "no such currency");
    }

    #[test]
    fn time_is_written_as_in_the_readers_language_and_zone() {
        // 21 November 2026, 17:30 UTC: already the next day in Manila.
        let at = 1_795_282_200;
        for (language, written) in [
            ("en_US", "November 22, 2026"),
            ("fil", "Nobyembre 22, 2026"),
            ("bn", "২২ নভেম্বর, ২০২৬"),
            ("ru", "22 ноября 2026 г."),
            ("ar", "22 نوفمبر 2026"),
            ("pl", "22 listopada 2026"),
        ] {
            assert_eq!(plain(locale(language).date_time(at, true)), written, "{language}");
        }
        assert!(plain(locale("pl").date_time(at, false)).contains("01:30"));
        assert!(plain(ReaderLocale::new("pl", 0).expect("a language").date_time(at, false)).contains("17:30"));
    }

    #[test]
    fn what_is_no_language_is_none() {
        assert!(ReaderLocale::new("", 0).is_none() && ReaderLocale::new("!!", 0).is_none());
        assert!(ReaderLocale::new("tlh", 0).is_some(), "a language without data is written in a general way");
    }
}
