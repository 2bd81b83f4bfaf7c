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
    business::NewBusiness,
    operators::{self, Role},
};
use suki_types::Phone;

/// A business that joins.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    enrolment: String,
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
    if joining.phone.is_test() && !registry.takes_test_numbers() {
        let detail = "phone is of the range for tests, which belongs to nobody; give the number that customers know, and prove it in the inbox.";
        return Err(Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "The request is not allowed as it is.", detail));
    }
    let new = NewBusiness {
        enrolment: joining.enrolment,
        name: joining.name,
        about: joining.about,
        slug: joining.slug,
        hosted_by: faces.hosted_by().to_owned(),
        phone: joining.phone,
        terms_version: joining.terms_version,
        owner: Some(operators::owner(endpoint.env(), &joining.owner.name, &joining.owner.email)?),
    };
    let business = endpoint.create_business::<Refusal, _>(new, |request| registry.register(request)).await?;
    let owner = business.operators().await?.into_iter().find(|one| one.role == Role::Owner);
    let owner = owner.ok_or_else(|| suki_endpoint::Error::Internal("a business was made without its owner".into()))?;
    let secret = business.create_sign_in(None, owner.id).await?;
    let record = business.record();
    let made = json!({
        "id": record.id, "slug": record.slug, "phone_number_id": record.phone_number_id, "waba_id": record.waba_id,
        "sign_in_link": faces.sign_in_link(&secret), "customer_link": faces.customer_link(&record.slug),
    });
    Ok((StatusCode::CREATED, Json(made)))
}
