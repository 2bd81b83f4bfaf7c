//! `GET`, `POST`, `DELETE /P/block_users`: whose messages the business does not want.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, schema};
use serde_json::json;
use std::collections::BTreeMap;
use suki_cloud_api::{
    ApiError, Code,
    block_users::{self, Done, Failed, Named},
    messages::Recipient,
};
use suki_endpoint::contacts::{Contact, Recipient as Asked};
use suki_protocol::calls::block_list::{Barred, ListBarred};
use suki_types::AccountId;

/// How many the network takes at once.
const AT_ONCE: usize = 100;

/// `GET /P/block_users`.
pub const LIST: Operation = Operation {
    name: "block_users.list",
    method: Verb::Get,
    on: On::PhoneNumber,
    edge: "block_users",
    scope: Scope::Messaging,
    body: BodyKind::Params,
    describe: describe_list,
    handle: Handle::Caller(|call| Box::pin(list(call))),
};

/// `POST /P/block_users`.
pub const ADD: Operation = Operation {
    name: "block_users.add",
    method: Verb::Post,
    describe: || describe_change("Block customers", "added_users", "Only who wrote within the last day can be blocked."),
    handle: Handle::Caller(|call| Box::pin(change(call, true))),
    ..LIST
};

/// `DELETE /P/block_users`.
pub const REMOVE: Operation = Operation {
    name: "block_users.remove",
    method: Verb::Delete,
    describe: || describe_change("Unblock customers", "removed_users", "Whoever is not blocked comes back under failed_users."),
    handle: Handle::Caller(|call| Box::pin(change(call, false))),
    ..LIST
};

fn describe_list() -> Described {
    let blocked = schema::object(
        &["messaging_product", "input", "wa_id"],
        [
            ("messaging_product", schema::messaging_product()),
            ("input", schema::text("The same as wa_id")),
            ("wa_id", schema::text("The customer's number, or his user id where he has none")),
        ],
    );
    Described {
        summary: "List blocked customers",
        description: "The newest first; at most 1,000 a page.",
        query: schema::paging(),
        request: None,
        response: schema::page(blocked),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_change(summary: &'static str, done: &str, description: &'static str) -> Described {
    let user = schema::object(&[], [("user", schema::text("His number")), ("user_id", schema::text("His business-scoped user id"))]);
    let request = schema::object(
        &["messaging_product", "block_users"],
        [
            ("messaging_product", schema::messaging_product()),
            ("block_users", json!({"type": "array", "items": user, "minItems": 1, "maxItems": 1000})),
        ],
    );
    let one = schema::object(
        &["input"],
        [
            ("input", schema::text("As the request named him")),
            ("wa_id", json!({"type": ["string", "null"]})),
            ("user_id", schema::text("His user id")),
        ],
    );
    let error = schema::object(&["code", "message"], [("code", schema::integer("The code")), ("message", schema::text("What it means"))]);
    let failed = schema::object(&["input", "errors"], [("input", schema::text("As the request named him")), ("errors", schema::array(error))]);
    let users = schema::object(&[done], [(done, schema::array(one)), ("failed_users", schema::array(failed))]);
    Described {
        summary,
        description,
        query: Vec::new(),
        request: Some(request),
        response: schema::object(&["messaging_product", "block_users"], [("messaging_product", schema::messaging_product()), ("block_users", users)]),
        errors: &[Code::MissingParameter, Code::BlockPartialFailure, Code::BlockListFull, Code::BlockConcurrent],
    }
}

async fn change(call: &Call, added: bool) -> Result<Reply, ApiError> {
    let (mut known, mut failed): (BTreeMap<AccountId, (String, Contact)>, Vec<Failed>) = Default::default();
    for Named { input, recipient } in block_users::named(&call.params)? {
        let recipient = match recipient {
            Recipient::Phone(phone) => Asked::Phone(phone),
            Recipient::User(id) => Asked::UserId(id),
            // Nobody is known by a group's id.
            Recipient::Group(id) => Asked::UserId(id.to_string()),
        };
        match call.business.contact_of(recipient).await {
            Ok(contact) => drop(known.insert(contact.id, (input, contact))),
            Err(error) => failed.push(Failed { input, wa_id: None, error: api_error(&error) }),
        }
    }
    let ids: Vec<AccountId> = known.keys().copied().collect();
    let mut done = Vec::new();
    for ids in ids.chunks(AT_ONCE) {
        let asked = if added { call.business.bar(ids.to_vec()).await } else { call.business.unbar(ids.to_vec()).await };
        let Barred { done: changed, failed: refused } = asked.map_err(|error| api_error(&error))?;
        done.extend(changed.iter().filter_map(|id| known.remove(id)).map(|(input, contact)| Done {
            input,
            wa_id: contact.phone,
            user_id: contact.user_id,
        }));
        failed.extend(refused.into_iter().filter_map(|one| {
            let (input, contact) = known.remove(&one.customer)?;
            Some(Failed { input, wa_id: contact.phone, error: ApiError::from_number(one.code, one.message) })
        }));
    }
    Ok(block_users::answer(&done, &failed, added).into())
}

async fn list(call: &Call) -> Result<Reply, ApiError> {
    let wanted = block_users::wanted(&call.params)?;
    let asked = ListBarred { after: wanted.after, before: wanted.before, limit: wanted.limit };
    let page = call.business.barred(asked).await.map_err(|error| api_error(&error))?;
    let mut wa_ids = Vec::with_capacity(page.customers.len());
    for customer in &page.customers {
        let contact = call.business.contact(*customer).await.map_err(|error| api_error(&error))?;
        wa_ids.push(contact.phone.unwrap_or(contact.user_id));
    }
    let ends = page.customers.first().copied().zip(page.customers.last().copied());
    Ok(block_users::page(&wa_ids, ends).into())
}
