//! Every operation of the Cloud API asks who calls, and what his token is good for: one that is added to the table is tried here without being named.
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::{HashMap, hash_map::Entry};
use suki_cloud_api::{ObjectId, permission::Permissions};
use suki_endpoint::{apps::Node, nodes, tokens::NewToken};
use suki_server::http::graph::{
    operation::{Handle, On, Operation, Scope, Verb},
    operations,
};
use suki_store::StoreError;
use suki_testkit::{Answer, Shop, World};

/// Those that ask for no caller: the request shows an app's secret, or is many requests that each show a token.
const OPEN: [&str; 3] = ["access_token.create", "access_token.get", "batch.send"];

/// Objects of one shop, one of each kind.
struct Objects(HashMap<On, String>);

impl Objects {
    async fn of(world: &World, shop: &Shop) -> Self {
        let mut ids = HashMap::from([
            (On::PhoneNumber, shop.phone_number_id.clone()),
            (On::Account, shop.waba_id.clone()),
            (On::App, shop.app_id.clone()),
            (On::Upload, "upload:unknown".into()),
            (On::Template, template(world, shop).await),
        ]);
        for node in Node::ALL {
            let (env, business, node) = (world.env.clone(), shop.id, *node);
            let db = world.endpoint().db().clone();
            if let Entry::Vacant(place) = ids.entry(On::node(node)) {
                let id: Result<ObjectId, StoreError> =
                    world.inside(async move { db.write(move |tx| nodes::name(tx, &env, business, node)).await }).await;
                place.insert(id.expect("it is stored").to_string());
            }
        }
        Self(ids)
    }

    fn path(&self, operation: &Operation) -> String {
        let id = self.0.get(&operation.on).cloned().unwrap_or_default();
        let path = operation.path().replace(operation.on.place(), &id);
        match path.split_once('{') {
            Some((before, _)) => format!("{before}X"),
            None => path,
        }
    }
}

async fn template(world: &World, shop: &Shop) -> String {
    let body = json!({"name": format!("order_{}", shop.slug), "language": "en_US", "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Your order is ready."}]});
    let made = shop.graph(world, Method::POST, &format!("/{}/message_templates", shop.waba_id), Some(&body)).await.expect(200);
    made["id"].as_str().expect("an id").to_owned()
}

async fn call(world: &World, operation: &Operation, path: &str, token: Option<&str>) -> Answer {
    let method = match operation.method {
        Verb::Get => Method::GET,
        Verb::Post => Method::POST,
        Verb::Delete => Method::DELETE,
    };
    let call = world.call(method, path);
    match token {
        Some(token) => call.bearer(token).send().await,
        None => call.send().await,
    }
}

async fn token(world: &World, shop: &Shop, permissions: &str, seconds: Option<i64>) -> String {
    let (business, app, now) = (shop.business(world), shop.app_id.parse().expect("an id"), world.env.now());
    let new = NewToken {
        name: "Test".into(),
        permissions: permissions.parse().expect("permissions"),
        expires_at: seconds.map(|seconds| now.plus_seconds(seconds)),
    };
    world.inside(async move { business.grant(app, new).await.expect("a token") }).await
}

/// Every permission but one.
fn without(permission: &str) -> String {
    Permissions::ALL.words().into_iter().filter(|word| *word != permission).collect::<Vec<_>>().join(",")
}

fn guarded() -> impl Iterator<Item = &'static Operation> {
    operations::ALL.iter().filter(|operation| !OPEN.contains(&operation.name))
}

#[tokio::test]
async fn nobody_and_whose_token_is_over_gets_nothing() {
    let (world, shop) = World::with_shop(811).await;
    let own = Objects::of(&world, &shop).await;
    let ended = token(&world, &shop, &Permissions::ALL.to_string(), Some(60)).await;
    world.advance(60_000);
    for operation in guarded() {
        let (name, path) = (operation.name, own.path(operation));
        assert!(matches!(operation.handle, Handle::Caller(_)), "{name} is not among those that are open to anybody");
        assert_eq!(call(&world, operation, &path, None).await.graph_error(), (401, 104, 0), "{name} {path}");
        assert_eq!(call(&world, operation, &path, Some(&ended)).await.graph_error(), (401, 190, 463), "{name} {path}");
        assert_eq!(call(&world, operation, &path, Some("EAAnobody")).await.graph_error(), (401, 190, 467), "{name} {path}");
    }
}

#[tokio::test]
async fn another_tenants_objects_do_not_exist() {
    let (world, shop) = World::with_shop(812).await;
    let other = Shop::open(&world, "tinapay").await;
    let foreign = Objects::of(&world, &other).await;
    for operation in guarded().filter(|operation| !matches!(operation.on, On::Root | On::Upload)) {
        let path = foreign.path(operation);
        assert_eq!(call(&world, operation, &path, Some(&shop.token)).await.graph_error(), (400, 100, 33), "{} {path}", operation.name);
    }
}

#[tokio::test]
async fn a_token_is_good_for_what_it_was_made_for() {
    let (world, shop) = World::with_shop(813).await;
    let own = Objects::of(&world, &shop).await;
    let app = format!("{}|{}", shop.app_id, shop.app_secret);
    let messages = token(&world, &shop, &without("whatsapp_business_messaging"), None).await;
    let management = token(&world, &shop, &without("whatsapp_business_management"), None).await;
    let business = token(&world, &shop, &without("business_management"), None).await;
    for operation in guarded() {
        let (name, path) = (operation.name, own.path(operation));
        let (lacking, refusal) = match operation.scope {
            Scope::Messaging => (&messages, (403, 10, 0)),
            Scope::Management | Scope::AppToken => (&management, (403, 200, 0)),
            Scope::BusinessManagement => (&business, (403, 200, 0)),
            Scope::None => continue,
        };
        assert_eq!(call(&world, operation, &path, Some(lacking)).await.graph_error(), refusal, "{name} {path}");
        if operation.scope != Scope::AppToken {
            assert_eq!(call(&world, operation, &path, Some(&app)).await.graph_error(), refusal, "{name} {path} with the app's own token");
        }
    }
    let left: Value = shop.graph(&world, Method::GET, &format!("/{}", shop.waba_id), None).await.expect(200);
    assert_eq!(left["id"], shop.waba_id.as_str(), "what was refused changed nothing");
}
