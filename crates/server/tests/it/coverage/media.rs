//! Files: uploaded, found, fetched, deleted.
use super::{
    case::{Case, ask, broken, case},
    stage::Stage,
};
use crate::media::{pdf, uploaded};
use futures_util::future::LocalBoxFuture;

const PDF: &str = "application/pdf";

fn file<'a>(stage: &'a mut Stage<'_>) -> LocalBoxFuture<'a, ()> {
    Box::pin(async move {
        let id = uploaded(stage.world, &stage.shop, "menu.pdf", PDF, &pdf(2_000)).await;
        stage.set("media_id", id);
        let node = stage.read("/{media_id}").await;
        let address = node["url"].as_str().expect("an address");
        stage.set("address", address.split_once("/whatsapp_business").map(|(_, rest)| format!("/whatsapp_business{rest}")).expect("its path"));
    })
}

/// The cases.
pub fn cases() -> Vec<Case> {
    vec![
        case(
            "media.upload",
            |_| ask().multipart(&[("messaging_product", "whatsapp"), ("type", PDF)], Some(("menu.pdf", PDF, &pdf(2_000)))),
            100,
            |_| ask().multipart(&[("messaging_product", "whatsapp"), ("type", PDF)], None),
        ),
        case(
            "media.get",
            |stage| ask().query(format!("phone_number_id={}", stage.get("phone_number_id"))),
            100,
            |_| ask().query("phone_number_id=x"),
        )
        .after(file),
        case("media.delete", |_| ask(), 100, |_| ask().query("phone_number_id=x")).after(file),
        case("media.download", |stage| ask().path(stage.get("address")), 100, |_| broken()).after(file),
    ]
}
