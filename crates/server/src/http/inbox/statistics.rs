//! Statistics (R64, R65): what was sent, delivered, read, received and answered.
use super::Signed;
use crate::http::problem::{Checked, Refusal};
use axum::{
    Json,
    extract::Query,
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, de::DeserializeOwned};
use suki_endpoint::{Error, statistics::TeamStatistics};
use suki_protocol::calls::statistics::{Counted, Dimension, GetStatistics, Granularity, Point};
use suki_types::Timestamp;

/// What is asked: times in milliseconds, and what the counters are told apart by, joined with commas.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    from: i64,
    to: i64,
    #[serde(default)]
    granularity: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    format: String,
}

/// `GET /statistics`
pub async fn get(Signed(signed): Signed, Checked(Query(asked)): Checked<Query<Asked>>) -> Result<Response, Refusal> {
    let by = asked.by.split(',').filter(|word| !word.is_empty()).map(|word| word_of::<Dimension>("by", word, "category, template, country"));
    let granularity = if asked.granularity.is_empty() { "day" } else { &asked.granularity };
    let request = GetStatistics {
        from: Timestamp::from_millis(asked.from),
        to: Timestamp::from_millis(asked.to),
        granularity: word_of::<Granularity>("granularity", granularity, "half_hour, day, month, total")?,
        by: by.collect::<Result<_, _>>()?,
        of: Counted::default(),
    };
    let statistics = signed.business.statistics(&request).await?;
    match asked.format.as_str() {
        "" | "json" => Ok(Json(statistics).into_response()),
        "csv" => {
            let headers: [(HeaderName, &str); 2] =
                [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"statistics.csv\"")];
            Ok((headers, csv(&statistics.points)).into_response())
        }
        _ => Err(Error::Invalid("format is json or csv".into()).into()),
    }
}

/// Which days.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Days {
    from: i64,
    to: i64,
}

/// `GET /statistics/team`
pub async fn team(Signed(signed): Signed, Checked(Query(days)): Checked<Query<Days>>) -> Result<Json<TeamStatistics>, Refusal> {
    let (from, to) = (Timestamp::from_millis(days.from), Timestamp::from_millis(days.to));
    Ok(Json(signed.business.team_statistics(from, to).await?))
}

fn word_of<T: DeserializeOwned>(field: &str, word: &str, allowed: &str) -> Result<T, Refusal> {
    serde_json::from_value(word.into()).map_err(|_| Error::Invalid(format!("{field} is one of {allowed}")).into())
}

/// A line for each point. No cell needs quotes: words, codes of countries and numbers.
fn csv(points: &[Point]) -> String {
    let mut file = String::from("at,category,template,country,sent,delivered,read,received,replied,visited\n");
    for point in points {
        let counts = &point.counts;
        let line = format!(
            "{},{},{},{},{},{},{},{},{},{}\n",
            point.at.millis(),
            point.category,
            point.template,
            point.country,
            counts.sent,
            counts.delivered,
            counts.read,
            counts.received,
            counts.replied,
            counts.visited
        );
        file.push_str(&line);
    }
    file
}
