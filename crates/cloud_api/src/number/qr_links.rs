//! `/P/message_qrdls`: links, and their pictures as QR codes, that open a chat with a text in the composer (section 3a).
use super::bounds;
use crate::{ApiError, Params, fields};
use serde_json::{Value, json};
use suki_types::{Env, Timestamp};

/// How many characters a code has.
pub const CODE_CHARS: usize = 14;
/// What they are taken from: no digit looks like a letter.
const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const MESSAGE_CHARS: usize = 140;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrLink {
    /// 14 letters and digits.
    pub code: String,
    /// What stands in the composer.
    pub message: String,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A sort of picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// Pixels.
    Png,
    /// Lines.
    Svg,
}

impl Picture {
    /// The ending of its name.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Svg => "svg",
        }
    }

    /// The sort that a name ends with.
    pub fn of_ending(ending: &str) -> Option<Self> {
        [Self::Png, Self::Svg].into_iter().find(|picture| picture.ending() == ending)
    }
}

/// `POST`: a link to be made, or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The link that changes; none to make one.
    pub code: Option<String>,
    /// What stands in the composer.
    pub message: String,
    /// The picture that is wanted.
    pub picture: Option<Picture>,
}

/// A new code.
pub fn new_code(env: &Env) -> String {
    env.random::<CODE_CHARS>().iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect()
}

/// Whether a text has the form of a code, whose letters are capitals.
pub fn is_code(text: &str) -> bool {
    text.len() == CODE_CHARS && text.bytes().all(|byte| ALPHABET.contains(&byte))
}

/// Reads a request.
///
/// # Errors
/// 100 when the text is missing or too long, or code or picture are none.
pub fn request(params: &Params) -> Result<Request, ApiError> {
    let root = params.root();
    let message = bounds::text(&root, "prefilled_message", 1, MESSAGE_CHARS)?
        .ok_or_else(|| ApiError::invalid_parameter(format!("prefilled_message is needed: 1 to {MESSAGE_CHARS} characters")))?;
    let code = root.text("code")?.filter(|code| !code.is_empty()).map(str::to_owned);
    Ok(Request { code, message, picture: picture(root.text("generate_qr_image")?)? })
}

fn picture(word: Option<&str>) -> Result<Option<Picture>, ApiError> {
    let Some(word) = word.filter(|word| !word.is_empty()) else { return Ok(None) };
    let sort = Picture::of_ending(&word.to_ascii_lowercase());
    sort.map(Some).ok_or_else(|| ApiError::invalid_parameter("generate_qr_image is PNG or SVG"))
}

/// Which picture a list is to show: `fields=qr_image_url.format(SVG)`; PNG where the field is named without a format.
///
/// # Errors
/// 100 when the selector cannot be read, or names another format.
pub fn wanted_picture(params: &Params) -> Result<Option<Picture>, ApiError> {
    let selector = fields::Selector::parse(&params.text("fields").unwrap_or_default())?;
    let Some(field) = selector.0.iter().find(|field| field.name == "qr_image_url") else { return Ok(None) };
    match picture(field.modifier("format"))? {
        None => Ok(Some(Picture::Png)),
        wanted => Ok(wanted),
    }
}

/// Which link an item of the path names.
///
/// # Errors
/// As [`unknown`] when it has not the form of a code.
pub fn code(item: &str) -> Result<&str, ApiError> {
    if is_code(item) { Ok(item) } else { Err(unknown(item)) }
}

/// There is no such link: 100, subcode 33, as for every object that is not there.
pub fn unknown(code: &str) -> ApiError {
    ApiError::no_object("GET", code)
}

/// A link as the API shows it; `address` is where it leads, and where its pictures are with an ending.
pub fn node(link: &QrLink, address: &str, picture: Option<Picture>) -> Value {
    let mut node = json!({"code": link.code, "prefilled_message": link.message, "deep_link_url": address});
    if let Some(picture) = picture {
        node["qr_image_url"] = format!("{address}.{}", picture.ending()).into();
    }
    node
}

/// Links as a list. `address` gives the address of a code.
///
/// # Errors
/// 100 when the selector cannot be read.
pub fn list(links: &[QrLink], address: impl Fn(&str) -> String, params: &Params) -> Result<Value, ApiError> {
    let picture = wanted_picture(params)?;
    let shown = |link: &QrLink| {
        let mut node = node(link, &address(&link.code), picture);
        node["creation_time"] = link.created_at.seconds().into();
        fields::select(params.text("fields").as_deref(), &["code", "prefilled_message", "deep_link_url"], &node)
    };
    let data: Vec<Value> = links.iter().map(shown).collect::<Result<_, _>>()?;
    Ok(json!({ "data": data }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> Params {
        Params::from_query(text).expect("a query")
    }

    fn link() -> QrLink {
        QrLink { code: "ANED2T5QRU7HGA".into(), message: "Deals!".into(), created_at: Timestamp::from_millis(5_000) }
    }

    #[test]
    fn codes_have_14_letters_and_digits() {
        let code = new_code(&Env::for_tests(1));
        assert!(is_code(&code) && code != new_code(&Env::for_tests(2)), "{code}");
        for wrong in ["", "ANED2T5QRU7HG", "ANED2T5QRU7HG1", "aned2t5qru7hga", "ANED2T5QRU7HGAA"] {
            assert!(code_refused(wrong), "{wrong}");
        }
    }

    fn code_refused(item: &str) -> bool {
        code(item).is_err_and(|error| error.kind() == "GraphMethodException")
    }

    #[test]
    fn requests_come_by_query_and_body() {
        let asked = request(&query("prefilled_message=Hi%21&generate_qr_image=png"));
        assert_eq!(asked, Ok(Request { code: None, message: "Hi!".into(), picture: Some(Picture::Png) }));
        let asked = request(&query("prefilled_message=Hi&generate_qr_image=SVG&code=ANED2T5QRU7HGA")).expect("it is one");
        assert_eq!((asked.code.as_deref(), asked.picture), (Some("ANED2T5QRU7HGA"), Some(Picture::Svg)));
        let long = format!("prefilled_message={}", "x".repeat(141));
        for (wrong, says) in [("", "is needed"), (long.as_str(), "1 to 140"), ("prefilled_message=Hi&generate_qr_image=GIF", "PNG or SVG")] {
            let error = request(&query(wrong)).expect_err(says);
            assert!(error.code.number() == 100 && error.details.contains(says), "{}", error.details);
        }
    }

    #[test]
    fn lists_show_what_is_asked() {
        let address = |code: &str| format!("https://suki.example/message/{code}");
        assert_eq!(
            list(&[link()], address, &query("")),
            Ok(json!({"data": [{"code": "ANED2T5QRU7HGA", "prefilled_message": "Deals!",
                                "deep_link_url": "https://suki.example/message/ANED2T5QRU7HGA"}]}))
        );
        assert_eq!(
            list(&[link()], address, &query("fields=code,qr_image_url.format(SVG),creation_time")),
            Ok(json!({"data": [{"code": "ANED2T5QRU7HGA", "qr_image_url": "https://suki.example/message/ANED2T5QRU7HGA.svg", "creation_time": 5}]}))
        );
        assert!(list(&[], address, &query("fields=qr_image_url.format(GIF)")).is_err());
    }
}
