//! Policies for tests that press hard.
use suki_rules::SHIPPED_POLICIES;

/// The text of the default policy, but nobody writes too fast.
///
/// # Panics
/// When the shipped policy has other figures than this knows.
pub fn without_rates() -> String {
    let (_, text) = SHIPPED_POLICIES[0];
    let (before, rates) = text.split_once("[rates]").expect("it has rates");
    let (rates, after) = rates.split_once("\n[").expect("it has more sections");
    let rates = ["pair_burst = 45", "\nper_second = 80", "high_per_second = 1000"].into_iter().fold(rates.to_owned(), |rates, figure| {
        let (name, _) = figure.split_once(" = ").expect("a figure");
        assert!(rates.contains(figure), "{figure}");
        rates.replace(figure, &format!("{name} = 1000000"))
    });
    format!("{before}[rates]{rates}\n[{after}")
}
