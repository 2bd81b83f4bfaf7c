//! `GET`, `POST`, `DELETE /P/block_users`: whose messages the business does not want.
use super::{Call, api_error};
use axum::http::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use suki_cloud_api::{
    ApiError,
    block_users::{self, Done, Failed, Named},
    messages::Recipient,
};
use suki_endpoint::contacts::{Contact, Recipient as Asked};
use suki_protocol::calls::block_list::{Barred, ListBarred};
use suki_types::AccountId;

/// How many the network takes at once.
const AT_ONCE: usize = 100;

pub async fn answer(call: &Call<'_>) -> Result<Value, ApiError> {
    match call.method {
        Method::GET => list(call).await,
        Method::POST => change(call, true).await,
        Method::DELETE => change(call, false).await,
        _ => Err(call.unknown("/PHONE_NUMBER_ID/block_users")),
    }
}

async fn change(call: &Call<'_>, added: bool) -> Result<Value, ApiError> {
    let (mut known, mut failed): (BTreeMap<AccountId, (String, Contact)>, Vec<Failed>) = Default::default();
    for Named { input, recipient } in block_users::named(&call.params)? {
        let recipient = match recipient {
            Recipient::Phone(phone) => Asked::Phone(phone),
            Recipient::User(id) => Asked::UserId(id),
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
    Ok(block_users::answer(&done, &failed, added))
}

async fn list(call: &Call<'_>) -> Result<Value, ApiError> {
    let wanted = block_users::wanted(&call.params)?;
    let asked = ListBarred { after: wanted.after, before: wanted.before, limit: wanted.limit };
    let page = call.business.barred(asked).await.map_err(|error| api_error(&error))?;
    let mut wa_ids = Vec::with_capacity(page.customers.len());
    for customer in &page.customers {
        let contact = call.business.contact(*customer).await.map_err(|error| api_error(&error))?;
        wa_ids.push(contact.phone.unwrap_or(contact.user_id));
    }
    let ends = page.customers.first().copied().zip(page.customers.last().copied());
    Ok(block_users::page(&wa_ids, ends))
}
