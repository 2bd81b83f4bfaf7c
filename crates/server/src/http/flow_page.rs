//! `/flow/ID/preview` and `/flow/ID/flow.json`: what a flow looks like, in words, and its file. Whoever has the address sees it; there is no script in it.
use super::Faces;
use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::Value;
use suki_cloud_api::ObjectId;
use suki_endpoint::{
    Error,
    flows::{Shown, What},
};

/// How many components of a screen are shown, whatever its file says.
const PARTS: usize = 100;
/// What the page may load: nothing but its own style.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// What the address carries.
#[derive(Deserialize)]
pub struct Asked {
    #[serde(default)]
    token: String,
}

/// Shows a flow's preview or its file.
pub async fn show(State(faces): State<Faces>, Path((id, what)): Path<(String, String)>, Query(asked): Query<Asked>) -> Response {
    let what = [What::Preview, What::File].into_iter().find(|one| one.word() == what);
    let (Some(endpoint), Some(what), Ok(id)) = (faces.endpoint.as_ref(), what, id.parse::<ObjectId>()) else { return gone() };
    match endpoint.flow_shown(id, what, &asked.token).await {
        Ok(shown) if what == What::File => {
            ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "private, no-store")], shown.json).into_response()
        }
        Ok(shown) => {
            let headers = [
                (header::CONTENT_TYPE, "text/html; charset=utf-8"),
                (header::CONTENT_SECURITY_POLICY, POLICY),
                (header::CACHE_CONTROL, "private, no-store"),
                (header::REFERRER_POLICY, "no-referrer"),
            ];
            (headers, page(&shown)).into_response()
        }
        Err(Error::NotFound(_)) => gone(),
        Err(error) => {
            tracing::error!(%error, "a flow could not be shown");
            (StatusCode::SERVICE_UNAVAILABLE, "This flow cannot be shown at the moment. Try again in a minute.").into_response()
        }
    }
}

fn gone() -> Response {
    (StatusCode::NOT_FOUND, "There is no such flow, or this address is over: ask for the flow's preview again.").into_response()
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:0;background:#f4f4f2;color:#1c1c1a}main{max-width:26rem;margin:0 auto;padding:1rem}\
    section{background:#fff;border:1px solid #d8d8d2;border-radius:.75rem;padding:1rem;margin:1rem 0}h1{font-size:1.25rem}h2{font-size:1.1rem;margin-top:0}\
    .field,.button{border:1px solid #8a8a84;border-radius:.5rem;padding:.5rem .75rem;margin:.5rem 0}.button{background:#0b6b4f;color:#fff;border-color:#0b6b4f}\
    small{color:#5c5c56}@media (prefers-color-scheme:dark){body{background:#161614;color:#eee}section{background:#22221f;border-color:#44443f}small{color:#aaa}}";

fn page(shown: &Shown) -> String {
    let file: Value = serde_json::from_str(&shown.json).unwrap_or_default();
    let name = escaped(&shown.flow.name);
    let mut html = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{name}</title>\
         <style>{STYLE}</style><main><h1>{name}</h1><p><small>{}</small></p>",
        shown.flow.status.word()
    );
    for problem in &shown.flow.outline.problems {
        let message = escaped(&problem.message);
        html.push_str(&format!("<p><small>Line {}: {message}</small></p>", problem.line_start));
    }
    for screen in file["screens"].as_array().into_iter().flatten() {
        let title = screen["title"].as_str().or(screen["id"].as_str()).unwrap_or_default();
        html.push_str(&format!("<section><h2>{}</h2>", escaped(title)));
        parts(&screen["layout"]["children"], &mut html, &mut 0);
        html.push_str("</section>");
    }
    html + "</main></html>\n"
}

fn parts(children: &Value, html: &mut String, shown: &mut usize) {
    for part in children.as_array().into_iter().flatten() {
        *shown += 1;
        if *shown > PARTS {
            return;
        }
        one(part, html, shown);
    }
}

fn one(part: &Value, html: &mut String, shown: &mut usize) {
    let words = |name: &str| match &part[name] {
        Value::String(text) => escaped(text),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).map(escaped).collect::<Vec<_>>().join("<br>"),
        _ => String::new(),
    };
    let label = words("label");
    let shows = match part["type"].as_str().unwrap_or_default() {
        "TextHeading" | "TextSubheading" => format!("<p><strong>{}</strong></p>", words("text")),
        "TextBody" | "TextCaption" | "RichText" => format!("<p>{}</p>", words("text")),
        "Footer" => format!("<p class=\"button\">{label}</p>"),
        "EmbeddedLink" => format!("<p><u>{}</u></p>", words("text")),
        "Form" => return parts(&part["children"], html, shown),
        "If" => {
            parts(&part["then"], html, shown);
            return parts(&part["else"], html, shown);
        }
        "Switch" => return part["cases"].as_object().into_iter().flatten().for_each(|(_, case)| parts(case, html, shown)),
        kind => format!("<p class=\"field\">{label}<br><small>{}{}</small></p>", escaped(kind), choices(part)),
    };
    html.push_str(&shows);
}

/// The titles of what there is to choose from.
fn choices(part: &Value) -> String {
    let items = ["data-source", "list-items"].into_iter().find_map(|name| part[name].as_array());
    let title = |item: &Value| item["title"].as_str().or(item["main-content"]["title"].as_str()).map(escaped);
    let titles: Vec<String> = items.into_iter().flatten().take(PARTS).filter_map(title).collect();
    if titles.is_empty() { String::new() } else { format!(": {}", titles.join(", ")) }
}

fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_file_says_is_shown_and_never_run() {
        let children = json!([
            {"type": "TextHeading", "text": "<script>alert(1)</script>"},
            {"type": "RichText", "text": ["a", "b"]},
            {"type": "Form", "children": [{"type": "Dropdown", "label": "Size", "data-source": [{"id": "1", "title": "For \"ten\""}]}]},
            {"type": "If", "condition": "x", "then": [{"type": "Footer", "label": "Next"}]},
        ]);
        let mut html = String::new();
        parts(&children, &mut html, &mut 0);
        assert_eq!(
            html,
            "<p><strong>&lt;script&gt;alert(1)&lt;/script&gt;</strong></p><p>a<br>b</p><p class=\"field\">Size<br><small>Dropdown: For &quot;ten&quot;</small></p>\
             <p class=\"button\">Next</p>"
        );
        let many: Vec<Value> = (0..500).map(|_| json!({"type": "Footer", "label": "x"})).collect();
        let mut html = String::new();
        parts(&json!(many), &mut html, &mut 0);
        assert_eq!(html.matches("button").count(), PARTS);
    }
}
