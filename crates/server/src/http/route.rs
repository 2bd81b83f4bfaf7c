//! An operation of a face beside the Cloud API: its place, what serves it, and what it takes and answers. Routers and the OpenAPI document are made from the
//! same lists, so that neither has what the other has not. Types are written as `openapi::notation` reads them.
use super::Faces;
use axum::{
    Router,
    handler::Handler,
    http::Method,
    routing::{MethodRouter, on},
};

/// An operation.
pub struct Route {
    /// Its name, such as `inbox.chats.list`: the face, what it is about, what it does.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path below the face's own.
    pub path: &'static str,
    /// What it takes and answers.
    pub told: Told,
    handler: MethodRouter<Faces>,
}

/// What an operation takes and answers.
#[derive(Default)]
pub struct Told {
    /// A few words.
    pub summary: &'static str,
    /// Sentences.
    pub description: &'static str,
    /// The fields of the query.
    pub query: &'static str,
    /// Headers that mean something.
    pub headers: &'static str,
    /// The body.
    pub body: Body,
    /// Successes: the status and what comes with it.
    pub answers: Vec<(u16, Content)>,
    /// Statuses of refusals beside those that the face has everywhere.
    pub refusals: &'static [u16],
    /// Whether it asks for no session and no token.
    pub open: bool,
    /// The roles that may; all where none is named.
    pub roles: &'static [&'static str],
}

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Body {
    /// There is none.
    #[default]
    None,
    /// JSON of this type.
    Json(&'static str),
    /// Bytes of one of these media types.
    Bytes(&'static [&'static str]),
}

/// What an answer carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// Nothing.
    Nothing,
    /// JSON of this type.
    Json(&'static str),
    /// Bytes of this media type; `*/*` where it is the file's own.
    Bytes(&'static str),
}

fn route<T: 'static, H: Handler<T, Faces>>(method: Method, name: &'static str, path: &'static str, handler: H) -> Route {
    let filter = method.clone().try_into().expect("the methods of this file are methods of routes");
    Route { name, method, path, told: Told::default(), handler: on(filter, handler) }
}

/// Reads.
pub fn get<T: 'static, H: Handler<T, Faces>>(name: &'static str, path: &'static str, handler: H) -> Route {
    route(Method::GET, name, path, handler)
}

/// Makes or changes.
pub fn post<T: 'static, H: Handler<T, Faces>>(name: &'static str, path: &'static str, handler: H) -> Route {
    route(Method::POST, name, path, handler)
}

/// Stores whole.
pub fn put<T: 'static, H: Handler<T, Faces>>(name: &'static str, path: &'static str, handler: H) -> Route {
    route(Method::PUT, name, path, handler)
}

/// Changes.
pub fn patch<T: 'static, H: Handler<T, Faces>>(name: &'static str, path: &'static str, handler: H) -> Route {
    route(Method::PATCH, name, path, handler)
}

/// Takes away.
pub fn delete<T: 'static, H: Handler<T, Faces>>(name: &'static str, path: &'static str, handler: H) -> Route {
    route(Method::DELETE, name, path, handler)
}

impl Route {
    /// In a few words, and in sentences.
    pub fn says(mut self, summary: &'static str, description: &'static str) -> Self {
        (self.told.summary, self.told.description) = (summary, description);
        self
    }

    /// With these fields in the query.
    pub fn query(mut self, fields: &'static str) -> Self {
        self.told.query = fields;
        self
    }

    /// With these headers.
    pub fn headers(mut self, fields: &'static str) -> Self {
        self.told.headers = fields;
        self
    }

    /// With a JSON body of this type.
    pub fn takes(mut self, kind: &'static str) -> Self {
        self.told.body = Body::Json(kind);
        self
    }

    /// With bytes of one of these media types as its body.
    pub fn takes_bytes(mut self, kinds: &'static [&'static str]) -> Self {
        self.told.body = Body::Bytes(kinds);
        self
    }

    /// Answered with this status and JSON of this type.
    pub fn gives(mut self, status: u16, kind: &'static str) -> Self {
        self.told.answers.push((status, Content::Json(kind)));
        self
    }

    /// Answered with this status and nothing else.
    pub fn gives_nothing(mut self, status: u16) -> Self {
        self.told.answers.push((status, Content::Nothing));
        self
    }

    /// Answered with this status and bytes.
    pub fn gives_bytes(mut self, status: u16, kind: &'static str) -> Self {
        self.told.answers.push((status, Content::Bytes(kind)));
        self
    }

    /// Answered with a file, or the part of it that the header Range asks for.
    pub fn gives_file(self) -> Self {
        let told = self.gives_bytes(200, "*/*").gives_bytes(206, "*/*").gives_nothing(416);
        told.headers("Range?: string")
    }

    /// Refused with these statuses too.
    pub fn refuses(mut self, statuses: &'static [u16]) -> Self {
        self.told.refusals = statuses;
        self
    }

    /// For owners of the business alone.
    pub fn owners(mut self) -> Self {
        self.told.roles = &["owner"];
        self
    }

    /// For owners and admins.
    pub fn managers(mut self) -> Self {
        self.told.roles = &["owner", "admin"];
        self
    }

    /// For anybody.
    pub fn open(mut self) -> Self {
        self.told.open = true;
        self
    }

    /// The same with its handler wrapped.
    pub fn wrapped(self, wrap: impl FnOnce(MethodRouter<Faces>) -> MethodRouter<Faces>) -> Self {
        Self { handler: wrap(self.handler), ..self }
    }
}

/// A router of these routes.
pub fn router(routes: impl IntoIterator<Item = Route>) -> Router<Faces> {
    routes.into_iter().fold(Router::new(), |router, route| router.route(route.path, route.handler))
}
