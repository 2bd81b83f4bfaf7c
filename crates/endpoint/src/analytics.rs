//! What programs ask of an account's figures (Cloud API, section 3f): asked of the network, which counts what it relays, as often as its answers' size
//! makes necessary. What stands on a button only this endpoint knows: quick replies that were pressed are counted here.
use crate::{Business, Error, money::refused};
use suki_cloud_api::{
    analytics::{
        Charge, Granularity, Span,
        messages::{self, Kind, Point},
        templates::{self, Counts, Found},
    },
    templates::compare::{self, Figures},
};
use suki_protocol::calls::{
    money::{Charge as Charged, ChargeDimension, Charged as Of, GetCharges},
    statistics::{self as wire, Counted, Dimension, GetStatistics},
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, Country, Timestamp};

const DAY: i64 = 24 * 3_600_000;
const HALF_HOUR: i64 = 30 * 60_000;
/// How many periods of counters are asked for at once; the network gives at most 1,200 points.
const PERIODS: i64 = 1_000;
/// How many answers about charges are put together at most: fifty thousand points.
const PAGES: usize = 60;

impl Business {
    /// Messages sent, delivered and received, by period.
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn message_points(&self, asked: &messages::Asked) -> Result<Vec<Point>, Error> {
        let kinds = asked.kinds.iter().map(|kind| match kind {
            Kind::Template => wire::Kind::Template,
            Kind::Other => wire::Kind::Other,
            Kind::Received => wire::Kind::Received,
        });
        let of = Counted { kinds: kinds.collect(), countries: asked.countries.clone(), templates: Vec::new() };
        let mut points = Vec::new();
        for (from, to) in stretches(asked.span) {
            let request = GetStatistics { from, to, granularity: granularity(asked.span), by: Vec::new(), of: of.clone() };
            points.extend(self.statistics(&request).await?.points);
        }
        let point = |point: wire::Point| {
            let wire::Counts { sent, delivered, received, .. } = point.counts;
            (sent + delivered + received > 0).then_some(Point { at: point.at, sent, delivered, received })
        };
        Ok(points.into_iter().filter_map(point).collect())
    }

    /// What was delivered and what it cost, by period, category and type, and by what else is named.
    ///
    /// # Errors
    /// When the answer would have too many points, or the network cannot be asked.
    pub async fn charges(&self, span: Span, countries: Vec<Country>, more: &[ChargeDimension]) -> Result<Vec<Charge>, Error> {
        let mut by = vec![ChargeDimension::Category, ChargeDimension::Kind];
        by.extend(more);
        let charges = self.all_charges(span, by, Of { countries, ..Of::default() }).await?;
        Ok(charges.into_iter().map(charge).collect())
    }

    async fn all_charges(&self, span: Span, by: Vec<ChargeDimension>, of: Of) -> Result<Vec<Charged>, Error> {
        let mut request = GetCharges { from: span.from, to: span.to, granularity: granularity(span), by, of };
        let mut charges = Vec::new();
        for _ in 0..PAGES {
            let page = self.link.call(&request).await.map_err(refused)?;
            charges.extend(page.points);
            match page.next {
                Some(next) if next > request.from => request.from = next,
                _ => return Ok(charges),
            }
        }
        Err(Error::Invalid(format!("The answer would have more than {} points: ask for a shorter time, or tell less apart", charges.len())))
    }

    /// How often templates were sent, and how many customers did not want them.
    ///
    /// # Errors
    /// When the network cannot be asked.
    pub async fn compare_templates(&self, asked: &compare::Asked) -> Result<Vec<Figures>, Error> {
        let of = Counted { templates: asked.templates.clone(), ..Counted::default() };
        let by = vec![Dimension::Template];
        let request = GetStatistics { from: asked.from, to: asked.to, granularity: wire::Granularity::Total, by, of };
        let points = self.statistics(&request).await?.points;
        let figures = |template: &u64| {
            let counts = points.iter().find(|point| point.template == *template).map(|point| point.counts).unwrap_or_default();
            Figures { template: *template, sent: counts.sent, against: counts.against }
        };
        Ok(asked.templates.iter().map(figures).collect())
    }

    /// What became of templates' messages, by day.
    ///
    /// # Errors
    /// When the network cannot be asked or the store fails.
    pub async fn template_figures(&self, asked: &templates::Asked) -> Result<Found, Error> {
        let Span { from, to, .. } = asked.span;
        let of = Counted { templates: asked.templates.clone(), ..Counted::default() };
        let request = GetStatistics { from, to, granularity: wire::Granularity::Day, by: vec![Dimension::Template], of };
        let counts = self.statistics(&request).await?.points.into_iter().map(|point| {
            let wire::Counts { sent, delivered, read, .. } = point.counts;
            (point.template, point.at, Counts { sent, delivered, read })
        });
        let of = Of { templates: asked.templates.clone(), ..Of::default() };
        let charges = self.all_charges(asked.span, vec![ChargeDimension::Template], of).await?;
        let (business, templates) = (self.id(), asked.templates.clone());
        let clicks = self.db().read(move |tx| Ok::<_, Error>(clicks(tx, business, &templates, from, to)?)).await?;
        let charges = charges.into_iter().map(|charged| (charged.template, charge(charged)));
        Ok(Found { counts: counts.collect(), charges: charges.collect(), clicks })
    }
}

fn charge(charge: Charged) -> Charge {
    let Charged { at, country, category, kind, tier, count, amount, .. } = charge;
    Charge { at, country, category, kind, tier, count, amount }
}

fn granularity(span: Span) -> wire::Granularity {
    match span.granularity {
        Granularity::HalfHour => wire::Granularity::HalfHour,
        Granularity::Day => wire::Granularity::Day,
        Granularity::Month => wire::Granularity::Month,
    }
}

/// The time in stretches of so many periods that one answer holds them; all but the ends lie where a period begins.
fn stretches(span: Span) -> Vec<(Timestamp, Timestamp)> {
    let period = match span.granularity {
        Granularity::HalfHour => HALF_HOUR,
        Granularity::Day => DAY,
        Granularity::Month => return vec![(span.from, span.to)],
    };
    let (mut from, mut found) = (span.from, Vec::new());
    while from < span.to {
        let to = Timestamp::from_millis((from.millis().div_euclid(period) + PERIODS) * period).min(span.to);
        found.push((from, to));
        from = to;
    }
    found
}

fn day(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis().div_euclid(DAY) * DAY)
}

/// Counts a quick reply that was pressed.
///
/// # Errors
/// When the store fails.
pub(crate) fn clicked(tx: &mut Tx<'_>, business: AccountId, template: u64, button: &str, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO template_click (business, template, day, button, count) VALUES (?1, ?2, ?3, ?4, 1) \
         ON CONFLICT (business, template, day, button) DO UPDATE SET count = template_click.count + 1",
        &[(&business).into(), template.into(), day(at).into(), button.into()],
    )?;
    Ok(())
}

fn clicks(
    tx: &mut Tx<'_>,
    business: AccountId,
    templates: &[u64],
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<(u64, Timestamp, String, u64)>, StoreError> {
    let mut found = Vec::new();
    for template in templates {
        found.extend(tx.query(
            "SELECT template, day, button, count FROM template_click WHERE business = ?1 AND template = ?2 AND day >= ?3 AND day < ?4 ORDER BY day, button",
            &[(&business).into(), (*template).into(), day(from).into(), to.into()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)),
        )?);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_time_is_asked_for_in_stretches_that_neither_overlap_nor_leave_gaps() {
        let at = |millis| Timestamp::from_millis(millis);
        let span = |to, granularity| Span { from: at(5), to: at(to), granularity };
        assert_eq!(stretches(span(3 * DAY, Granularity::Day)), [(at(5), at(3 * DAY))]);
        let long = stretches(span(90 * DAY, Granularity::HalfHour));
        assert_eq!((long.len(), long[0].0, long[long.len() - 1].1), (5, at(5), at(90 * DAY)));
        assert!(long.windows(2).all(|pair| pair[0].1 == pair[1].0 && pair[1].0.millis() % HALF_HOUR == 0));
        assert_eq!(stretches(span(900 * DAY, Granularity::Month)).len(), 1);
    }
}
