//! `/message/CODE`: a link with a text, opened by whoever scanned it (Cloud API, `message_qrdls`); `.png` and `.svg` after it are its QR code.
use super::Faces;
use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse as _, Redirect, Response},
};
use qrcodegen::{QrCode, QrCodeEcc};
use suki_cloud_api::number::qr_links::{Picture, is_code};
use suki_endpoint::Error;

/// The quiet zone that readers need, in modules.
const BORDER: i32 = 4;
/// The edge of a module in pixels.
const PIXELS: u32 = 10;
/// Pictures change with nothing but their address.
const CACHE: &str = "public, max-age=86400";

/// Opens a link, or shows its picture.
pub async fn open(State(faces): State<Faces>, Path(name): Path<String>) -> Response {
    let (code, picture) = match name.split_once('.') {
        None => (name.as_str(), None),
        Some((code, ending)) => match Picture::of_ending(ending) {
            Some(picture) => (code, Some(picture)),
            None => return gone(),
        },
    };
    let Some(endpoint) = faces.endpoint.as_ref().filter(|_| is_code(code)) else { return gone() };
    match endpoint.opened_link(code.to_owned()).await {
        Ok((business, link)) => match picture {
            None => {
                let text: String = url::form_urlencoded::Serializer::new(String::new()).append_pair("text", &link.message).finish();
                // What it leads to may change at any time.
                let leads = Redirect::temporary(&format!("{}?{text}", faces.customer_link(&business.slug)));
                ([(header::CACHE_CONTROL, "no-store")], leads).into_response()
            }
            Some(picture) => draw(&faces.qr_link(code), picture),
        },
        Err(Error::NotFound(_)) => gone(),
        Err(error) => {
            tracing::error!(%error, "a link could not be opened");
            (StatusCode::SERVICE_UNAVAILABLE, "This link cannot be opened at the moment. Try again in a minute.").into_response()
        }
    }
}

fn gone() -> Response {
    (StatusCode::NOT_FOUND, "There is no such link, or the shop has taken it away.").into_response()
}

fn draw(address: &str, picture: Picture) -> Response {
    let drawn = QrCode::encode_text(address, QrCodeEcc::Medium).map_err(|error| error.to_string()).and_then(|code| match picture {
        Picture::Png => png(&code).map(|bytes| ("image/png", bytes)).map_err(|error| error.to_string()),
        Picture::Svg => Ok(("image/svg+xml", svg(&code).into_bytes())),
    });
    match drawn {
        Ok((kind, bytes)) => {
            let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, CACHE), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")];
            (headers, bytes).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "a QR code could not be drawn");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Black and white, a byte a pixel.
fn png(code: &QrCode) -> Result<Vec<u8>, png::EncodingError> {
    let modules = u32::try_from(code.size() + 2 * BORDER).unwrap_or_default();
    let edge = modules * PIXELS;
    let place = |pixel: u32| i32::try_from(pixel / PIXELS).unwrap_or_default() - BORDER;
    let pixels: Vec<u8> =
        (0..edge).flat_map(|y| (0..edge).map(move |x| (x, y))).map(|(x, y)| if code.get_module(place(x), place(y)) { 0 } else { 255 }).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, edge, edge);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

/// One path of unit squares.
fn svg(code: &QrCode) -> String {
    let edge = code.size() + 2 * BORDER;
    let places = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
    let path: String = places.filter(|(x, y)| code.get_module(*x, *y)).map(|(x, y)| format!("M{},{}h1v1h-1z", x + BORDER, y + BORDER)).collect();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {edge} {edge}\" shape-rendering=\"crispEdges\">\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>\n"
    )
}
