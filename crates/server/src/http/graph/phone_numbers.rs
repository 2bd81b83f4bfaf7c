//! `GET` and `POST /W/phone_numbers`: the account's numbers. A business has one.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, number, phone_number, schema};
use serde_json::json;
use suki_cloud_api::{ApiError, Code, listing, nodes::PHONE_NUMBER_DEFAULT, number::registration};

const SORTS: [&str; 4] = ["creation_time.asc", "creation_time.desc", "last_onboarded_time.asc", "last_onboarded_time.desc"];

/// `GET /W/phone_numbers`.
pub const LIST: Operation = Operation {
    name: "phone_numbers.list",
    method: Verb::Get,
    on: On::Account,
    edge: "phone_numbers",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_list,
    handle: Handle::Caller(|call| Box::pin(list(call))),
};

/// `POST /W/phone_numbers`.
pub const ADD: Operation =
    Operation { name: "phone_numbers.add", method: Verb::Post, describe: describe_add, handle: Handle::Caller(|call| Box::pin(add(call))), ..LIST };

fn describe_list() -> Described {
    let filtering = "Conditions that all hold, such as [{\"field\":\"account_mode\",\"operator\":\"EQUAL\",\"value\":\"SANDBOX\"}]; operators are EQUAL, \
                     NOT_EQUAL, IN and NOT_IN";
    let mut query = vec![schema::fields()];
    query.extend(schema::paging());
    query.push(schema::parameter("filtering", json!({"type": "string"}), filtering));
    query.push(schema::parameter("sort", json!({"type": "string", "enum": SORTS}), "The order"));
    Described {
        summary: "List an account's phone numbers",
        description: "At most 100 a page; without fields each has those that a number's own node has.",
        query,
        request: None,
        response: schema::page(phone_number::described()),
        errors: &[Code::InvalidParameter],
    }
}

fn describe_add() -> Described {
    Described {
        summary: "Add a phone number to an account",
        description: "The account's own number is answered with its id. Another is refused: a business has one number, and each further number a business \
                      of its own, which is made on the server. The number changes in the business app, under Trust.",
        query: Vec::new(),
        request: Some(schema::object(
            &["phone_number", "verified_name"],
            [
                ("cc", json!({"type": "string", "pattern": "^[0-9]{1,3}$"})),
                ("phone_number", schema::text("Its digits, with or without the calling code")),
                ("verified_name", json!({"type": "string", "minLength": 2, "maxLength": 75})),
                ("migrate_phone_number", schema::boolean("Has no effect")),
                ("preverified_id", schema::text("Has no effect")),
            ],
        )),
        response: schema::object(&["id"], [("id", schema::id("The number"))]),
        errors: &[Code::MissingParameter, Code::InvalidParameter],
    }
}

async fn list(call: &Call) -> Result<Reply, ApiError> {
    let nodes = [number::node(call).await?];
    Ok(listing::page(&nodes, &PHONE_NUMBER_DEFAULT, &SORTS, &call.address("phone_numbers"), &call.params)?.into())
}

async fn add(call: &Call) -> Result<Reply, ApiError> {
    let asked = registration::new_number(&call.params)?;
    let record = call.business.record();
    if asked == record.phone {
        return Ok(json!({"id": record.phone_number_id}).into());
    }
    Err(ApiError::invalid_parameter(
        "the account has its one number: 1 is allowed; `suki business create` makes a business for another, and the number changes in the business app",
    ))
}
