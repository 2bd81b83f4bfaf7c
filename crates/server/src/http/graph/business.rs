//! `GET /BUSINESS` and the accounts that a business owns.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, account, schema};
use serde_json::json;
use suki_cloud_api::{
    ApiError, Code,
    account::{ACCOUNT_DEFAULT, Portfolio, portfolio},
    listing,
};

const SORTS: [&str; 2] = ["creation_time.asc", "creation_time.desc"];

/// `GET /BUSINESS`.
pub const GET: Operation = Operation {
    name: "business.get",
    method: Verb::Get,
    on: On::Business,
    edge: "",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `GET /BUSINESS/owned_whatsapp_business_accounts`.
pub const OWNED: Operation = Operation {
    name: "owned_accounts.list",
    edge: "owned_whatsapp_business_accounts",
    describe: || describe_list("List the accounts that a business owns", "A business owns one account."),
    handle: Handle::Caller(|call| Box::pin(owned(call))),
    ..GET
};

/// `GET /BUSINESS/client_whatsapp_business_accounts`.
pub const CLIENTS: Operation = Operation {
    name: "client_accounts.list",
    edge: "client_whatsapp_business_accounts",
    describe: || describe_list("List the accounts of other businesses that a business works for", "None: here each business works for itself."),
    handle: Handle::Caller(|call| Box::pin(clients(call))),
    ..GET
};

/// `GET /me/businesses`.
pub const MINE: Operation = Operation {
    name: "businesses.list",
    on: On::Root,
    edge: "me/businesses",
    describe: describe_mine,
    handle: Handle::Caller(|call| Box::pin(mine(call))),
    ..GET
};

/// `GET /me`.
pub const ME: Operation = Operation { name: "me.get", edge: "me", describe: describe_me, handle: Handle::Caller(|call| Box::pin(me(call))), ..MINE };

fn described() -> serde_json::Value {
    schema::node([
        ("name", schema::text("Its name")),
        ("timezone_id", schema::integer("0")),
        ("verification_status", schema::word(&["verified", "not_verified"], "Whether it is confirmed")),
        ("created_time", schema::text("When it came")),
    ])
}

fn describe() -> Described {
    Described {
        summary: "Read a business",
        description: "The business owns the account; owner_business_info of the account names it. Without fields the answer has id and name.",
        query: vec![schema::fields()],
        request: None,
        response: described(),
        errors: &[],
    }
}

fn describe_list(summary: &'static str, description: &'static str) -> Described {
    let mut query = vec![schema::fields()];
    query.extend(schema::paging());
    query.push(schema::parameter("sort", json!({"type": "string", "enum": SORTS}), "The order"));
    Described { summary, description, query, request: None, response: schema::page(account::described()), errors: &[Code::InvalidParameter] }
}

fn describe_mine() -> Described {
    Described {
        summary: "List the businesses of a token",
        description: "A token is of one business.",
        query: vec![schema::fields()],
        request: None,
        response: schema::page(described()),
        errors: &[],
    }
}

fn describe_me() -> Described {
    Described {
        summary: "Read whose a token is",
        description: "Tokens are a business's: its id and name are answered with.",
        query: vec![schema::fields()],
        request: None,
        response: described(),
        errors: &[],
    }
}

fn node(call: &Call) -> Result<serde_json::Value, ApiError> {
    let record = call.business.record();
    let business = Portfolio { id: call.business.portfolio(), name: &record.name, official: account::official(call), created_at: record.created_at };
    portfolio(&business, &call.params)
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    Ok(node(call)?.into())
}

async fn me(call: &Call) -> Result<Reply, ApiError> {
    Ok(node(call)?.into())
}

async fn mine(call: &Call) -> Result<Reply, ApiError> {
    Ok(json!({"data": [node(call)?]}).into())
}

async fn owned(call: &Call) -> Result<Reply, ApiError> {
    let nodes = [account::node(call).await?];
    let address = call.address("owned_whatsapp_business_accounts");
    Ok(listing::page(&nodes, &ACCOUNT_DEFAULT, &SORTS, &address, &call.params)?.into())
}

async fn clients(call: &Call) -> Result<Reply, ApiError> {
    let address = call.address("client_whatsapp_business_accounts");
    Ok(listing::page(&[], &ACCOUNT_DEFAULT, &SORTS, &address, &call.params)?.into())
}
