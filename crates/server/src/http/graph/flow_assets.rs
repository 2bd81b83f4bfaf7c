//! `GET` and `POST /FLOW/assets`: the file of a flow.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, api_error, flows, schema};
use serde_json::json;
use suki_cloud_api::{
    ApiError, Code,
    flows::{node, request},
};
use suki_endpoint::flows::What;
use suki_types::limits;

/// `GET /FLOW/assets`.
pub const GET: Operation = Operation {
    name: "flow_assets.list",
    method: Verb::Get,
    on: On::Flow,
    edge: "assets",
    scope: Scope::Management,
    body: BodyKind::Params,
    describe: describe_get,
    handle: Handle::Caller(|call| Box::pin(get(call))),
};

/// `POST /FLOW/assets`.
pub const SET: Operation = Operation {
    name: "flow_assets.set",
    method: Verb::Post,
    body: BodyKind::Upload,
    describe: describe_set,
    handle: Handle::Caller(|call| Box::pin(set(call))),
    ..GET
};

fn describe_get() -> Described {
    let asset = schema::object(
        &["name", "asset_type", "download_url"],
        [
            ("name", schema::text("flow.json")),
            ("asset_type", schema::text("FLOW_JSON")),
            ("download_url", schema::text("Where it is, without a token")),
        ],
    );
    Described {
        summary: "Find a flow's file",
        description: "The list is empty as long as the flow has none.",
        query: vec![schema::fields()],
        request: None,
        response: schema::page(asset),
        errors: &[],
    }
}

fn describe_set() -> Described {
    let request = schema::object(
        &["file"],
        [
            ("file", json!({"type": "string", "contentMediaType": "application/json", "description": "Flow JSON, as a file of multipart/form-data"})),
            ("name", schema::text("flow.json")),
            ("asset_type", schema::text("FLOW_JSON")),
        ],
    );
    Described {
        summary: "Set a flow's file",
        description: "Of a draft, at most 10 MiB. It is kept even when something is wrong with it; everything that is wrong is answered, with its lines and columns.",
        query: Vec::new(),
        request: Some(request),
        response: schema::object(
            &["success", "validation_errors"],
            [("success", json!({"type": "boolean"})), ("validation_errors", flows::validation_errors())],
        ),
        errors: &[Code::InvalidParameter, Code::FlowCannotUpdate],
    }
}

async fn get(call: &Call) -> Result<Reply, ApiError> {
    let flow = call.business.flow(call.id).await.map_err(|error| api_error(&error))?;
    if !flow.has_file {
        return Ok(node::assets(None).into());
    }
    let address = call.business.flow_address(call.origin.files(&call.faces), flow.id, What::File, false).await;
    Ok(node::assets(Some(&address.map_err(|error| api_error(&error))?.0)).into())
}

async fn set(call: &Call) -> Result<Reply, ApiError> {
    let mut upload = call.upload()?;
    let mut bytes = Vec::new();
    while let Some(piece) = upload.next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > limits::FLOW_JSON_BYTES {
            return Err(request::too_large(bytes.len()));
        }
    }
    let mut params = call.params.clone();
    upload.finish(&mut params).await?;
    if params.text("asset_type").is_some_and(|kind| !kind.eq_ignore_ascii_case("FLOW_JSON")) {
        return Err(ApiError::invalid_parameter("asset_type is FLOW_JSON: a flow has no other asset"));
    }
    let text = String::from_utf8(bytes).ok().map(|text| text.trim_start_matches('\u{feff}').to_owned()).filter(|text| !text.trim().is_empty());
    let Some(text) = text else {
        return Err(ApiError::invalid_parameter("file is required: the flow's JSON in UTF-8, as a file of multipart/form-data"));
    };
    let flow = call.business.set_flow_file(call.id, text).await.map_err(|error| api_error(&error))?;
    Ok(json!({"success": true, "validation_errors": node::problems(&flow.outline.problems)}).into())
}
