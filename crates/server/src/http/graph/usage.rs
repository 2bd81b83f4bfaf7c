//! How often programs call (section 3e, management calls): counted by app and business account, or by app alone for what concerns no account, over
//! the last hour. Answers and refusals say how much of it is used, as section 3d ends.
use super::operation::{On, Scope};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use parking_lot::Mutex;
use serde_json::json;
use std::collections::HashMap;
use suki_cloud_api::{ApiError, Code, ObjectId};
use suki_endpoint::Business;
use suki_types::Timestamp;

/// How much of what an app may do is used, in hundredths.
const APP: HeaderName = HeaderName::from_static("x-app-usage");
/// The same of an app and an account, by the account's id.
const ACCOUNT: HeaderName = HeaderName::from_static("x-business-use-case-usage");
/// Calls of the same minute are counted together.
const MINUTE_MILLIS: i64 = 60_000;
/// How many of them an hour has.
const MINUTES: usize = 60;
/// How many are counted at once; when there are more, those are forgotten that did nothing for an hour, and then all.
const COUNTED: usize = 10_000;

/// Who is counted: an app, on an account or by itself.
type Key = (ObjectId, Option<ObjectId>);

/// All counts; they begin anew with the process.
#[derive(Default)]
pub struct Usage(Mutex<HashMap<Key, Hour>>);

/// The calls of an hour, by the minute.
struct Hour {
    calls: [u32; MINUTES],
    newest: i64,
}

impl Hour {
    fn new(minute: i64) -> Self {
        Self { calls: [0; MINUTES], newest: minute }
    }

    /// Forgets what is older than an hour.
    fn turn(&mut self, minute: i64) {
        for passed in self.newest + 1..=minute.min(self.newest + MINUTES as i64) {
            self.calls[slot(passed)] = 0;
        }
        self.newest = self.newest.max(minute);
    }

    fn used(&self) -> u32 {
        self.calls.iter().fold(0, |sum, calls| sum.saturating_add(*calls))
    }

    /// In how many minutes one more is allowed.
    fn regain(&self, limit: u32) -> i64 {
        let mut used = self.used();
        for age in (0..MINUTES as i64).rev() {
            used = used.saturating_sub(self.calls[slot(self.newest - age)]);
            if used < limit {
                return MINUTES as i64 - age;
            }
        }
        MINUTES as i64
    }
}

fn slot(minute: i64) -> usize {
    usize::try_from(minute.rem_euclid(MINUTES as i64)).unwrap_or_default()
}

/// How much is used, after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    account: Option<ObjectId>,
    calls: u32,
    limit: u32,
    /// In how many minutes the next call is allowed; 0: at once.
    regain: i64,
}

impl Usage {
    /// Counts a call; none that sends, reads or carries messages and media.
    ///
    /// # Errors
    /// 80007 or 4 when the hour's calls are made; this one is not counted then.
    pub fn enter(&self, scope: Scope, on: On, business: &Business, app: ObjectId, told: &mut HeaderMap) -> Result<(), ApiError> {
        let rules = business.program_rules();
        let (account, limit) = match (scope, on) {
            (Scope::Messaging, _) => return Ok(()),
            (Scope::AppToken | Scope::None, _) | (_, On::App | On::Root) => (None, rules.app_calls_per_hour),
            _ if business.number_is_proven() => (Some(business.record().waba_id), rules.active_calls_per_hour),
            _ => (Some(business.record().waba_id), rules.calls_per_hour),
        };
        let used = self.count((app, account), limit, business.env().now());
        used.tell(told);
        if used.regain == 0 { Ok(()) } else { Err(used.refusal()) }
    }

    fn count(&self, key: Key, limit: u32, now: Timestamp) -> Used {
        let minute = now.millis().div_euclid(MINUTE_MILLIS);
        let mut hours = self.0.lock();
        if hours.len() >= COUNTED && !hours.contains_key(&key) {
            hours.retain(|_, hour| minute - hour.newest < MINUTES as i64);
            if hours.len() >= COUNTED {
                hours.clear();
            }
        }
        let hour = hours.entry(key).or_insert_with(|| Hour::new(minute));
        hour.turn(minute);
        let regain = if hour.used() < limit { 0 } else { hour.regain(limit) };
        if regain == 0 {
            let calls = &mut hour.calls[slot(hour.newest)];
            *calls = calls.saturating_add(1);
        }
        Used { account: key.1, calls: hour.used(), limit, regain }
    }
}

impl Used {
    fn hundredths(&self) -> u64 {
        u64::from(self.calls) * 100 / u64::from(self.limit.max(1))
    }

    fn tell(&self, told: &mut HeaderMap) {
        let (name, text) = match self.account {
            None => (APP, json!({"call_count": self.hundredths(), "total_cputime": 0, "total_time": 0})),
            Some(account) => {
                let one = json!({"type": "whatsapp", "call_count": self.hundredths(), "total_cputime": 0, "total_time": 0,
                    "estimated_time_to_regain_access": self.regain});
                (ACCOUNT, json!({ account.to_string(): [one] }))
            }
        };
        if let Ok(value) = HeaderValue::try_from(text.to_string()) {
            told.insert(name, value);
        }
    }

    fn refusal(&self) -> ApiError {
        let (code, of) =
            if self.account.is_some() { (Code::AccountRateLimit, "this app and business account") } else { (Code::TooManyCalls, "this app") };
        let details = format!("{} calls an hour are allowed to {of}; the next one in {} minutes", self.limit, self.regain);
        ApiError::new(code, details).retry_after(self.regain * 60)
    }
}

/// Tells a refused caller when to try again.
pub fn retry_after(error: &ApiError, headers: &mut HeaderMap) {
    if error.retry_after > 0 {
        headers.insert(header::RETRY_AFTER, error.retry_after.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> ObjectId {
        ObjectId::from_number(number).expect("in range")
    }

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_millis(minute * MINUTE_MILLIS)
    }

    #[test]
    fn an_hour_after_each_call_it_counts_no_more() {
        let (usage, key) = (Usage::default(), (id(1), Some(id(2))));
        assert!((0..150).all(|_| usage.count(key, 200, at(1000)).regain == 0));
        assert!((0..50).all(|_| usage.count(key, 200, at(1030)).regain == 0));
        let over = usage.count(key, 200, at(1030));
        assert_eq!((over.calls, over.regain, over.hundredths()), (200, 30, 100));
        assert_eq!(usage.count((id(9), Some(id(2))), 200, at(1030)).regain, 0, "another app counts for itself");
        assert_eq!(usage.count(key, 200, at(1059)).regain, 1);
        assert_eq!(usage.count(key, 200, at(1060)).regain, 0);
        assert_eq!(usage.count(key, 200, at(1060)).calls, 52);
        assert_eq!(usage.count(key, 200, at(9000)).calls, 1);
    }

    #[test]
    fn headers_and_refusals_say_how_much_is_used() {
        let mut told = HeaderMap::new();
        let used = Used { account: Some(id(7)), calls: 50, limit: 200, regain: 12 };
        used.tell(&mut told);
        Used { account: None, ..used }.tell(&mut told);
        let text = |name| told.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).and_then(|text| serde_json::from_str(text).ok());
        let account: serde_json::Value = text(ACCOUNT).expect("JSON");
        assert_eq!((&account["7"][0]["call_count"], &account["7"][0]["estimated_time_to_regain_access"]), (&json!(25), &json!(12)));
        assert_eq!(text(APP).map(|app: serde_json::Value| app["call_count"].clone()), Some(json!(25)));
        let refusal = used.refusal();
        assert_eq!((refusal.code.number(), refusal.retry_after), (80_007, 720));
        assert_eq!(Used { account: None, ..used }.refusal().code.number(), 4);
        retry_after(&refusal, &mut told);
        assert_eq!(told.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()), Some("720"));
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let usage = Usage::default();
        for number in 1..=COUNTED as u64 + 1 {
            let _ = usage.count((id(number), None), 1, at(0));
        }
        assert!(usage.0.lock().len() <= COUNTED);
    }
}
