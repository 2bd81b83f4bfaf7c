//! How a flow's server is: programs are warned when it fails or is slow, a flow whose server fails often goes out less, and comes back by itself. What was
//! heard lately is kept in memory; while a flow is unwell its server is asked now and then whether it is there.
use super::{Flow, manage::set_status, row, server::Failure};
use crate::{
    Business, Error,
    webhooks::{self, Queued},
};
use parking_lot::Mutex;
use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    sync::Arc,
};
use suki_cloud_api::{
    ObjectId,
    flows::{
        Status, channel,
        webhook::{self, Alert},
    },
};
use suki_protocol::calls::rules::FlowRules;
use suki_store::Tx;
use suki_types::Timestamp;
use tokio::sync::Notify;

/// How many answers of one server are remembered.
const REMEMBERED: usize = 4_096;
/// How often the server of a flow that is unwell is asked, in milliseconds: at most, and at least.
const PING_MILLIS: (i64, i64) = (1_000, 60_000);

/// What a business remembers of its flows' servers.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    flows: Mutex<HashMap<ObjectId, Lately>>,
    /// A flow may have become unwell.
    unwell: Notify,
}

/// One server's answers of late.
#[derive(Debug, Default)]
struct Lately {
    heard: VecDeque<Heard>,
    errors: bool,
    slow: bool,
    absent: bool,
}

#[derive(Debug, Clone, Copy)]
struct Heard {
    at: Timestamp,
    failure: Option<&'static str>,
    was_heard: bool,
    millis: u64,
}

/// What the answers within the time watched come to.
#[derive(Debug, Clone, Default, PartialEq)]
struct Figures {
    count: u64,
    error_rate: f64,
    availability: f64,
    p50: u64,
    p90: u64,
    errors: BTreeMap<&'static str, u64>,
}

/// Which warnings begin or end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Alerts {
    errors: Option<Alert>,
    latency: Option<Alert>,
    availability: Option<Alert>,
}

impl Lately {
    fn note(&mut self, heard: Heard, rules: &FlowRules) -> Figures {
        if self.heard.len() == REMEMBERED {
            self.heard.pop_front();
        }
        self.heard.push_back(heard);
        while self.heard.front().is_some_and(|first| heard.at.since(first.at) > rules.watched_millis) {
            self.heard.pop_front();
        }
        self.figures()
    }

    fn figures(&self) -> Figures {
        let count = self.heard.len() as u64;
        let share = |part: usize| if count == 0 { 0.0 } else { part as f64 * 100.0 / count as f64 };
        let mut millis: Vec<u64> = self.heard.iter().map(|heard| heard.millis).collect();
        millis.sort_unstable();
        let at = |part: usize| millis.get((millis.len() * part / 100).min(millis.len().saturating_sub(1))).copied().unwrap_or(0);
        let mut errors = BTreeMap::new();
        for failure in self.heard.iter().filter_map(|heard| heard.failure) {
            *errors.entry(failure).or_insert(0) += 1;
        }
        Figures {
            count,
            error_rate: share(self.heard.iter().filter(|heard| heard.failure.is_some()).count()),
            availability: share(self.heard.iter().filter(|heard| heard.was_heard).count()),
            p50: at(50),
            p90: at(90),
            errors,
        }
    }

    fn alerts(&mut self, figures: &Figures, rules: &FlowRules) -> Alerts {
        let counts = figures.count >= u64::from(rules.watched_from);
        let turn = |state: &mut bool, is_bad: bool| {
            // Nothing is concluded from few answers, neither for the worse nor for the better.
            if !counts || *state == is_bad {
                return None;
            }
            *state = is_bad;
            Some(if is_bad { Alert::Activated } else { Alert::Deactivated })
        };
        Alerts {
            errors: turn(&mut self.errors, figures.error_rate >= f64::from(rules.error_rate)),
            latency: turn(&mut self.slow, i64::try_from(figures.p90).is_ok_and(|p90| p90 > rules.latency_millis)),
            availability: turn(&mut self.absent, figures.availability < f64::from(rules.availability)),
        }
    }
}

/// What a flow becomes with such a server; none when that stays.
fn becomes(status: Status, figures: &Figures, rules: &FlowRules) -> Option<Status> {
    if figures.count < u64::from(rules.watched_from) || !status.is_live() {
        return None;
    }
    let to = match figures.error_rate {
        rate if rate >= f64::from(rules.blocked_at) => Status::Blocked,
        rate if rate >= f64::from(rules.throttled_at) => Status::Throttled,
        _ => Status::Published,
    };
    (to != status).then_some(to)
}

/// Notes how a question of a device went, tells programs, and moves the flow. A server that says the form is over is well.
///
/// # Errors
/// When the store fails.
pub(super) async fn note(business: &Arc<Business>, flow: &Flow, failure: Option<&Failure>, millis: u64) -> Result<(), Error> {
    let rules = business.flow_rules()?;
    let failure = failure.filter(|failure| !matches!(failure, Failure::Over(_)));
    let heard = Heard { at: business.env().now(), failure: failure.map(Failure::word), was_heard: failure.is_none_or(Failure::was_heard), millis };
    let (figures, alerts) = {
        let mut flows = business.flow_watch.flows.lock();
        let lately = flows.entry(flow.id).or_default();
        let figures = lately.note(heard, &rules);
        let alerts = lately.alerts(&figures, &rules);
        (figures, alerts)
    };
    let to = becomes(flow.status, &figures, &rules);
    if to.is_none() && alerts == Alerts::default() {
        return Ok(());
    }
    let (own, id) = (business.clone(), flow.id);
    let queued = business.db().write(move |tx| tell(&own, tx, id, &figures, alerts, &rules)).await?;
    business.common().dispatcher().notify(queued);
    business.flow_watch.unwell.notify_one();
    Ok(())
}

fn tell(business: &Business, tx: &mut Tx<'_>, id: ObjectId, figures: &Figures, alerts: Alerts, rules: &FlowRules) -> Result<Vec<Queued>, Error> {
    let Some(flow) = row::get(tx, business.id(), id)? else { return Ok(Vec::new()) };
    let (name, mut values) = (flow.name.clone(), Vec::new());
    if let Some(alert) = alerts.errors {
        let share = |count: u64| count as f64 * 100.0 / figures.count.max(1) as f64;
        let errors: Vec<(&str, u64, f64)> = figures.errors.iter().map(|(word, count)| (*word, *count, share(*count))).collect();
        values.push(webhook::error_rate(id, &name, alert, figures.error_rate, rules.error_rate, &errors));
    }
    if let Some(alert) = alerts.latency {
        values.push(webhook::latency(id, &name, alert, (figures.p50, figures.p90), figures.count, rules.latency_millis));
    }
    if let Some(alert) = alerts.availability {
        values.push(webhook::availability(id, &name, alert, figures.availability, rules.availability));
    }
    let now = business.env().now();
    let mut queued = Vec::new();
    for value in &values {
        queued.extend(webhooks::account(business, tx, webhook::FIELD, value, now)?);
    }
    if let Some(to) = becomes(flow.status, figures, rules) {
        queued.extend(set_status(business, tx, flow, to)?.1);
    }
    Ok(queued)
}

/// Asks the servers of flows that are unwell, as long as there are any.
pub(crate) async fn run(business: Arc<Business>) {
    loop {
        let unwell = match business.unwell_flows().await {
            Ok(unwell) => unwell,
            Err(error) => {
                tracing::error!(business = %business.id(), %error, "the flows that are unwell are asked for later");
                Vec::new()
            }
        };
        if unwell.is_empty() {
            business.flow_watch.unwell.notified().await;
            continue;
        }
        let wait = business.flow_rules().map_or(PING_MILLIS.1, |rules| ping_after(&rules));
        business.env().clock.wait_until(business.env().now().plus_millis(wait)).await;
        for flow in unwell {
            if let Err(error) = ping(&business, &flow).await {
                tracing::warn!(business = %business.id(), flow = %flow.id, %error, "a flow's server is asked later whether it is there");
            }
        }
    }
}

/// Twice as often as answers have to come for any to count.
fn ping_after(rules: &FlowRules) -> i64 {
    (rules.watched_millis / (2 * i64::from(rules.watched_from)).max(1)).clamp(PING_MILLIS.0, PING_MILLIS.1)
}

async fn ping(business: &Arc<Business>, flow: &Flow) -> Result<(), Error> {
    let began = business.env().now();
    let said = business.ask_server(flow, &channel::ping(&flow.outline.data_api_version)).await?;
    let taken = u64::try_from(business.env().now().since(began)).unwrap_or_default();
    let said = said.and_then(|said| if channel::is_pong(&said) { Ok(()) } else { Err(Failure::Unusable) });
    note(business, flow, said.as_ref().err(), taken).await
}

impl Business {
    async fn unwell_flows(&self) -> Result<Vec<Flow>, Error> {
        let flows = self.flows().await?;
        Ok(flows.into_iter().filter(|flow| matches!(flow.status, Status::Throttled | Status::Blocked)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules() -> FlowRules {
        FlowRules {
            watched_millis: 1_800_000,
            watched_from: 10,
            error_rate: 10,
            throttled_at: 50,
            blocked_at: 90,
            latency_millis: 5_000,
            availability: 90,
            ..FlowRules::default()
        }
    }

    fn heard(second: i64, failure: Option<&Failure>, millis: u64) -> Heard {
        let at = Timestamp::from_millis(second * 1000);
        Heard { at, failure: failure.map(Failure::word), was_heard: failure.is_none_or(Failure::was_heard), millis }
    }

    #[test]
    fn a_server_that_fails_is_told_of_once_and_again_when_it_is_well() {
        let (rules, mut lately, mut told) = (rules(), Lately::default(), Vec::new());
        for second in 0..20 {
            let failure = (second >= 10).then_some(Failure::Timeout);
            let figures = lately.note(heard(second, failure.as_ref(), 10), &rules);
            told.push((lately.alerts(&figures, &rules), becomes(Status::Published, &figures, &rules)));
        }
        assert!(told[..10].iter().all(|one| *one == (Alerts::default(), None)));
        let both = told.iter().find(|(alerts, _)| alerts.errors.is_some()).expect("it is told");
        assert_eq!((both.0.errors, both.0.latency), (Some(Alert::Activated), None));
        assert_eq!(told.iter().filter(|(alerts, _)| alerts.errors.is_some()).count(), 1);
        assert_eq!(told.last().map(|(_, to)| *to), Some(Some(Status::Throttled)));
        // Half an hour later only what is new counts, and one good answer is too few.
        let figures = lately.note(heard(2_000, None, 10), &rules);
        assert_eq!((figures.count, lately.alerts(&figures, &rules)), (1, Alerts::default()));
        for second in 0..10 {
            let figures = lately.note(heard(2_001 + second, None, 10), &rules);
            told.push((lately.alerts(&figures, &rules), becomes(Status::Throttled, &figures, &rules)));
        }
        assert!(told.iter().any(|(alerts, to)| alerts.errors == Some(Alert::Deactivated) && *to == Some(Status::Published)));
    }

    #[test]
    fn a_slow_server_is_slow_by_one_answer_in_ten() {
        let (rules, mut lately) = (rules(), Lately::default());
        let mut last = Alerts::default();
        for second in 0..20 {
            let figures = lately.note(heard(second, None, if second % 5 == 4 { 9_000 } else { 100 }), &rules);
            let alerts = lately.alerts(&figures, &rules);
            if alerts != Alerts::default() {
                last = alerts;
                assert_eq!((figures.p50, figures.p90), (100, 9_000));
            }
        }
        assert_eq!((last.latency, last.errors, last.availability), (Some(Alert::Activated), None, None));
        assert_eq!((ping_after(&rules), ping_after(&FlowRules { watched_from: 30, ..rules })), (60_000, 30_000));
        assert_eq!(becomes(Status::Draft, &Figures { count: 100, error_rate: 100.0, ..Figures::default() }, &rules), None);
        assert_eq!(becomes(Status::Published, &Figures { count: 100, error_rate: 90.0, ..Figures::default() }, &rules), Some(Status::Blocked));
    }
}
