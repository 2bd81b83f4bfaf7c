//! A flow as it is sealed into a message.
use super::{Flow, refused, row};
use crate::{Business, Error};
use suki_cloud_api::{
    Code, ObjectId,
    flows::Status,
    messages::{FlowCall, FlowName},
};
use suki_protocol::pb::{self, content::Body, interactive};
use suki_store::Tx;
use suki_types::{ConversationId, limits};

const HOUR_MILLIS: i64 = 3_600_000;

pub(super) fn wrong(details: impl Into<String>) -> Error {
    refused(Code::ParameterValueInvalid, details)
}

/// When a large file is put on the network.
#[derive(Clone, Copy)]
enum Carry {
    /// While the message waits for it.
    Later,
    /// Before there is a message.
    Now,
}

/// A flow's file in as few bytes as it needs.
fn compact(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json).map_or_else(|_| json.to_owned(), |value| value.to_string())
}

impl Business {
    /// A flow that a program names.
    async fn named_flow(&self, name: &FlowName) -> Result<Flow, Error> {
        let (business, asked) = (self.id(), name.clone());
        let found = self
            .db()
            .read(move |tx| {
                Ok::<_, Error>(match &asked {
                    FlowName::Id(id) => row::get(tx, business, *id)?,
                    FlowName::Name(name) => row::by_name(tx, business, name)?,
                })
            })
            .await?;
        found.ok_or_else(|| match name {
            FlowName::Id(id) => wrong(format!("This business account has no flow of the id {id}")),
            FlowName::Name(_) => wrong("This business account has no flow of this name"),
        })
    }

    /// A flow as it is sealed into a message.
    ///
    /// # Errors
    /// [`Error::Refused`] with 131009 when there is none, it is of another state than `mode` says, or it has no such screen; 132068 when it is blocked,
    /// 132069 when it is throttled and was sent as often as it may within this hour.
    pub(crate) async fn flow_call(&self, call: &FlowCall) -> Result<pb::FlowCall, Error> {
        self.sealed_flow(call, Carry::Later).await
    }

    /// The same; a large file is on the network when this returns.
    ///
    /// # Errors
    /// As [`Business::flow_call`], and what the network says of the file.
    pub(super) async fn carried_flow(&self, call: &FlowCall) -> Result<pb::FlowCall, Error> {
        self.sealed_flow(call, Carry::Now).await
    }

    async fn sealed_flow(&self, call: &FlowCall, carry: Carry) -> Result<pb::FlowCall, Error> {
        let flow = self.named_flow(&call.flow).await?;
        self.sendable(&flow, call.draft)?;
        let server = !flow.outline.data_api_version.is_empty() && !flow.server().is_empty();
        if call.exchange && !server {
            return Err(wrong("flow_action data_exchange: the flow has no server; send it with navigate, or set endpoint_uri and data_api_version"));
        }
        if !call.screen.is_empty() && !flow.outline.screens.contains(&call.screen) {
            let known = flow.outline.screens.join(", ");
            return Err(wrong(format!("flow_action_payload.screen: the flow has no such screen; it has {known}")));
        }
        if flow.status == Status::Throttled {
            self.count_throttled(&flow).await?;
        }
        let (definition, json) = self.flow_definition(&flow, carry).await?;
        let first = flow.outline.screens.first().cloned().unwrap_or_default();
        Ok(pb::FlowCall {
            flow_id: flow.id.to_string(),
            call_to_action: call.call_to_action.clone(),
            token: call.token.clone(),
            draft: flow.status == Status::Draft,
            exchange: call.exchange,
            screen: if call.exchange || !call.screen.is_empty() { call.screen.clone() } else { first },
            data: call.data.clone(),
            definition,
            json,
            data_version: if server { flow.outline.data_api_version.clone() } else { String::new() },
        })
    }

    fn sendable(&self, flow: &Flow, draft: bool) -> Result<(), Error> {
        match flow.status {
            Status::Blocked => Err(refused(Code::FlowBlocked, "The flow's server fails too often: mend it, and the flow goes out again")),
            Status::Deprecated => Err(wrong("The flow was deprecated: nobody gets it any more. Send another one")),
            Status::Draft if !draft => Err(wrong("The flow is a draft: publish it, or send it to a tester with mode draft")),
            Status::Draft if !flow.has_file || !flow.outline.problems.is_empty() => {
                Err(wrong("The draft's file has mistakes, or is missing: validation_errors names them"))
            }
            Status::Draft | Status::Published | Status::Throttled => Ok(()),
        }
    }

    async fn count_throttled(&self, flow: &Flow) -> Result<(), Error> {
        let (business, id, most) = (self.id(), flow.id, self.flow_rules()?.throttled_per_hour);
        let hour = self.env().now().millis() / HOUR_MILLIS;
        let sent = self.db().write(move |tx| Ok::<_, Error>(row::note_sent(tx, business, id, hour)?)).await?;
        if sent > u64::from(most) {
            let details = format!("The flow's server fails often, so that it goes out {most} times an hour: mend it, or wait until the hour is over");
            return Err(refused(Code::FlowThrottled, details));
        }
        Ok(())
    }

    /// Its file: inside the message when it is small, and as a file of its own otherwise.
    async fn flow_definition(&self, flow: &Flow, carry: Carry) -> Result<(Option<pb::Media>, String), Error> {
        let json = compact(&self.flow_file(flow.id).await?);
        if json.len() <= limits::FLOW_INSIDE_BYTES {
            return Ok((None, json));
        }
        let media = match flow.file {
            Some(media) => media,
            None => {
                let media = self.keep_own_file(json.as_bytes(), "application/json", "flow.json").await?;
                let (business, id) = (self.id(), flow.id);
                self.db().write(move |tx| Ok::<_, Error>(row::set_media(tx, business, id, media)?)).await?;
                media
            }
        };
        let file = match carry {
            Carry::Later => self.own_file_for_send(media).await?,
            Carry::Now => self.own_file_carried(media).await?,
        };
        Ok((Some(file), String::new()))
    }
}

/// A draft goes to few: into so many chats as the policy lets testers be. Asked in the unit that stores the message.
///
/// # Errors
/// [`Error::Refused`] with 131009 when it went into as many already.
pub(crate) fn admit_draft(business: &Business, tx: &mut Tx<'_>, chat: ConversationId, body: &Body) -> Result<(), Error> {
    let Body::Interactive(pb::Interactive { action: Some(interactive::Action::Flow(call)), .. }) = body else { return Ok(()) };
    let Some(id) = call.flow_id.parse::<ObjectId>().ok().filter(|_| call.draft) else { return Ok(()) };
    let most = business.flow_rules()?.draft_customers;
    if row::note_tester(tx, business.id(), id, &chat)? > u64::from(most) {
        return Err(wrong(format!("The draft went to {most} customers, as many as may test one: publish it, and it goes to all")));
    }
    Ok(())
}
