//! A customer reports a business, with messages and the proof that it sent them (R8).
//!
//! The proof is the commitment that stood in the message's header when the network took it: HMAC-SHA256(commitment_key, content). Whoever shows content
//! and key shows what was sent, and nothing else that was ever said.
use super::{
    Pair, customer,
    daily::{self, Limit, Use},
    events::Entry,
    ledger,
};
use crate::{
    Network,
    console::{Console, ConsoleError, Operator, operators::Duty},
    operations::call::{self, Wakes},
    refusal::Refusal,
    review::{self, Case, CaseKind, Decision, NewCase},
    rows::Caller,
    session::Answer,
    standing,
};
use aws_lc_rs::hmac;
use prost::Message as _;
use serde_json::json;
use std::collections::BTreeSet;
use suki_protocol::{
    calls::{
        Done,
        report::{Reason, Report, ReportedMessage},
    },
    pb::{self, RefusalCode, content::Body, template_parameter::Value},
};
use suki_rules::{
    consent::{By, Event},
    standing::Cause,
};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, ConversationId, MessageId, ReportId, Timestamp, limits};

pub(super) fn send(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    let id = ReportId::new(network.env());
    call::writes::<Report>(network, json, move |tx, asked| {
        let pair = customer::pair(tx, &caller, asked.business)?;
        let most = own.policy().consent.report_messages as usize;
        if !(1..=most).contains(&asked.messages.len()) {
            let text =
                format!("{} messages are shown; a report shows 1 to {most} that the business sent (consent.report_messages)", asked.messages.len());
            return Err(Refusal::malformed(text));
        }
        let conversation =
            said_in(tx, pair, asked.messages[0].message_id)?.ok_or_else(|| Refusal::unknown("There is no conversation with this business"))?;
        let fresh = proven(tx, conversation, &asked.messages)?;
        let mut wakes = Wakes::new();
        // Asked again, because the first answer was lost, nothing is counted twice.
        if !fresh.is_empty() {
            wakes.extend(store(&own, tx, &caller, pair, id, conversation, asked, &fresh)?);
        }
        if asked.block {
            wakes.extend(ledger::write(&own, tx, &caller, pair, &Entry::plain(By::Customer, Event::Block))?);
        }
        Ok((Done {}, wakes))
    })
}

/// Where the business said it: between the two, or in a group the customer is in, where the message has a row of his own under his seat.
fn said_in(tx: &mut Tx<'_>, pair: Pair, message: MessageId) -> Result<Option<ConversationId>, StoreError> {
    let seat = tx.query_opt(
        "SELECT g.seat FROM account_conversation a JOIN conversation c ON c.conversation = a.conversation AND c.kind = 1 \
         JOIN group_seat g ON g.conversation = a.conversation AND g.account = a.account \
         JOIN message m ON m.conversation = g.seat AND m.message_id = ?3 WHERE a.account = ?1 AND c.business = ?2",
        &[(&pair.customer).into(), (&pair.business).into(), (&message).into()],
        |row| row.get(0),
    )?;
    if seat.is_some() { Ok(seat) } else { ledger::conversation(tx, pair) }
}

/// A message whose proof holds.
struct Proven<'a> {
    message: &'a ReportedMessage,
    kind: i64,
    template: i64,
    sent_at: Timestamp,
}

/// Checks every message; those that were reported before are left out.
fn proven<'a>(tx: &mut Tx<'_>, conversation: ConversationId, messages: &'a [ReportedMessage]) -> Result<Vec<Proven<'a>>, Refusal> {
    let mut seen = BTreeSet::new();
    let mut fresh = Vec::new();
    for message in messages {
        if !seen.insert(message.message_id) {
            return Err(Refusal::malformed("A message stands twice in the report; name each once"));
        }
        if message.content.0.len() > limits::MESSAGE_BYTES || message.commitment_key.0.len() != 32 {
            return Err(Refusal::malformed("A reported message has its content as it was decrypted and a commitment key of 32 bytes"));
        }
        let proven = prove(tx, conversation, message)?;
        if !reported(tx, conversation, message.message_id)? {
            fresh.push(proven);
        }
    }
    Ok(fresh)
}

fn prove<'a>(tx: &mut Tx<'_>, conversation: ConversationId, message: &'a ReportedMessage) -> Result<Proven<'a>, Refusal> {
    let known = tx.query_opt(
        "SELECT of_business, commitment, kind, template, at FROM message WHERE conversation = ?1 AND message_id = ?2",
        &[(&conversation).into(), (&message.message_id).into()],
        |row| {
            let proven = Proven { message, kind: row.get(2)?, template: row.get(3)?, sent_at: row.get(4)? };
            Ok((row.get::<bool>(0)?, row.get::<Option<Vec<u8>>>(1)?, proven))
        },
    )?;
    let unknown = || Refusal::unknown("The conversation has no message of this id, or it is older than the network remembers; report newer ones");
    let (of_business, commitment, proven) = known.ok_or_else(unknown)?;
    if !of_business {
        return Err(Refusal::forbidden("One of the messages was not sent by the business; report only what it sent"));
    }
    let commitment = commitment.ok_or_else(unknown)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &message.commitment_key.0);
    hmac::verify(&key, &message.content.0, &commitment).map_err(|_| {
        let text = "A reported message is not what the business sent: its content and key do not fit its commitment; report it unchanged";
        Refusal::new(RefusalCode::Conflict, text)
    })?;
    Ok(proven)
}

fn reported(tx: &mut Tx<'_>, conversation: ConversationId, message: MessageId) -> Result<bool, StoreError> {
    let sql = "SELECT message_id FROM report_message WHERE conversation = ?1 AND message_id = ?2";
    Ok(tx.query_opt(sql, &[(&conversation).into(), (&message).into()], |row| row.get::<MessageId>(0))?.is_some())
}

#[expect(clippy::too_many_arguments, reason = "who reports whom, what, and where it was said")]
fn store(
    network: &Network,
    tx: &mut Tx<'_>,
    caller: &Caller,
    pair: Pair,
    id: ReportId,
    conversation: ConversationId,
    report: &Report,
    messages: &[Proven<'_>],
) -> Result<Wakes, Refusal> {
    let now = network.now();
    let most = network.policy().consent.reports_per_day;
    let name = "Reporting one business";
    let limit = Limit { owner: pair.business, other: pair.customer, what: Use::Reports, most, name, field: "consent.reports_per_day" };
    daily::take(tx, limit, now)?;
    tx.execute(
        "INSERT INTO report (business, report, customer, reason, at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[(&pair.business).into(), (&id).into(), (&pair.customer).into(), word(report.reason).into(), now.into()],
    )?;
    for proven in messages {
        tx.execute(
            "INSERT INTO report_message (business, report, conversation, message_id, kind, template, sent_at, at, content, commitment_key) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            &[
                (&pair.business).into(),
                (&id).into(),
                (&conversation).into(),
                (&proven.message.message_id).into(),
                proven.kind.into(),
                proven.template.into(),
                proven.sent_at.into(),
                now.into(),
                (&proven.message.content.0).into(),
                (&proven.message.commitment_key.0).into(),
            ],
        )?;
    }
    let detail = json!({ "report": id, "reason": report.reason, "messages": messages.len(), "blocked": report.block });
    review::open(tx, now, NewCase { kind: CaseKind::Report, business: pair.business, subject: &id.to_string(), detail: &detail })?;
    let entry = Entry { how: word(report.reason), ..Entry::plain(By::Customer, Event::Report) };
    ledger::write(network, tx, caller, pair, &entry)
}

fn word(reason: Reason) -> &'static str {
    match reason {
        Reason::Spam => "spam",
        Reason::Abuse => "abuse",
        Reason::Goods => "goods",
        Reason::Other => "other",
    }
}

/// A person has decided on a report: approved means that the customer was right.
///
/// # Errors
/// When the store fails.
pub(crate) fn decided(network: &Network, tx: &mut Tx<'_>, case: &Case, decision: &Decision, now: Timestamp) -> Result<Wakes, Refusal> {
    let Ok(report) = case.subject.parse::<ReportId>() else {
        return Err(Refusal::unknown("The case names no report"));
    };
    let decided = tx.query_opt(
        "UPDATE report SET state = ?3 WHERE business = ?1 AND report = ?2 RETURNING customer, reason, at",
        &[(&case.business).into(), (&report).into(), (if decision.approve { 2 } else { 3 }).into()],
        |row| Ok((row.get::<AccountId>(0)?, row.get::<String>(1)?, row.get::<Timestamp>(2)?)),
    )?;
    let (customer, reason, at) = decided.ok_or_else(|| Refusal::unknown("There is no such report any more"))?;
    if !decision.approve {
        standing::report_dismissed(tx, case.business, customer)?;
        return Ok(Wakes::new());
    }
    let cause = if reason == word(Reason::Goods) { Cause::Goods } else { Cause::Report };
    standing::report_upheld(network, tx, case.business, cause, at, &decision.reason, now)
}

/// A reported message, as the person sees it who decides.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Reported {
    /// The message.
    pub message_id: MessageId,
    /// When the network accepted it.
    pub sent_at: Timestamp,
    /// The template it was made from, 0 for none.
    pub template: i64,
    /// What it said: its text, or what filled the template.
    pub text: String,
}

impl Console {
    /// The messages that a customer showed with his report, the oldest first; none when they are no longer kept, or for a role that decides nothing.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn reported(&self, by: &Operator, case: &Case) -> Result<Vec<Reported>, ConsoleError> {
        if !by.role.may(Duty::Decide) {
            return Ok(Vec::new());
        }
        let (business, Ok(report)) = (case.business, case.subject.parse::<ReportId>()) else { return Ok(Vec::new()) };
        self.read(move |tx| Ok(messages(tx, business, report)?)).await
    }
}

fn messages(tx: &mut Tx<'_>, business: AccountId, report: ReportId) -> Result<Vec<Reported>, StoreError> {
    tx.query(
        "SELECT message_id, sent_at, template, content FROM report_message WHERE business = ?1 AND report = ?2 ORDER BY sent_at, message_id",
        &[(&business).into(), (&report).into()],
        |row| {
            let content = pb::Content::decode(&row.get::<Vec<u8>>(3)?[..]).unwrap_or_default();
            Ok(Reported { message_id: row.get(0)?, sent_at: row.get(1)?, template: row.get(2)?, text: said(content) })
        },
    )
}

/// What a content says, for a reader who has nothing else.
fn said(content: pb::Content) -> String {
    match content.body {
        Some(Body::Text(text)) => text.body,
        Some(Body::Template(template)) => {
            let filled = template.header.iter().chain(&template.body).filter_map(|parameter| match &parameter.value {
                Some(Value::Text(text)) => Some(text.clone()),
                Some(Value::Media(media)) => Some(media.link.clone()),
                _ => None,
            });
            format!("{}: {}", template.name, filled.collect::<Vec<_>>().join(" | "))
        }
        _ => String::new(),
    }
}
