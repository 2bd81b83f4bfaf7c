//! What an operation of the Cloud API is: where it stands, who may call it, what it takes and answers, and what does it. One file each, all in
//! [`super::operations`]; dispatch, refusals, authorization, the OpenAPI document and the coverage tests come from there.
use super::{
    super::{Faces, origin::Origin},
    upload::{Attached, Upload},
};
use axum::{http::HeaderMap, response::Response};
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::Value;
use std::sync::Arc;
use suki_cloud_api::{ApiError, Code, ObjectId, Params, path::Version};
use suki_endpoint::{Business, Endpoint, apps::Node};
use suki_protocol::calls::templates::Template;

/// A method. `HEAD` is `GET` whose body stays away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Reads.
    Get,
    /// Makes or changes.
    Post,
    /// Takes away.
    Delete,
}

impl Verb {
    /// As HTTP writes it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// What an operation is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum On {
    /// No object: the edge is the whole path, such as `debug_token`; "" is where batches go.
    Root,
    /// An upload session, `/upload:…`.
    Upload,
    /// A message template.
    Template,
    /// A phone number.
    PhoneNumber,
    /// A WhatsApp Business Account.
    Account,
    /// An app.
    App,
    /// A business.
    Business,
    /// A file.
    Media,
    /// A flow.
    Flow,
    /// A group.
    Group,
    /// A catalogue.
    Catalog,
    /// A product.
    Product,
}

impl On {
    /// What an object of this kind is operated on as.
    pub const fn node(node: Node) -> Self {
        match node {
            Node::PhoneNumber => Self::PhoneNumber,
            Node::Waba => Self::Account,
            Node::App => Self::App,
            Node::Business => Self::Business,
            Node::Media => Self::Media,
            Node::Flow => Self::Flow,
            Node::Group => Self::Group,
            Node::Catalog => Self::Catalog,
            Node::Product => Self::Product,
        }
    }

    /// In words, for refusals and descriptions.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Upload => "upload session",
            Self::Template => "message template",
            Self::PhoneNumber => "phone number",
            Self::Account => "business account",
            Self::App => "app",
            Self::Business => "business",
            Self::Media => "media file",
            Self::Flow => "flow",
            Self::Group => "group",
            Self::Catalog => "catalog",
            Self::Product => "product",
        }
    }

    /// Its place in a path, for descriptions; "" where there is none.
    pub const fn place(self) -> &'static str {
        match self {
            Self::Root => "",
            Self::Upload => "{upload_session_id}",
            Self::Template => "{template_id}",
            Self::PhoneNumber => "{phone_number_id}",
            Self::Account => "{waba_id}",
            Self::App => "{app_id}",
            Self::Business => "{business_id}",
            Self::Media => "{media_id}",
            Self::Flow => "{flow_id}",
            Self::Group => "{group_id}",
            Self::Catalog => "{catalog_id}",
            Self::Product => "{product_id}",
        }
    }
}

/// What a token must be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `whatsapp_business_messaging`.
    Messaging,
    /// `whatsapp_business_management`.
    Management,
    /// `business_management`.
    BusinessManagement,
    /// The app's own token, `APPID|SECRET`; or one with `whatsapp_business_management`.
    AppToken,
    /// Any token that is good at all, the app's own too; or none where the work asks for no caller.
    None,
}

/// How the body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyKind {
    /// As parameters: JSON, a form or multipart fields, at most 1 MiB.
    Params,
    /// Not at all: the operation takes it as it comes, with [`Call::upload`].
    Upload,
}

/// What an operation does, for whom.
#[derive(Clone, Copy)]
pub enum Handle {
    /// For a caller who has shown a token that is good for it, on an object of his own.
    Caller(for<'a> fn(&'a Call) -> BoxFuture<'a, Result<Reply, ApiError>>),
    /// For anybody: the request itself shows what it needs.
    Anyone(for<'a> fn(&'a Open) -> BoxFuture<'a, Result<Reply, ApiError>>),
}

/// An operation.
pub struct Operation {
    /// Its name, such as `messages.send`; no two have the same.
    pub name: &'static str,
    /// Its method.
    pub method: Verb,
    /// What it is called on.
    pub on: On,
    /// What of it: "" for the object itself, `messages`, or with a third segment `message_qrdls/{code}`.
    pub edge: &'static str,
    /// What the token must be good for.
    pub scope: Scope,
    /// How the body is read.
    pub body: BodyKind,
    /// What it takes and answers, in words and as JSON Schema 2020-12.
    pub describe: fn() -> Described,
    /// What does it.
    pub handle: Handle,
}

impl Operation {
    /// Its path without the version, such as `/{phone_number_id}/messages`.
    pub fn path(&self) -> String {
        let parts = [self.on.place(), self.edge];
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        format!("/{}", parts.join("/"))
    }

    /// Whether it stands at this edge with this item.
    pub fn is_at(&self, edge: &str, item: &str) -> bool {
        match self.edge.split_once("/{") {
            Some((own, _)) if self.on != On::Root => own == edge && !item.is_empty(),
            _ => self.edge == edge && item.is_empty(),
        }
    }
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// In the query.
    Query,
    /// Among the headers.
    Header,
}

/// A parameter of the query, or a header.
pub struct Parameter {
    /// Its name.
    pub name: &'static str,
    /// Where it stands.
    pub stands: Stands,
    /// What it says.
    pub description: &'static str,
    /// Whether there is no call without it.
    pub required: bool,
    /// Its JSON Schema.
    pub schema: Value,
}

/// An operation in words and schemas; the OpenAPI document is made of these.
pub struct Described {
    /// A few words.
    pub summary: &'static str,
    /// Sentences: what it does, what it needs, what happens later.
    pub description: &'static str,
    /// What may stand in the query. Parameters of the body may stand there as well.
    pub query: Vec<Parameter>,
    /// The body's JSON Schema; none where there is no body.
    pub request: Option<Value>,
    /// The JSON Schema of the answer with status 200.
    pub response: Value,
    /// Codes that it may be refused with, beside those that every operation has.
    pub errors: &'static [Code],
}

/// A request to an object of the caller's.
pub struct Call {
    /// The faces.
    pub faces: Faces,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// By which address it came: what the answer points to has to be reachable for the client.
    pub origin: Origin,
    /// The method.
    pub method: Verb,
    /// The version that the path names, or the default one.
    pub version: Version,
    /// The parameters, wherever they stood; of an upload, those that stood before the file.
    pub params: Params,
    /// The headers.
    pub headers: HeaderMap,
    /// Whose token it is.
    pub business: Arc<Business>,
    /// The app the token was given to.
    pub app: ObjectId,
    /// The object; the app where the operation is called on none.
    pub id: ObjectId,
    /// The third segment of the path, or an upload session's whole name; "" without.
    pub item: String,
    /// The first file among the fields of a form; of an operation that reads its body as it comes, none.
    pub file: Option<Vec<u8>>,
    pub(super) template: Option<Template>,
    pub(super) upload: Mutex<Option<Upload>>,
}

impl Call {
    /// The template it is called on.
    ///
    /// # Errors
    /// 100 with subcode 33 when it is called on something else.
    pub fn template(&self) -> Result<&Template, ApiError> {
        self.template.as_ref().ok_or_else(|| ApiError::no_object(self.method.word(), &self.id.to_string()))
    }

    /// The body, to be read as it comes; each request has it once.
    ///
    /// # Errors
    /// 100 when the operation reads its body as parameters, or has taken it already.
    pub fn upload(&self) -> Result<Upload, ApiError> {
        self.upload.lock().take().ok_or_else(|| ApiError::invalid_parameter("the request has no body"))
    }

    /// The address of this object's edge, for links to other pages.
    pub fn address(&self, edge: &str) -> String {
        format!("{}/{}/{}/{edge}", self.origin.api(&self.faces), self.version, self.id)
    }
}

/// A request that needs no caller.
pub struct Open {
    /// The faces.
    pub faces: Faces,
    /// The endpoint.
    pub endpoint: Endpoint,
    /// The version that the path names, or the default one.
    pub version: Version,
    /// The parameters, wherever they stood.
    pub params: Params,
    /// The headers.
    pub headers: HeaderMap,
    /// The files of a form.
    pub files: Vec<Attached>,
}

/// What an operation answers.
pub enum Reply {
    /// JSON, with status 200.
    Json(Value),
    /// Anything else: bytes that are sent as they come, with headers and a status of their own.
    Response(Response),
}

impl From<Value> for Reply {
    fn from(value: Value) -> Self {
        Self::Json(value)
    }
}
