//! From a request to its operation: the path is read, the parameters, the caller; then the object, and what stands on it.
use super::{
    super::{Faces, observe::Seen, origin::Origin},
    body,
    errors::api_error,
    operation::{BodyKind, Call, Handle, On, Open, Operation, Reply, Scope, Verb},
    operations,
};
use axum::{
    extract::Request,
    http::{HeaderMap, Method, header, request::Parts},
};
use parking_lot::Mutex;
use suki_cloud_api::{
    ApiError, Code, ObjectId, Params,
    commerce::product::Symbol,
    path::{self, DEFAULT_VERSION, Target},
    permission::Permission,
    token::{self, Credential},
};
use suki_endpoint::{Business, Endpoint, Error, apps::Caller};
use suki_protocol::calls::templates::Template;

/// What a path asks for, before it is known what the object is.
struct Asked<'a> {
    method: Verb,
    /// The path below the version, for refusals.
    path: &'a str,
    place: Place<'a>,
}

/// Where an operation is looked for.
#[derive(Clone, Copy)]
enum Place<'a> {
    /// By its kind alone.
    Without(On, &'a str),
    /// By the kind of an object.
    Object(path::Object<'a>),
    /// A product by its id at its seller.
    Product(&'a str),
}

/// Does what a request asks for. `told` takes the headers that go with the answer and with a refusal alike.
///
/// # Errors
/// With the refusal that is its answer.
pub async fn perform(faces: &Faces, request: Request, told: &mut HeaderMap) -> Result<Reply, ApiError> {
    let endpoint = faces.endpoint.as_ref().ok_or_else(|| {
        ApiError::new(Code::ServiceDown, "This process runs the network alone (--role network); the endpoint answers the Cloud API")
    })?;
    let (parts, body) = request.into_parts();
    let path = path::parse(parts.uri.path());
    let version = path.version.unwrap_or(DEFAULT_VERSION);
    let origin = Origin::of(&parts);
    let asked = asked(&parts.method, parts.uri.path(), path.target)?;
    let body::Read { params, upload, files } = body::read(&parts, body, asked.is_streamed()).await?;
    let (faces, endpoint, headers) = (faces.clone(), endpoint.clone(), parts.headers.clone());
    if asked.is_bare() {
        caller(&faces, &endpoint, &headers, &params).await?;
        return Err(ApiError::no_request(asked.method.word()));
    }
    if let Place::Without(on, _) = asked.place
        && let operation = asked.find(on)?
        && let Handle::Anyone(handle) = operation.handle
    {
        name(&parts, operation);
        let open = Open { faces, endpoint, version, params, headers, files };
        return handle(&open).await;
    }
    let caller = caller(&faces, &endpoint, &headers, &params).await?;
    let (on, id, item, template) = match asked.place {
        Place::Without(on, item) => (on, caller.app, if on == On::Upload { item } else { "" }, None),
        Place::Object(object) => {
            let (on, template) = resolve(&endpoint, &caller.business, object.id, asked.method).await?;
            (on, object.id, object.item, template)
        }
        Place::Product(symbol) => (On::Product, product(&caller.business, symbol, asked.method).await?, "", None),
    };
    let operation = asked.find(on)?;
    let Handle::Caller(handle) = operation.handle else { return Err(asked.unknown()) };
    name(&parts, operation);
    permit(operation, &caller)?;
    let Caller { business, app, .. } = caller;
    faces.usage.enter(operation.scope, operation.on, &business, app, told)?;
    let item = item.to_owned();
    let call = Call {
        faces,
        endpoint,
        origin,
        method: asked.method,
        version,
        params,
        headers,
        business,
        app,
        id,
        item,
        // Files beside the first are passed over.
        file: files.into_iter().next().map(|file| file.bytes),
        template,
        upload: Mutex::new(upload),
    };
    handle(&call).await
}

/// Says which operation it turned out to be, to whoever counts requests.
fn name(parts: &Parts, operation: &Operation) {
    if let Some(seen) = parts.extensions.get::<Seen>() {
        seen.is(operation.name);
    }
}

fn asked<'a>(method: &Method, path: &'a str, target: Target<'a>) -> Result<Asked<'a>, ApiError> {
    let (place, name) = match target {
        Target::Root(edge) => (Place::Without(On::Root, edge), edge.split('/').next().unwrap_or_default()),
        Target::Upload(session) => (Place::Without(On::Upload, session), session),
        Target::Object(object) => (Place::Object(object), ""),
        Target::Product(symbol) => (Place::Product(symbol), ""),
        Target::Unknown(name) => return Err(ApiError::no_object(method.as_str(), name)),
    };
    let verb = match *method {
        Method::GET | Method::HEAD => Verb::Get,
        Method::POST => Verb::Post,
        Method::DELETE => Verb::Delete,
        _ => return Err(ApiError::unknown_path(method.as_str(), path)),
    };
    let asked = Asked { method: verb, path, place };
    if let Place::Without(On::Root, edge) = place
        && !edge.is_empty()
        && !operations::ALL.iter().any(|operation| operation.on == On::Root && operation.is_at(edge, ""))
    {
        return Err(ApiError::no_object(method.as_str(), name));
    }
    Ok(asked)
}

impl Asked<'_> {
    /// Whether one of the operations it may turn out to be takes the body as it comes.
    fn is_streamed(&self) -> bool {
        let fits = |operation: &Operation| match self.place {
            Place::Without(on, _) => operation.on == on && self.is_at(operation),
            Place::Object(_) => !matches!(operation.on, On::Root | On::Upload) && self.is_at(operation),
            Place::Product(_) => operation.on == On::Product && self.is_at(operation),
        };
        // Paths are compared last: there are many operations, and few that take uploads.
        operations::ALL.iter().any(|operation| operation.body == BodyKind::Upload && operation.method == self.method && fits(operation))
    }

    /// Whether nothing is named, and nothing is there: what is asked is whether the token is good.
    fn is_bare(&self) -> bool {
        matches!(self.place, Place::Without(On::Root, "")) && self.find(On::Root).is_err()
    }

    fn is_at(&self, operation: &Operation) -> bool {
        match self.place {
            Place::Without(On::Root, edge) => operation.is_at(edge, ""),
            Place::Without(..) | Place::Product(_) => operation.is_at("", ""),
            Place::Object(object) => operation.is_at(object.edge, object.item),
        }
    }

    /// The operation on such an object.
    fn find(&self, on: On) -> Result<&'static Operation, ApiError> {
        if let Some(found) = operations::ALL.iter().find(|operation| operation.on == on && operation.method == self.method && self.is_at(operation)) {
            return Ok(found);
        }
        let here = || operations::ALL.iter().filter(|operation| self.is_at(operation));
        match self.place {
            Place::Object(object) if !object.edge.is_empty() && !here().any(|operation| operation.on == on) => {
                let other = here().find(|operation| !matches!(operation.on, On::Root | On::Upload));
                Err(other.map_or_else(|| self.unknown(), |other| ApiError::wrong_node(object.id, object.edge, other.on.words())))
            }
            _ => Err(self.unknown()),
        }
    }

    fn unknown(&self) -> ApiError {
        ApiError::unknown_path(self.method.word(), self.path)
    }
}

/// Who asks.
async fn caller(faces: &Faces, endpoint: &Endpoint, headers: &HeaderMap, params: &Params) -> Result<Caller, ApiError> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let credential = token::find(authorization, params)?;
    let proof = params.text("appsecret_proof");
    match (endpoint.caller(&credential, proof.as_deref()).await, credential) {
        (Err(Error::Unauthorized(_)), Credential::App { app, .. }) => {
            faces.throttle_guess(app, endpoint.env().now())?;
            Err(ApiError::invalid_token())
        }
        (found, _) => found.map_err(|error| api_error(&error)),
    }
}

/// Whether the token is good for this. An app's own token is for what concerns the app, and for nobody's messages.
fn permit(operation: &Operation, caller: &Caller) -> Result<(), ApiError> {
    let needed = match operation.scope {
        Scope::None => return Ok(()),
        Scope::Messaging => Permission::Messaging,
        Scope::Management | Scope::AppToken => Permission::Management,
        Scope::BusinessManagement => Permission::BusinessManagement,
    };
    match caller.grant {
        None if operation.scope == Scope::AppToken => Ok(()),
        Some(grant) if grant.permissions.has(needed) => Ok(()),
        _ => Err(needed.missing()),
    }
}

/// The product that is called by its id at its seller. One that is not there, or another's, does not exist.
async fn product(business: &Business, symbol: &str, method: Verb) -> Result<ObjectId, ApiError> {
    let none = || ApiError::no_object(method.word(), symbol);
    let named = Symbol::read(symbol).ok_or_else(none)?;
    match business.product_of_retailer(named.catalog, named.retailer_id).await {
        Ok(product) => Ok(product.id),
        Err(Error::NotFound(_)) => Err(none()),
        Err(error) => Err(api_error(&error)),
    }
}

/// What an id names: first among what this endpoint named, then among the templates, whose ids come from the network. Another tenant's id does not
/// exist.
async fn resolve(endpoint: &Endpoint, business: &Business, id: ObjectId, method: Verb) -> Result<(On, Option<Template>), ApiError> {
    let none = || ApiError::no_object(method.word(), &id.to_string());
    match endpoint.node(id).await {
        Ok((node, owner)) if owner == business.id() => Ok((On::node(node), None)),
        Ok(_) => Err(none()),
        Err(Error::NotFound(_)) => match business.template(id.number()).await {
            Ok(template) => Ok((On::Template, Some(template))),
            Err(Error::NotFound(_)) => Err(none()),
            Err(error) => Err(api_error(&error)),
        },
        Err(error) => Err(api_error(&error)),
    }
}
