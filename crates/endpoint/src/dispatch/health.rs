//! How much a receiver is given at once, and when it is asked again after it failed.
//!
//! A receiver that answers promptly is given one more at once with each answer. One whose answer is late gets no more than two at once until it comes. One that
//! failed several times in a row is down: only one delivery at a time asks whether it is back, with growing pauses, and the first that it takes opens it
//! for all.
use super::Failing;
use suki_types::{Timestamp, limits};

/// What a receiver of which nothing is known is given at once.
const AT_FIRST: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Health {
    limit: usize,
    failing: Option<Failing>,
    was_late: bool,
}

impl Default for Health {
    fn default() -> Self {
        Self { limit: AT_FIRST, failing: None, was_late: false }
    }
}

impl Health {
    /// A receiver that failed when the process before this one ended.
    pub fn failing(failing: Failing) -> Self {
        Self { limit: 1, failing: Some(failing), ..Self::default() }
    }

    /// How it fails, if it does.
    pub fn told(&self) -> Option<Failing> {
        self.failing
    }

    /// Whether it is down: then nothing is sent to it but now and then one delivery.
    pub fn is_down(&self) -> bool {
        self.failing.is_some_and(|failing| failing.failures >= limits::WEBHOOK_FAILURES)
    }

    /// When one that is down is asked again.
    pub fn next_question(&self) -> Option<Timestamp> {
        self.failing.filter(|_| self.is_down()).map(|failing| failing.next_at)
    }

    /// Whether it may use the sockets of those that answer promptly. `oldest` is since when it owes the oldest answer.
    pub fn is_prompt(&self, now: Timestamp, oldest: Option<Timestamp>) -> bool {
        self.failing.is_none() && !self.was_late && !is_late(now, oldest)
    }

    /// How many deliveries may be under way.
    pub fn allowed(&self, now: Timestamp, oldest: Option<Timestamp>) -> usize {
        match self.next_question() {
            Some(at) => usize::from(at <= now),
            None if is_late(now, oldest) => self.limit.min(AT_FIRST),
            None => self.limit,
        }
    }

    /// How many deliveries are worth keeping in memory.
    pub fn window(&self) -> usize {
        (self.limit * 4).clamp(16, limits::WEBHOOKS_IN_MEMORY)
    }

    /// It took a delivery, after so many milliseconds.
    pub fn took(&mut self, millis: i64) {
        self.was_late = millis > limits::WEBHOOK_SLOW_MILLIS;
        self.limit = if self.was_late { (self.limit / 2).max(AT_FIRST) } else { (self.limit + 1).min(limits::WEBHOOKS_UNDER_WAY) };
        self.failing = None;
    }

    /// It did not take a delivery. Of many that fail at the same time each is asked again at a time of its own: `spread`, 0 to 255, is how late it is in
    /// the last fifth of the pause.
    pub fn failed(&mut self, now: Timestamp, spread: u8) -> Failing {
        self.limit = (self.limit / 2).max(1);
        let (since, failures) = self.failing.map_or((now, 0), |failing| (failing.since, failing.failures));
        let (shortest, longest) = limits::WEBHOOK_PROBE_MILLIS;
        let pause = (now.since(since) / 8).clamp(shortest, longest);
        let next_at = now.plus_millis((pause + pause * i64::from(spread) / 1024).min(longest));
        *self.failing.insert(Failing { since, failures: failures.saturating_add(1), next_at })
    }

    /// Its address was changed: it is asked at once.
    pub fn ask_now(&mut self, now: Timestamp) {
        if let Some(failing) = &mut self.failing {
            failing.next_at = now;
        }
    }
}

fn is_late(now: Timestamp, oldest: Option<Timestamp>) -> bool {
    oldest.is_some_and(|since| now.since(since) > limits::WEBHOOK_SLOW_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    #[test]
    fn a_prompt_receiver_is_given_more_and_a_late_one_less() {
        let mut health = Health::default();
        assert_eq!(health.allowed(at(0), None), 2);
        for _ in 0..100 {
            health.took(20);
        }
        assert_eq!(health.allowed(at(0), Some(at(0))), limits::WEBHOOKS_UNDER_WAY);
        assert!(health.is_prompt(at(1_000), Some(at(0))));
        // It owes an answer for more than a second.
        assert_eq!(health.allowed(at(1_001), Some(at(0))), 2);
        assert!(!health.is_prompt(at(1_001), Some(at(0))));
        health.took(9_000);
        assert_eq!(health.allowed(at(9_000), None), limits::WEBHOOKS_UNDER_WAY / 2);
        assert!(!health.is_prompt(at(9_000), None), "it has yet to show that it is prompt again");
    }

    #[test]
    fn one_that_is_down_is_asked_after_an_eighth_of_its_time_until_it_takes_something() {
        let mut health = Health::default();
        for number in 0..limits::WEBHOOK_FAILURES {
            assert!(!health.is_down(), "{number}");
            health.failed(at(0), 0);
        }
        assert!(health.is_down() && health.allowed(at(1_999), None) == 0 && health.allowed(at(2_000), None) == 1);
        let mut now = 2_000;
        let mut asked = 0;
        let hour = 3_600_000;
        while now < hour {
            let next = health.failed(at(now), 0).next_at;
            assert!((2_000..=600_000).contains(&next.since(at(now))));
            (now, asked) = (next.millis(), asked + 1);
        }
        assert!((40..60).contains(&asked), "{asked} questions in the first hour");
        assert!(now - hour <= hour / 8, "after an hour it is asked within eight minutes");
        let pause = |spread| Health::failed(&mut health.clone(), at(now), spread).next_at.since(at(now));
        assert_eq!(Health::failed(&mut health.clone(), at(24 * hour), 255).next_at.since(at(24 * hour)), 600_000, "ten minutes at the most");
        assert!(pause(0) < pause(100) && pause(100) < pause(255) && pause(255) < pause(0) * 5 / 4);
        health.took(5);
        assert!(!health.is_down() && health.told().is_none() && health.allowed(at(now), None) == 2);
    }
}
