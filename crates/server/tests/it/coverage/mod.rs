//! Every operation of the OpenAPI document has a case of success and a malformed one here; `graph_authorization.rs` and each face's own tests show who may
//! not call it. The operations are walked: one that is added without a case fails [`no_operation_is_without_a_case`].
//!
//! | module | subject |
//! |---|---|
//! | [`case`] | what a case is, and what is checked of it |
//! | [`stage`] | a world with a shop of its own for each case, and what was made there before |
//! | [`face`] | what follows for every operation of a face beside the Cloud API |
//! | [`described`] | the document: an operation, its schemas, its codes |
//! | [`schema`] | whether a value is as its schema says |
//! | the others | the cases, a file for each kind of object |
mod case;
mod described;
mod face;
mod schema;
mod stage;

mod account;
mod app;
mod catalog;
mod console;
mod flow;
mod group;
mod inbox;
mod media;
mod messages;
mod network;
mod number;
mod owner;
mod partner;
mod root;
mod selling;
mod template;

use case::Case;
use std::collections::HashSet;

/// All cases, by file.
fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("account.rs", account::cases()),
        ("app.rs", app::cases()),
        ("catalog.rs", catalog::cases()),
        ("console.rs", console::cases()),
        ("flow.rs", flow::cases()),
        ("group.rs", group::cases()),
        ("inbox.rs", inbox::cases()),
        ("media.rs", media::cases()),
        ("messages.rs", messages::cases()),
        ("network.rs", network::cases()),
        ("number.rs", number::cases()),
        ("owner.rs", owner::cases()),
        ("partner.rs", partner::cases()),
        ("root.rs", root::cases()),
        ("selling.rs", selling::cases()),
        ("template.rs", template::cases()),
    ]
}

#[test]
fn no_operation_is_without_a_case() {
    let all = all();
    let mut named = HashSet::new();
    for (file, cases) in &all {
        for case in cases {
            assert!(described::find(case.name).is_some(), "coverage/{file}: there is no operation {}", case.name);
            assert!(named.insert(case.name), "coverage/{file}: {} has two cases", case.name);
        }
    }
    // The sandbox needs a process whose clock it moves: tests/process/sandbox_api.rs has its cases.
    let here = described::all().filter(|one| !one.name().starts_with("sandbox."));
    let missing: Vec<String> = here.filter(|one| !named.contains(one.name())).map(|one| one.missing()).collect();
    assert!(missing.is_empty(), "{} operations have no case of success and no malformed one:\n{}", missing.len(), missing.join("\n"));
}

macro_rules! files {
    ($($file:ident $seed:literal)*) => {
        $(
            #[tokio::test]
            async fn $file() {
                case::run($seed, $file::cases()).await;
            }
        )*
    };
}

mod each {
    use super::{
        account, app, case, catalog, console, flow, group, inbox, media, messages, network, number, owner, partner, root, selling, template,
    };

    files! {
        account 861 app 862 group 863 media 864 messages 865 number 866 partner 867 root 868 template 869
        inbox 870 owner 871 console 872 network 873 flow 874 catalog 875 selling 876
    }
}
