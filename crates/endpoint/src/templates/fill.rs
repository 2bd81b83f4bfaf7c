//! A template on its way out: found, checked against its approved text, filled in, and what its reader will see.
use super::store;
use crate::{
    Business, Error,
    compose::{files::put_files, products::is_of_products},
};
use suki_cloud_api::{
    ApiError, Code,
    templates::sent::{ButtonParameters, Card, MediaFile, Parameter, ParameterValue, SentTemplate},
};
use suki_protocol::{
    calls::templates::Template,
    pb::{self, template_parameter::Value},
    template::{Origin, SenderWords, Shown, check, render},
};
use suki_template::{Status, TextLimits};

/// An approved template, filled in and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Filled {
    /// `<id>.<version>` of the approved text.
    pub template_id: String,
    /// What is sealed.
    pub sent: pb::Template,
    /// What the reader of the sender's language sees.
    pub shown: Shown,
    /// The same as one text.
    pub text: String,
    /// Whether it goes over the Cloud API's `marketing_messages`.
    pub lite: bool,
}

impl Filled {
    /// What stands behind the buttons that open products, as it was looked up.
    fn show_products(&mut self) {
        let cards = self.sent.cards.iter().zip(&mut self.shown.cards).map(|(sent, shown)| (&sent.buttons, &mut shown.buttons));
        for (sent, shown) in std::iter::once((&self.sent.buttons, &mut self.shown.buttons)).chain(cards) {
            for button in sent.iter().filter(|button| is_of_products(button)) {
                let place = usize::try_from(button.index).ok().and_then(|index| shown.get_mut(index));
                if let (Some(shown), Some(value)) = (place, button.parameters.first()) {
                    shown.value.clone_from(value);
                }
            }
        }
    }
}

impl Business {
    /// Checks what is to be sent against the approved template, and fills it in.
    ///
    /// # Errors
    /// [`Error::Refused`] with 132001 when there is no approved template of this name and language, 132015 or 132016 when it is paused or disabled,
    /// 132000, 132005, 132008, 132012 or 132018 when the parameters do not fit, 100 or 131053 when a file cannot be sent; [`Error::Unavailable`] while
    /// the network has not told of the templates yet.
    pub async fn fill(&self, given: &SentTemplate) -> Result<Filled, Error> {
        let (id, name, language) = (self.id(), given.name.clone(), given.language.clone());
        let (found, limits) = self
            .db()
            .read(move |tx| Ok::<_, Error>((store::find(tx, id, &name, &language)?, store::limits(tx, id)?.map(|(limits, _)| limits))))
            .await?;
        let Some(limits) = limits else {
            return Err(Error::Unavailable("The network has not been reached yet, so that no template is known here; try again in a moment".into()));
        };
        let template = found.ok_or_else(|| missing(given))?;
        usable(&template)?;
        let mut filled = fill(&template, given, &limits)?;
        // Only what fits is looked for.
        self.template_products(&template.components, &mut filled.sent).await?;
        filled.show_products();
        put_files(&mut filled.sent, self.template_files(given).await?);
        self.put_template_flows(&template, &mut filled.sent).await?;
        Ok(filled)
    }
}

fn refused(code: Code, details: String) -> Error {
    Error::Refused(ApiError::new(code, details))
}

fn missing(given: &SentTemplate) -> Error {
    refused(
        Code::TemplateMissing,
        format!(
            "template name ({}) does not exist in {}: create it in this language and wait until it is approved, or send one that is listed as approved",
            given.name, given.language
        ),
    )
}

fn usable(template: &Template) -> Result<(), Error> {
    let (name, language) = (&template.name, &template.language);
    let why = if template.explanation.is_empty() { String::new() } else { format!(": {}", template.explanation) };
    match template.status {
        Status::Approved if template.version > 0 => Ok(()),
        Status::Paused => Err(refused(Code::TemplatePaused, format!("template name ({name}) in {language} is paused{why}"))),
        Status::Disabled => Err(refused(Code::TemplateDisabled, format!("template name ({name}) in {language} is disabled{why}"))),
        status => {
            let details =
                format!("template name ({name}) in {language} is not approved, its status is {status}{why}. Only an approved one can be sent");
            Err(refused(Code::TemplateMissing, details))
        }
    }
}

pub(super) fn fill(template: &Template, given: &SentTemplate, limits: &TextLimits) -> Result<Filled, Error> {
    let sent = pb::Template {
        name: given.name.clone(),
        language: given.language.clone(),
        reader_language: given.reader_language,
        header: parameters(&given.header)?,
        body: parameters(&given.body)?,
        buttons: given.buttons.iter().map(button).collect(),
        cards: given.cards.iter().map(card).collect::<Result<_, _>>()?,
        offer_expires_at: given.offer_expires_at.unwrap_or_default(),
    };
    check(&template.components, template.parameter_format, &sent, limits).map_err(mismatch)?;
    let rendered = render(&template.components, &sent, &SenderWords).map_err(mismatch)?;
    let text = rendered.text();
    let reader_language = given.reader_language;
    let origin = Origin { name: &template.name, language: &template.language, reader_language, category: template.category };
    Ok(Filled { template_id: format!("{}.{}", template.id, template.version), shown: Shown::new(origin, rendered), sent, text, lite: false })
}

fn mismatch(mismatch: suki_protocol::template::Mismatch) -> Error {
    Error::Refused(ApiError::from_number(mismatch.code, mismatch.to_string()))
}

fn parameters(given: &[Parameter]) -> Result<Vec<pb::TemplateParameter>, Error> {
    given.iter().map(parameter).collect()
}

fn parameter(given: &Parameter) -> Result<pb::TemplateParameter, Error> {
    let value = match &given.value {
        ParameterValue::Text(text) => Value::Text(text.clone()),
        ParameterValue::Currency { code, amount_1000, fallback } => {
            Value::Currency(pb::Currency { code: code.clone(), amount_1000: *amount_1000, fallback: fallback.clone() })
        }
        ParameterValue::DateTime { at, fallback } => {
            Value::DateTime(pb::DateTime { at: at.unwrap_or_default(), fallback: fallback.clone(), date_only: false })
        }
        ParameterValue::Media { kind, file, filename } => Value::Media(pb::TemplateMedia {
            kind: kind.as_str().into(),
            link: if let MediaFile::Link(link) = file { link.to_string() } else { String::new() },
            filename: filename.clone().unwrap_or_default(),
            ..Default::default()
        }),
        ParameterValue::Location { latitude, longitude, name, address } => {
            Value::Location(pb::TemplateLocation { latitude: *latitude, longitude: *longitude, name: name.clone(), address: address.clone() })
        }
        ParameterValue::Product(id) => Value::Product(id.clone()),
    };
    Ok(pb::TemplateParameter { name: given.name.clone().unwrap_or_default(), value: Some(value) })
}

fn button(given: &ButtonParameters) -> pb::TemplateButton {
    pb::TemplateButton { index: given.index, kind: given.kind.clone(), parameters: given.parameters.clone() }
}

fn card(given: &Card) -> Result<pb::TemplateCard, Error> {
    Ok(pb::TemplateCard { header: parameters(&given.header)?, body: parameters(&given.body)?, buttons: given.buttons.iter().map(button).collect() })
}
