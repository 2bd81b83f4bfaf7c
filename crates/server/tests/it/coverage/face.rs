//! A case of a face beside the Cloud API. From the description of its operation follow: who is not signed in, whose session is unknown or over, whose role it
//! is not, who is another business's, and what is malformed; all of them are refused, and nothing is done.
use super::{
    case::{Ask, ask, succeeds},
    described::Operation,
    stage::Stage,
};
use suki_testkit::Answer;

/// What their paths name is nobody's: a month.
const NOBODYS: [&str; 1] = ["inbox.money.bill"];

/// What is wrong with a case.
pub async fn play(stage: &Stage<'_>, operation: Operation, success: &Ask, otherwise: Option<u16>) -> Vec<String> {
    let mut faults = Vec::new();
    let security = operation.security();
    let who = match security {
        Some(way) => Some(stage.allowed(way).await),
        None => None,
    };
    if let Some(way) = security {
        let (unknown, ended) = (stage.unknown(way), stage.ended(way).await);
        for (what, who) in [("nobody", None), ("an unknown session", Some(&unknown)), ("a session that is over", Some(&ended))] {
            let answer = success.send(stage, operation, who).await;
            faults.extend(refused(operation, &answer, &[401]).map(|fault| format!("by {what}: {fault}")));
        }
        if let Some(who) = stage.lesser(way, &operation.roles()).await {
            let answer = success.send(stage, operation, Some(&who)).await;
            faults.extend(refused(operation, &answer, &[403]).map(|fault| format!("by a role that may not: {fault}")));
        }
        if let Some(who) = stage.stranger(way).filter(|_| operation.names_something() && !NOBODYS.contains(&operation.name())) {
            let answer = success.send(stage, operation, Some(who)).await;
            faults.extend(refused(operation, &answer, &[404]).map(|fault| format!("by another business: {fault}")));
        }
    }
    if let Some((malformed, who)) = malformed(stage, operation, who.as_ref()) {
        let answer = malformed.send(stage, operation, who.as_ref()).await;
        faults.extend(refused(operation, &answer, &[400, 401, 403, 404, 415, 422]).map(|fault| format!("malformed: {fault}")));
    }
    match otherwise {
        Some(status) => faults.extend(refused(operation, &success.send(stage, operation, who.as_ref()).await, &[status])),
        None => faults.extend(succeeds(stage, operation, success, who.as_ref()).await),
    }
    faults
}

/// A request that is not as the description asks for, and who sends it; none where nothing could be wrong.
fn malformed(stage: &Stage<'_>, operation: Operation, who: Option<&(&'static str, String)>) -> Option<(Ask, Option<(&'static str, String)>)> {
    let own = who.cloned();
    let bodies = operation.bodies();
    if bodies.contains(&"application/json") {
        return Some((ask().bytes("application/json", b"{\"a\":".to_vec()), own));
    }
    if !bodies.is_empty() {
        return Some((ask().query("type=&name=").bytes("text/html", b"<p>".to_vec()), own));
    }
    if let Some(name) = operation.number() {
        return Some((ask().query(format!("{name}=many")), own));
    }
    if operation.needs_query() {
        return Some((ask(), own));
    }
    if operation.names_something() {
        let part = |part: &'static str| if part.starts_with('{') { "~" } else { part };
        return Some((ask().path(operation.address().split('/').map(part).collect::<Vec<_>>().join("/")), own));
    }
    operation.security().map(|way| (ask(), Some(stage.no_secret(way))))
}

/// What is wrong with a refusal.
fn refused(operation: Operation, answer: &Answer, wanted: &[u16]) -> impl Iterator<Item = String> {
    let status = answer.status.as_u16();
    let told = String::from_utf8_lossy(&answer.body).chars().take(200).collect::<String>();
    let wrong = (!wanted.contains(&status)).then(|| format!("{status} and not one of {wanted:?}: {told}"));
    let undocumented = (!operation.has_status(status)).then(|| format!("the document does not have the status {status}"));
    wrong.into_iter().chain(undocumented)
}
