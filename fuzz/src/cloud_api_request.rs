//! What a program sends to the Cloud API: path, query, header and body.
use suki_cloud_api::{
    ApiError, Code, Params, fields, messages, nodes, oauth, path, subscriptions,
    token::{self, Credential},
    verification, wamid,
};
use suki_types::limits;

/// Reads bytes as a request: path, query, authorization, content type and body, with a zero byte between them.
pub fn run(bytes: &[u8]) {
    let mut parts = bytes.splitn(5, |byte| *byte == 0);
    let mut part = || parts.next().unwrap_or_default();
    let (path, query, authorization, content_type, body) = (part(), part(), part(), part(), part());
    let [path, query, authorization, content_type] =
        [path, query, authorization, content_type].map(|part| String::from_utf8_lossy(part).into_owned());
    // Nothing to assert of a path: any text names something or nothing.
    let _ = path::parse(&path);
    assert!(token::redact_query(&query).is_ascii());
    let Some(mut params) = checked(Params::from_query(&query)) else { return };
    if checked(params.merge_body(Some(&content_type), body)).is_none() {
        return;
    }
    if let Some(Credential::Token(token)) = checked(token::find(Some(&authorization), &params)) {
        assert!(token.expose().bytes().all(|byte| byte.is_ascii_graphic()));
    }
    if let Some(request) = checked(messages::parse(&params)) {
        message(request);
    }
    if let Some(subscribe) = checked(subscriptions::subscribe(&params)) {
        assert!(matches!(subscribe.callback.scheme(), "http" | "https") && subscribe.fields.is_sorted());
        let address = verification::address(&subscribe.callback, &subscribe.verify_token, "1");
        assert!(address.as_str().ends_with("&hub.challenge=1"));
    }
    checked(subscriptions::unsubscribe(&params));
    checked(subscriptions::subscribe_app(&params));
    checked(oauth::parse(&params));
    let id = "7".parse().expect("it is an id");
    if let Some(node) = checked(nodes::named(id, "name", &params)) {
        assert_eq!(node["id"], "7");
    }
    checked(fields::Selector::parse(&query));
}

fn message(request: messages::Request) {
    match request {
        messages::Request::Send(sent) => {
            match sent.what {
                messages::What::Text { body, .. } => {
                    assert!((1..=limits::TEXT_CHARS).contains(&body.chars().count()), "the text is bounded");
                    assert!(!body.trim().is_empty());
                }
                messages::What::Template(template) => {
                    assert!((1..=512).contains(&template.name.chars().count()) && template.cards.len() <= 10, "the template is bounded");
                }
                messages::What::File(file) => {
                    assert!(file.caption.chars().count() <= limits::CAPTION_CHARS && file.filename.chars().count() <= limits::FILENAME_CHARS);
                }
                messages::What::Location(place) => assert!(place.latitude.abs() <= 90.0 && place.longitude.abs() <= 180.0, "it lies on the globe"),
                messages::What::Contacts(people) => {
                    assert!((1..=limits::CONTACT_CARDS).contains(&people.len()) && people.iter().all(|one| !one.formatted_name.is_empty()));
                }
                messages::What::Reaction(reaction) => assert!(reaction.emoji.chars().count() <= limits::EMOJI_CHARS),
                messages::What::Interactive(given) => interactive(&given),
            }
            assert!(sent.callback_data.is_none_or(|data| data.chars().count() <= 512));
        }
        messages::Request::Read { message, .. } => assert_eq!(wamid::decode(&wamid::encode(message)), Ok(message)),
    }
}

fn interactive(given: &messages::Interactive) {
    use messages::Action;
    assert!(given.body.chars().count() <= limits::TEXT_CHARS && given.footer.chars().count() <= 60);
    match &given.action {
        Action::Buttons(buttons) => assert!((1..=3).contains(&buttons.len()) && buttons.iter().all(|one| one.title.chars().count() <= 20)),
        Action::List(list) => assert!((1..=10).contains(&list.sections.iter().map(|one| one.rows.len()).sum::<usize>())),
        Action::Link(link) => assert!(link.url.starts_with("http")),
        Action::Products(list) => assert!((1..=limits::PRODUCTS).contains(&list.sections.iter().map(|one| one.products.len()).sum::<usize>())),
        Action::Carousel(cards) => assert!((2..=10).contains(&cards.len())),
        Action::Flow(call) => assert!(call.data.len() <= limits::CONTENT_JSON_BYTES),
        Action::Address(ask) => assert!(ask.country.len() == 2 && ask.values.len() <= limits::CONTENT_JSON_BYTES),
        Action::Payment(payment) => assert!(payment.json.len() <= limits::CONTENT_JSON_BYTES),
        Action::LocationRequest | Action::Product { .. } | Action::Catalog { .. } => {}
    }
}

/// Whatever is refused is refused with a code, a status, and details that are bounded.
fn checked<T>(result: Result<T, ApiError>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(error) => {
            assert!((400..600).contains(&error.http_status()));
            assert_ne!(error.code, Code::SomethingWentWrong, "the caller is at fault, not the server");
            assert!(error.details.chars().count() <= 1000 && !error.details.is_empty());
            assert_eq!(error.body("x")["error"]["code"], error.code.number());
            None
        }
    }
}

/// Requests that are right, or nearly.
pub fn seeds() -> Vec<Vec<u8>> {
    let messages = MESSAGES.iter().map(|one| ["/v23.0/7/messages", "", "Bearer EAAx", "application/json", one].map(str::as_bytes).join(&0));
    requests().into_iter().chain(messages).collect()
}

/// A message of every type.
const MESSAGES: [&str; 9] = [
    r#"{"messaging_product":"whatsapp","to":999000000001,"type":"document","document":{"id":"5","caption":"Bill","filename":"b.pdf"}}"#,
    r#"{"messaging_product":"whatsapp","to":"ZZ.A1","location":{"latitude":"14.6","longitude":121,"name":"Kape"}}"#,
    r#"{"messaging_product":"whatsapp","to":"ZZ.A1","type":"contacts","contacts":[{"name":{"formatted_name":"Ana"},"phones":[{"phone":"1"}]}]}"#,
    r#"{"messaging_product":"whatsapp","to":"ZZ.A1","type":"interactive","interactive":{"type":"button","body":{"text":"Which?"},"action":{"buttons":[{"type":"reply","reply":{"id":"a","title":"A"}}]}}}"#,
    r#"{"messaging_product":"whatsapp","to":"ZZ.A1","type":"interactive","interactive":{"type":"list","body":{"text":"Which?"},"action":{"button":"Menu","sections":[{"rows":[{"id":"a","title":"A"}]}]}}}"#,
    r#"{"messaging_product":"whatsapp","to":"ZZ.A1","type":"interactive","interactive":{"type":"cta_url","body":{"text":"Look"},"action":{"name":"cta_url","parameters":{"display_text":"A","url":"https://a.example"}}}}"#,
    r#"{"messaging_product":"whatsapp","to":"ZZ.A1","type":"interactive","interactive":{"type":"flow","body":{"text":"Book"},"action":{"name":"flow","parameters":{"flow_id":"7","flow_cta":"Book","flow_action_payload":{"screen":"A","data":{"a":1}}}}}}"#,
    r#"{"messaging_product":"whatsapp","to":"ZZ.A1","type":"interactive","interactive":{"type":"carousel","body":{"text":"Cakes"},"action":{"cards":[{"card_index":0,"type":"product","action":{"catalog_id":"7","product_retailer_id":"a"}},{"card_index":1,"type":"product","action":{"catalog_id":"7","product_retailer_id":"b"}}]}}}"#,
    r#"{"messaging_product":"whatsapp","to":"ZZ.A1","type":"interactive","interactive":{"type":"order_status","body":{"text":"Soon"},"action":{"name":"review_order","parameters":{"reference_id":"7","order":{"status":"shipped"}}}}}"#,
];

fn requests() -> Vec<Vec<u8>> {
    let id = wamid::encode(suki_types::MessageId::from_bytes([7; 16]));
    let text = format!(
        r#"{{"messaging_product":"whatsapp","recipient_type":"individual","to":"+999 00 0000001","type":"text","context":{{"message_id":"{id}"}},"text":{{"body":"Kumusta po!","preview_url":true}},"biz_opaque_callback_data":"12"}}"#
    );
    let read = format!(r#"{{"messaging_product":"whatsapp","status":"read","message_id":"{id}","typing_indicator":{{"type":"text"}}}}"#);
    let form = "messaging_product=whatsapp&to=ZZ.A1&text=%7B%22body%22%3A%22Hi%22%7D";
    let json = "application/json";
    [
        ["/v23.0/7/messages", "", "Bearer EAAx", json, &text],
        ["/7/messages", "access_token=EAAx", "", json, &read],
        ["/7/messages", "", "Bearer EAAx", "application/x-www-form-urlencoded", form],
        ["/v23.0/7", "fields=id,quality_score{score},lines.limit(2){id}", "Bearer EAAx", "", ""],
        [
            "/8/subscriptions",
            "object=whatsapp_business_account&callback_url=https%3A%2F%2Fshop.example%2F&verify_token=v&fields=messages&access_token=8%7Cs",
            "",
            "",
            "",
        ],
        ["/9/subscribed_apps", "", "OAuth EAAx", json, r#"{"override_callback_uri":"https://shop.example/","verify_token":"v"}"#],
        ["/oauth/access_token", "grant_type=client_credentials&client_id=8&client_secret=s", "", "", ""],
        ["/v23.0/7/messages", "", "Bearer EAAx", json, r#"{"messaging_product":"whatsapp","to":"1","type":"image","image":{"id":"5"}}"#],
    ]
    .map(|parts| parts.map(str::as_bytes).join(&0))
    .into()
}
