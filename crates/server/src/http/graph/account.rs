//! `GET /W`: what a business account says of itself.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, schema, trust};
use suki_cloud_api::{ApiError, identity::Official, nodes};

/// `GET /W`.
pub const GET: Operation = Operation {
    name: "account.get",
    method: Verb::Get,
    on: On::Account,
    edge: "",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

fn describe() -> Described {
    Described {
        summary: "Read a business account",
        description: "Without fields the answer has id and name.",
        query: vec![schema::fields()],
        request: None,
        response: schema::node([
            ("name", schema::text("What the business is called")),
            ("account_review_status", schema::word(&["APPROVED"], "Whether the account was let in")),
            ("business_verification_status", schema::word(&["VERIFIED", "PENDING", "REJECTED", "UNVERIFIED"], "Where its confirmation stands")),
        ]),
        errors: &[],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let trust = call.business.trust();
    let official = trust.as_deref().map_or(Official::None, |status| trust::official(status).0);
    Ok(nodes::account(call.id, &call.business.record().name, official, &call.params)?.into())
}
