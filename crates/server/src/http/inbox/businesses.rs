//! A business joins this endpoint, with a code that the network's operator gave out.
use super::endpoint;
use crate::http::{
    Faces,
    problem::{Body, Refusal},
};
use axum::{Json, extract::State, http::StatusCode, response::IntoResponse};
use serde::Deserialize;
use serde_json::json;
use suki_endpoint::{
    Error,
    business::{self, NewBusiness},
    operators,
};
use suki_types::Phone;

/// A business that joins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    enrolment: String,
    consent: String,
    name: String,
    #[serde(default)]
    about: String,
    slug: String,
    phone: Phone,
    owner: NewOwner,
    #[serde(default)]
    terms_version: u32,
}

/// Who owns it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOwner {
    name: String,
    email: String,
}

/// `POST /businesses`
pub async fn join(State(faces): State<Faces>, Body(joining): Body<Joining>) -> Result<impl IntoResponse, Refusal> {
    let endpoint = endpoint(&faces)?;
    let registry = faces.registry()?;
    // Before anything else is looked at: a stranger costs no more than this.
    if !endpoint.lets_in(&joining.enrolment, &joining.consent) {
        let detail =
            "consent is not what this endpoint makes of the enrolment code; suki business create makes it, where the endpoint's key file is.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", "You may not do this.", detail));
    }
    if joining.phone.is_test() && !registry.takes_test_numbers() {
        let detail = "phone is of the range for tests, which belongs to nobody; give the number that customers know, and prove it in the inbox.";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not allowed as it is.", detail));
    }
    let new = NewBusiness {
        enrolment: joining.enrolment,
        name: joining.name.trim().to_owned(),
        about: joining.about.trim().to_owned(),
        slug: joining.slug,
        hosted_by: faces.hosted_by().to_owned(),
        phone: joining.phone,
        terms_version: joining.terms_version,
        owner: Some(operators::owner(endpoint.env(), &joining.owner.name, &joining.owner.email)?),
    };
    let id = endpoint.join_business::<Refusal, _>(new, |request| registry.register(request)).await?;
    // From the store: who asks again may do so on another node than the one that runs it by now.
    let record = business::record(endpoint.db(), id).await?;
    let owner = operators::first_owner(endpoint.db(), id).await?;
    let owner =
        owner.ok_or_else(|| Error::Conflict("this business joined before and has no owner; whoever runs this server looks into it".into()))?;
    let secret = operators::issue_sign_in(endpoint.db(), endpoint.env(), id, None, owner).await?;
    let made = json!({
        "id": record.id, "slug": record.slug, "phone_number_id": record.phone_number_id, "waba_id": record.waba_id,
        "sign_in_link": faces.sign_in_link(&secret), "customer_link": faces.customer_link(&record.slug),
    });
    Ok((StatusCode::CREATED, Json(made)))
}
