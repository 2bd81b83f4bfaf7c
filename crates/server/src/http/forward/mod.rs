//! Requests for businesses that run on another node: they go on to it as they are, and its answer comes back as it is.
//!
//! | module | subject |
//! |---|---|
//! | `whose` | which business a request is for |
//! | `body` | bodies that are held, so that they can be sent again, and bodies that are not |
//! | `relay` | a request to another node and its answer; sockets, too |
//! | `mark` | the header by which a node knows that another has sent a request on |
//!
//! Where nothing is shared nothing of this is in the way.
mod body;
mod mark;
mod relay;
mod whose;

use super::{
    Faces,
    graph::{
        errors::{elsewhere, unsure},
        face,
    },
    origin::Origin,
    problem::Refusal,
};
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use body::Carried;
use mark::Mark;
use relay::Sent;
use suki_endpoint::{Endpoint, Error, cluster::Place};
use suki_types::AccountId;

/// Says that a business does not run on the node that was asked, so nothing was done.
const NOT_HERE: HeaderName = HeaderName::from_static("x-suki-not-here");
/// For how long a business that is on its way is waited for, in milliseconds.
const PATIENCE_MILLIS: i64 = 5_000;
/// How long until it is looked for again, in milliseconds.
const PAUSE_MILLIS: i64 = 100;

/// What becomes of a request.
pub enum Routed {
    /// It is to be answered here.
    Here(Request),
    /// It was answered elsewhere, or cannot be at the moment.
    Answered(Response),
}

/// Why a request was answered by nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// The business can be reached nowhere: nothing was done.
    Elsewhere,
    /// It is not known whether it was done.
    Unsure,
}

/// How a face refuses then.
type Refuse = fn(&Faces, Why) -> Response;

/// In a request: another node has sent it on, and sends it again when it is told that the business is not here.
#[derive(Debug, Clone, Copy)]
pub struct SentOn;

/// In an answer: nothing was done, since another node has the business by now.
#[derive(Debug, Clone, Copy)]
pub struct Moved;

/// Sends requests on to other nodes.
pub struct Forwarder {
    http: reqwest::Client,
    endpoint: Endpoint,
}

impl Forwarder {
    /// For an endpoint that shares its store; none where nothing is shared.
    ///
    /// # Errors
    /// When HTTP cannot be set up.
    pub fn of(endpoint: &Endpoint) -> Result<Option<Self>, reqwest::Error> {
        if !endpoint.is_shared() {
            return Ok(None);
        }
        Ok(Some(Self { http: relay::client()?, endpoint: endpoint.clone() }))
    }

    /// Answers here what is of a business that runs here, and elsewhere what is not.
    async fn route(&self, faces: &Faces, business: AccountId, marked: Option<Mark>, request: Request, refuse: Refuse) -> Routed {
        let env = self.endpoint.env();
        let mut give_up_at = env.now().plus_millis(PATIENCE_MILLIS);
        let (mut parts, body) = request.into_parts();
        if let Some(mark) = &marked {
            parts.extensions.insert(mark.origin);
            parts.extensions.insert(SentOn);
        }
        let mut body = Carried::of(body).await;
        if !body.can_be_sent_again() {
            // What was remembered may be long over, and there is one attempt.
            self.endpoint.forget_place(business);
        }
        let (mut why, mut asked_again) = (Why::Elsewhere, false);
        loop {
            let place = match self.endpoint.place(business).await {
                // It says itself what it cannot do; what nobody has it does not find.
                Ok(Place::Here(_)) | Err(Error::NotFound(_) | Error::Store(_)) => return Routed::Here(Request::from_parts(parts, body.into_body())),
                // Who sent it on asks again.
                Ok(_) | Err(_) if marked.is_some() => return Routed::Answered(not_here(refuse(faces, Why::Elsewhere))),
                Ok(place) => place,
                Err(error) => {
                    tracing::debug!(%business, %error, "a business is not here yet");
                    Place::Nowhere
                }
            };
            if let Place::At(node, address) = place {
                let mark = Mark { business, origin: Origin::of(&parts) };
                let Some(sending) = body.for_sending() else { break };
                let mark = mark.written(self.endpoint.vault());
                let sent = tokio::select! {
                    sent = relay::send(&self.http, &address, &mut parts, sending, &mark) => sent,
                    () = self.endpoint.until_dead(node) => Sent::Broken,
                };
                match sent {
                    Sent::Answered(response) => return Routed::Answered(response),
                    Sent::NotThere => self.endpoint.forget_place(business),
                    Sent::Broken if only_reads(&parts) => {
                        self.endpoint.forget_place(business);
                        // It may have taken long to find out; then the next owner gets his time.
                        if !std::mem::replace(&mut asked_again, true) {
                            give_up_at = env.now().plus_millis(PATIENCE_MILLIS);
                        }
                    }
                    Sent::Broken => {
                        why = Why::Unsure;
                        break;
                    }
                }
            }
            if env.now() >= give_up_at || !body.can_be_sent() {
                break;
            }
            env.clock.wait_until(env.now().plus_millis(PAUSE_MILLIS)).await;
        }
        self.endpoint.forget_place(business);
        Routed::Answered(refuse(faces, why))
    }
}

/// Whether a request may be sent twice. A code is redeemed by GET.
fn only_reads(parts: &Parts) -> bool {
    parts.method.is_safe() && !parts.headers.contains_key(header::UPGRADE) && !parts.uri.path().ends_with("/oauth/access_token")
}

fn not_here(mut response: Response) -> Response {
    response.headers_mut().insert(NOT_HERE, HeaderValue::from_static("1"));
    response
}

/// The answer to a request that another node has sent on, or nobody: if the business went elsewhere meanwhile that node is told, and sends it again.
pub fn answered(sent_on: Option<SentOn>, response: Response) -> Response {
    if sent_on.is_some() && response.extensions().get::<Moved>().is_some() { not_here(response) } else { response }
}

/// The Cloud API's requests: to be asked before one is read.
pub async fn program(faces: &Faces, mut request: Request) -> Routed {
    let Some(forwarder) = faces.forwarder.clone() else { return Routed::Here(request) };
    let marked = mark::take(request.headers_mut(), forwarder.endpoint.vault());
    let business = match &marked {
        Some(mark) => Some(mark.business),
        None if request.method() == Method::OPTIONS => None,
        None => match whose::of_program(&forwarder.endpoint, request).await {
            Ok((found, same)) => {
                request = same;
                found
            }
            Err(response) => return Routed::Answered(refuse_program_with(faces, &response)),
        },
    };
    match business {
        Some(business) => forwarder.route(faces, business, marked, request, refuse_program).await,
        None => Routed::Here(request),
    }
}

fn refuse_program(faces: &Faces, why: Why) -> Response {
    let error = match why {
        Why::Elsewhere => elsewhere(),
        Why::Unsure => unsure(),
    };
    refuse_program_with(faces, &error)
}

fn refuse_program_with(faces: &Faces, error: &suki_cloud_api::ApiError) -> Response {
    face::refused(faces, error)
}

/// The other faces' requests that are of one business.
pub async fn people(State(faces): State<Faces>, mut request: Request, next: Next) -> Response {
    let Some(forwarder) = faces.forwarder.clone().filter(|_| whose::is_of_people(request.uri().path())) else { return next.run(request).await };
    let marked = mark::take(request.headers_mut(), forwarder.endpoint.vault());
    let business = match &marked {
        Some(mark) => Some(mark.business),
        None => {
            let (found, same) = whose::of_people(&forwarder.endpoint, faces.network.is_some(), request).await;
            request = same;
            found
        }
    };
    let routed = match business {
        Some(business) => forwarder.route(&faces, business, marked, request, refuse_people).await,
        None => Routed::Here(request),
    };
    match routed {
        Routed::Here(request) => {
            let sent_on = request.extensions().get().copied();
            answered(sent_on, next.run(request).await)
        }
        Routed::Answered(response) => response,
    }
}

fn refuse_people(_: &Faces, why: Why) -> Response {
    match why {
        // The words stand in one place.
        Why::Elsewhere => Refusal::from(Error::Elsewhere(AccountId::from_bytes([0; 16]))).into_response(),
        Why::Unsure => Refusal::unsure().into_response(),
    }
}
