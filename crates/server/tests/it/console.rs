//! The console's API.
use axum::http::{Method, header};
use serde_json::{Value, json};
use suki_network::console::{Role, operators::Duty, session::issue_sign_in};
use suki_server::http::console::operations;
use suki_testkit::{Answer, Pace, Shop, World, receiver::VERIFY_TOKEN, wait};

/// An operator's browser, signed in.
pub struct Desk {
    pub cookie: String,
    pub me: Value,
}

impl Desk {
    /// A link's secret for the operator of this name.
    pub async fn link(world: &World, name: &str, role: Role) -> String {
        issue_sign_in(&world.network_store(), &world.env, name, Some(role)).await.expect("a link")
    }

    async fn try_sign_in(world: &World, token: &str) -> Answer {
        world.call(Method::POST, "/console/api/sign-in").json(&json!({ "token": token })).send().await
    }

    /// Signs in, as somebody new when the name is.
    pub async fn open(world: &World, name: &str, role: Role) -> Self {
        let answer = Self::try_sign_in(world, &Self::link(world, name, role).await).await;
        let me = answer.expect(200);
        let cookie = answer.headers.get(header::SET_COOKIE).and_then(|value| value.to_str().ok()).expect("a cookie");
        for part in ["HttpOnly", "SameSite=Strict", "Path=/console"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        Self { cookie: cookie.split(';').next().expect("a pair").to_owned(), me }
    }

    pub async fn get(&self, world: &World, path: &str) -> Answer {
        self.ask(world, Method::GET, path, None).await
    }

    pub async fn post(&self, world: &World, path: &str, body: &Value) -> Answer {
        self.ask(world, Method::POST, path, Some(body)).await
    }

    pub async fn ask(&self, world: &World, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let call = world.call(method, &format!("/console/api{path}")).header("Cookie", &self.cookie);
        match body {
            Some(body) => call.json(body).send().await,
            None => call.send().await,
        }
    }
}

#[tokio::test]
async fn a_sign_in_link_works_once_and_for_a_day() {
    let (world, _) = World::with_shop(801).await;
    let link = Desk::link(&world, "Ada", Role::Admin).await;
    assert_eq!(Desk::try_sign_in(&world, &link).await.expect(200)["operator"]["name"], "Ada");
    for token in [link.as_str(), "", "nonsense"] {
        assert_eq!(Desk::try_sign_in(&world, token).await.problem(), (401, "unauthorized".into()));
    }
    let late = Desk::link(&world, "Ada", Role::Admin).await;
    world.advance(24 * 3_600_000);
    assert_eq!(Desk::try_sign_in(&world, &late).await.problem(), (401, "unauthorized".into()));
    let desk = Desk::open(&world, "Ada", Role::Admin).await;
    // It lasts while it is used, and twelve hours without.
    for _ in 0..3 {
        world.advance(8 * 3_600_000);
        desk.get(&world, "/me").await.expect(200);
    }
    world.advance(12 * 3_600_000);
    assert_eq!(desk.get(&world, "/me").await.problem().0, 401);
    let desk = Desk::open(&world, "Ada", Role::Admin).await;
    assert_eq!(desk.post(&world, "/sign-out", &json!({})).await.status, 204);
    assert_eq!(desk.get(&world, "/me").await.problem().0, 401);
}

/// Every operation refuses who is not signed in, whose session is an inbox's, and whose role does not include its work.
#[tokio::test]
async fn every_operation_refuses_no_session_and_the_wrong_role() {
    let (world, shop) = World::with_shop(802).await;
    let inbox = shop.owner(&world).await;
    let session = inbox.cookie.split_once('=').expect("a pair").1;
    let nobody = Desk { cookie: String::new(), me: Value::Null };
    let stranger = Desk { cookie: format!("suki_console={session}"), me: Value::Null };
    let mut desks = Vec::new();
    for (name, role) in [("Rhea", Role::Reviewer), ("Fe", Role::Finance), ("Ada", Role::Admin)] {
        desks.push((role, Desk::open(&world, name, role).await));
    }
    let mut refused = 0;
    for operation in operations() {
        let Some(duty) = operation.duty else {
            assert!(["/sign-in", "/sign-out"].contains(&operation.route.path), "{} is open to everybody", operation.route.path);
            continue;
        };
        let id = if operation.route.path.starts_with("/cases") {
            "cas_"
        } else if operation.route.path.starts_with("/businesses") {
            "acc_"
        } else {
            "opr_"
        };
        let path = operation.route.path.replace("{id}", &format!("{id}{:032x}", 1)).replace("{number}", "1").replace("{template}", "1");
        let body = (operation.route.method != Method::GET).then(|| json!({}));
        for desk in [&nobody, &stranger] {
            let answer = desk.ask(&world, operation.route.method.clone(), &path, body.as_ref()).await;
            assert_eq!(answer.problem(), (401, "unauthorized".into()), "{} {path}", operation.route.method);
        }
        for (role, desk) in &desks {
            let answer = desk.ask(&world, operation.route.method.clone(), &path, body.as_ref()).await;
            if role.may(duty) {
                assert!(![401, 403, 500].contains(&answer.status.as_u16()), "{role:?} {} {path}: {}", operation.route.method, answer.status);
            } else {
                assert_eq!(answer.problem(), (403, "forbidden".into()), "{role:?} {} {path}", operation.route.method);
                refused += 1;
            }
        }
    }
    assert!(refused > 10 && Duty::ALL.iter().all(|duty| Role::Admin.may(*duty)));
    // Another site's page can send a form, and neither JSON nor the cookie.
    let form = world.call(Method::POST, "/console/api/sign-out").header("Cookie", &desks[0].1.cookie).bytes("text/plain", b"{}".to_vec());
    assert_eq!(form.send().await.problem(), (415, "not_json".into()));
    assert_eq!(desks[0].1.get(&world, "/nothing/here").await.problem(), (404, "not_found".into()));
}

#[tokio::test]
async fn the_team_is_the_admins_and_every_change_is_recorded() {
    let (world, _) = World::with_shop(803).await;
    let ada = Desk::open(&world, "Ada", Role::Admin).await;
    let added = ada.post(&world, "/operators", &json!({"name": "Bo", "role": "reviewer"})).await.expect(201);
    let link = added["sign_in_link"].as_str().expect("a link");
    assert!(link.starts_with("http://suki.test/console/#sign-in="), "{link}");
    let token = link.split_once("sign-in=").expect("a token").1;
    assert_eq!(Desk::try_sign_in(&world, token).await.expect(200)["duties"], json!(["look", "decide", "sanction"]));
    for (body, status) in [
        (json!({"name": "Bo", "role": "finance"}), 409),
        (json!({"name": " ", "role": "finance"}), 422),
        (json!({"name": "Cy", "role": "owner"}), 400),
    ] {
        assert_eq!(ada.post(&world, "/operators", &body).await.problem().0, status, "{body}");
    }
    let me = ada.me["operator"]["id"].as_str().expect("an id");
    let gone = ada.ask(&world, Method::DELETE, &format!("/operators/{me}"), None).await;
    assert_eq!(gone.problem(), (409, "conflict".into()), "the last admin stays");
    let bo = added["operator"]["id"].as_str().expect("an id");
    assert_eq!(ada.ask(&world, Method::DELETE, &format!("/operators/{bo}"), None).await.status, 204);
    assert_eq!(ada.get(&world, "/operators").await.expect(200)["data"].as_array().map(Vec::len), Some(1));
    let records = ada.get(&world, "/audit").await.expect(200);
    let said: Vec<_> = records["data"].as_array().expect("records").iter().map(|one| (one["action"].clone(), one["actor"]["name"].clone())).collect();
    let expected = ["operator.removed", "operator.signed_in", "operator.link", "operator.added"];
    assert_eq!(said.iter().map(|(action, _)| action).take(4).collect::<Vec<_>>(), expected);
    assert_eq!((&said[0].1, &said[1].1), (&json!("Ada"), &json!("Bo")), "who is gone keeps his name");
    let whole = ada.get(&world, "/audit/verify").await.expect(200);
    assert_eq!((&whole["whole"], &whole["seq"]), (&json!(true), &records["data"][0]["seq"]));
    let known = format!("/audit/verify?seq={}&hash={}", whole["seq"], whole["hash"].as_str().expect("a hash"));
    assert_eq!(ada.get(&world, &known).await.expect(200)["whole"], true);
    let other = format!("/audit/verify?seq={}&hash={}", whole["seq"], "0".repeat(64));
    assert_eq!(ada.get(&world, &other).await.expect(200)["whole"], false);
    assert_eq!(ada.get(&world, "/audit/verify?seq=1").await.problem().0, 400);
}

#[tokio::test]
async fn a_business_is_found_by_name_link_and_id() {
    let (world, shop) = World::with_shop(804).await;
    let desk = Desk::open(&world, "Fe", Role::Finance).await;
    let all = desk.get(&world, "/businesses").await.expect(200);
    let found = &all["data"][0];
    assert_eq!(found["slug"], shop.slug);
    let (id, name) = (found["id"].as_str().expect("an id"), found["name"].as_str().expect("a name"));
    for wanted in [id.to_owned(), name.to_uppercase(), "kap".into()] {
        let path = format!("/businesses?q={}", wanted.replace(' ', "%20"));
        assert_eq!(desk.get(&world, &path).await.expect(200)["data"], all["data"], "{wanted}");
    }
    assert_eq!(desk.get(&world, "/businesses?q=nobody").await.expect(200)["data"], json!([]));
    assert_eq!(desk.get(&world, &format!("/businesses?q={}", "x".repeat(101))).await.problem().0, 422);
    let page = desk.get(&world, &format!("/businesses/{id}")).await.expect(200);
    assert_eq!((&page["name"], &page["cases"]), (&found["name"], &json!([])));
    assert_eq!(desk.get(&world, &format!("/businesses/acc_{:032x}", 5)).await.problem().0, 404);
    assert_eq!(desk.get(&world, "/businesses/kape").await.problem().0, 404);
}

#[tokio::test]
async fn the_rules_in_force_are_shown_with_what_they_mean() {
    let (world, _) = World::with_shop(805).await;
    let desk = Desk::open(&world, "Fe", Role::Finance).await;
    let policy = desk.get(&world, "/policy").await.expect(200);
    assert_eq!(policy["name"], "meta-2026");
    let sections = policy["sections"].as_array().expect("sections");
    let window = sections.iter().find(|section| section["table"] == "window").expect("the window");
    let length = window["fields"].as_array().expect("fields").iter().find(|field| field["name"] == "length").expect("its length");
    assert_eq!((&length["value"], &length["allowed"]), (&json!("24h"), &json!("1m to 30d")));
    // Every field that there is has a value, also one that the file leaves to its default.
    for section in sections {
        for field in section["fields"].as_array().expect("fields") {
            assert!(!field["value"].is_null() && !field["meaning"].as_str().unwrap_or_default().is_empty(), "{}: {field}", section["table"]);
        }
    }
}

/// A shop whose template a person has to look at: its button hides where it leads.
async fn with_doubtful_template(seed: u64) -> (World, Shop, Value) {
    let (world, shop) = World::with_shop(seed).await;
    let template = json!({
        "name": "night_offer", "language": "en_US", "category": "MARKETING",
        "components": [
            {"type": "BODY", "text": "Tonight our kitchen serves every soup of the house at half its price."},
            {"type": "BUTTONS", "buttons": [{"type": "URL", "text": "See them", "url": "https://bit.ly/soup"}]},
        ],
    });
    let path = format!("/v23.0/{}/message_templates", shop.waba_id);
    let made = shop.graph(&world, Method::POST, &path, Some(&template)).await.expect(200);
    assert_eq!(made["status"], "PENDING");
    (world, shop, made)
}

/// R44, R83: a person decides with a reason, the business is told, and two do not decide one case.
#[tokio::test]
async fn r44_a_template_is_decided_by_one_person_with_a_reason() {
    let (world, shop, made) = with_doubtful_template(806).await;
    let (ada, bo) = (Desk::open(&world, "Ada", Role::Admin).await, Desk::open(&world, "Bo", Role::Reviewer).await);
    let queues = ada.get(&world, "/queues").await.expect(200);
    assert_eq!((&queues["data"][0]["kind"], &queues["data"][0]["open"]), (&json!("template"), &json!(1)));
    let row = ada.get(&world, "/cases?kind=template").await.expect(200)["data"][0].clone();
    assert_eq!((&row["title"], &row["business_name"], &row["state"]), (&json!("night_offer"), &json!("Shop kape"), &json!("open")));
    let path = format!("/cases/{}", row["id"].as_str().expect("an id"));
    let case = ada.get(&world, &path).await.expect(200);
    assert_eq!(case["detail"]["components"][0]["type"], "BODY");
    assert!(!case["detail"]["findings"].as_array().expect("findings").is_empty());
    assert_eq!(ada.post(&world, &format!("{path}/claim"), &json!({})).await.expect(200)["mine"], true);
    let seen = bo.get(&world, &path).await.expect(200);
    assert_eq!((&seen["mine"], &seen["claimed_by"]), (&json!(false), &json!("Ada")));
    let decision = json!({"approve": false, "reason": "The address hides where it leads.", "code": "SCAM"});
    for (call, body) in [("claim", json!({})), ("decide", decision.clone())] {
        let refused = bo.post(&world, &format!("{path}/{call}"), &body).await;
        assert_eq!(refused.problem(), (409, "conflict".into()));
        assert!(refused.json()["detail"].as_str().expect("a detail").starts_with("Ada has this case"));
    }
    for body in [json!({"approve": false, "reason": " "}), json!({"approve": false, "reason": "x", "code": "NAME_EMPLOYEE_ISSUE"})] {
        assert_eq!(ada.post(&world, &format!("{path}/decide"), &body).await.problem().0, 422, "{body}");
    }
    let decided = ada.post(&world, &format!("{path}/decide"), &decision).await.expect(200);
    assert_eq!((&decided["state"], &decided["decided_by"]), (&json!("rejected"), &json!("Ada")));
    assert_eq!(ada.post(&world, &format!("{path}/decide"), &decision).await.problem(), (409, "conflict".into()));
    // The business hears of it over its link.
    let path = format!("/v23.0/{}?fields=status,rejected_reason", made["id"].as_str().expect("an id"));
    let told = wait::until(&world.env, "the business is told", || async {
        let template = shop.graph(&world, Method::GET, &path, None).await.expect(200);
        (template["status"] != "PENDING").then_some(template)
    });
    let told = told.await;
    assert_eq!((&told["status"], &told["rejected_reason"]), (&json!("REJECTED"), &json!("SCAM")));
    assert_eq!(ada.get(&world, "/cases").await.expect(200)["data"], json!([]));
    let rejected = ada.get(&world, "/cases?state=rejected").await.expect(200);
    assert_eq!(rejected["data"][0]["reason"], "The address hides where it leads.");
    let record = &ada.get(&world, "/audit").await.expect(200)["data"][0];
    assert_eq!((&record["action"], &record["actor"]["name"]), (&json!("template.rejected"), &json!("Ada")));
    assert_eq!(ada.get(&world, "/audit/verify").await.expect(200)["whole"], true);
}

/// R107: measures are taken and taken back by people, with a reason, and stand in the business's history.
#[tokio::test]
async fn r107_measures_and_levels_are_set_with_a_reason() {
    let (world, shop) = World::with_shop(807).await;
    let bo = Desk::open(&world, "Bo", Role::Reviewer).await;
    let business = format!("/businesses/{}", shop.id);
    let measures = format!("{business}/measures");
    for (body, status) in [
        (json!({"kind": "warning", "reason": "Too loud."}), 204),
        (json!({"kind": "restriction", "restriction": "outreach", "length": "7d", "reason": "Spam."}), 204),
        (json!({"kind": "restriction", "restriction": "everything", "length": "7d", "reason": "Spam."}), 422),
        (json!({"kind": "restriction", "restriction": "outreach", "length": "7", "reason": "Spam."}), 400),
        (json!({"kind": "ban", "reason": ""}), 422),
        (json!({"kind": "praise", "reason": "x"}), 400),
    ] {
        assert_eq!(bo.post(&world, &measures, &body).await.status.as_u16(), status, "{body}");
    }
    let page = bo.get(&world, &business).await.expect(200);
    assert_eq!(page["standing"]["now"]["restriction"]["kind"], "outreach");
    let entry = page["standing"]["history"].as_array().expect("history").iter().find(|entry| entry["kind"] == "restriction").expect("it is there");
    assert_eq!(entry["reason"], "Spam.");
    let lift = format!("{measures}/{}/lift", entry["id"]);
    assert_eq!(bo.post(&world, &lift, &json!({"reason": "They stopped."})).await.status, 204);
    assert_eq!(bo.post(&world, &lift, &json!({"reason": "They stopped."})).await.problem(), (409, "conflict".into()));
    assert_eq!(bo.post(&world, &format!("{business}/level"), &json!({"level": "confirmed", "reason": "Well known."})).await.status, 204);
    let page = bo.get(&world, &business).await.expect(200);
    assert_eq!((&page["standing"]["now"]["restriction"], &page["trust"]), (&Value::Null, &json!("confirmed")));
    let actions: Vec<_> = page["history"].as_array().expect("history").iter().map(|record| record["action"].as_str().expect("a word")).collect();
    assert!(actions.contains(&"level.set") && actions.iter().filter(|action| action.starts_with("standing.")).count() >= 3, "{actions:?}");
    let nobody = format!("/businesses/acc_{:032x}/measures", 7);
    assert_eq!(bo.post(&world, &nobody, &json!({"kind": "warning", "reason": "x"})).await.problem(), (409, "conflict".into()));
}

/// R46: the platform's own account announces.
#[tokio::test]
async fn r46_announcements_are_sent_and_listed() {
    let (world, _) = World::with_shop(808).await;
    let (ada, fe) = (Desk::open(&world, "Ada", Role::Admin).await, Desk::open(&world, "Fe", Role::Finance).await);
    for (body, status) in [
        (json!({"audience": "all", "title": "New prices", "body": "From December on."}), 201),
        (json!({"audience": "PH", "title": "Holiday", "body": "The office is closed."}), 201),
        (json!({"audience": "confirmed", "title": "Thanks", "body": "For everything."}), 201),
        (json!({"audience": "everybody", "title": "x", "body": "y"}), 422),
        (json!({"audience": "all", "title": " ", "body": "y"}), 422),
    ] {
        assert_eq!(ada.post(&world, "/announcements", &body).await.status.as_u16(), status, "{body}");
    }
    let listed = fe.get(&world, "/announcements").await.expect(200);
    let titles: Vec<_> = listed["data"].as_array().expect("a list").iter().map(|one| one["title"].clone()).collect();
    assert_eq!(titles, ["Thanks", "Holiday", "New prices"]);
}

/// R100, R102: a rate card is imported whole or not at all, and every wrong place is named.
#[tokio::test]
async fn r100_a_rate_card_is_imported_whole_or_not_at_all() {
    let (world, shop) = World::with_shop(809).await;
    let fe = Desk::open(&world, "Fe", Role::Finance).await;
    let before = fe.get(&world, "/rate-cards").await.expect(200);
    assert_eq!((before["data"].as_array().map(Vec::len), &before["data"][0]["in_force"]), (Some(1), &json!(true)));
    let earliest = before["earliest"].as_i64().expect("a time");
    let import = |rates: &str, at: i64| json!({"rates": rates, "tiers": "", "effective_at": at});
    let header = "Market,Currency,Marketing,Utility,Authentication\n";
    let wrong = format!("{header}Philippines,USD,cheap,0.01,0.01\nOther,USD,0.07,-1,0.01\n");
    let refused = fe.post(&world, "/rate-cards", &import(&wrong, earliest)).await;
    assert_eq!(refused.problem(), (422, "rate_card".into()));
    let places = refused.json()["errors"].clone();
    let rows: Vec<_> = places.as_array().expect("places").iter().map(|place| (place["row"].clone(), place["column"].clone())).collect();
    assert!(rows.contains(&(json!(2), json!("Marketing"))) && rows.contains(&(json!(3), json!("Utility"))), "{places}");
    assert_eq!(fe.get(&world, "/rate-cards").await.expect(200)["data"], before["data"], "nothing is kept");
    let page = fe.get(&world, &format!("/businesses/{}", shop.id)).await.expect(200);
    assert_eq!((&page["ledger"]["month"], &page["ledger"]["lines"]), (&json!("2026-01"), &json!([])));
    let bo = Desk::open(&world, "Bo", Role::Reviewer).await;
    assert_eq!(bo.get(&world, &format!("/businesses/{}", shop.id)).await.expect(200)["ledger"], Value::Null);
}

/// R44, R84: what was approved is disabled or recategorised by a person; programs hear of both.
#[tokio::test]
async fn r84_an_approved_template_is_recategorised_with_notice_and_disabled() {
    let (world, shop) = World::with_shop(809).await;
    let fields = "message_template_status_update,template_category_update";
    let subscribe = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": VERIFY_TOKEN, "fields": fields});
    shop.graph(&world, Method::POST, &format!("/v23.0/{}/subscriptions", shop.app_id), Some(&subscribe)).await.expect(200);
    let template =
        json!({"name": "ready", "language": "en_US", "category": "UTILITY", "components": [{"type": "BODY", "text": "Your order is ready."}]});
    let made = shop.graph(&world, Method::POST, &format!("/v23.0/{}/message_templates", shop.waba_id), Some(&template)).await.expect(200);
    let id = made["id"].as_str().expect("an id").to_owned();
    let (ada, bo) = (Desk::open(&world, "Ada", Role::Admin).await, Desk::open(&world, "Bo", Role::Finance).await);
    let path = format!("/businesses/{}/templates/{id}", shop.id);
    let recategorise = json!({"category": "MARKETING", "reason": "It advertises."});
    assert_eq!(bo.post(&world, &format!("{path}/recategorise"), &recategorise).await.problem().0, 403);
    let told = ada.post(&world, &format!("{path}/recategorise"), &recategorise).await.expect(200);
    assert_eq!(told["changes_at"].as_i64().map(|at| at - world.env.now().millis()), Some(24 * 3_600_000));
    let taken = |field: &'static str| {
        let (receiver, callback) = (world.receiver.clone(), shop.callback.clone());
        move || {
            let bodies = receiver.taken(&callback).into_iter().map(|one| one.json()["entry"][0]["changes"][0].clone());
            bodies.into_iter().find(|change| change["field"] == field && change["value"]["event"] != "APPROVED").map(|change| change["value"].clone())
        }
    };
    let ahead = world.receiver.wait_for(Pace::Slow, "the announcement", taken("template_category_update")).await;
    assert_eq!((&ahead["new_category"], &ahead["correct_category"]), (&json!("UTILITY"), &json!("MARKETING")));
    assert_eq!(ahead["category_update_timestamp"].as_i64(), told["changes_at"].as_i64().map(|at| at / 1000));
    let node = shop.graph(&world, Method::GET, &format!("/v23.0/{id}?fields=correct_category,category"), None).await.expect(200);
    assert_eq!((&node["category"], &node["correct_category"]), (&json!("UTILITY"), &json!("MARKETING")));
    assert_eq!(ada.post(&world, &format!("{path}/disable"), &json!({"reason": "It deceives."})).await.status, 204);
    let disabled = world.receiver.wait_for(Pace::Slow, "the end", taken("message_template_status_update")).await;
    assert_eq!((&disabled["event"], &disabled["other_info"]["description"]), (&json!("DISABLED"), &json!("It deceives.")));
    assert_eq!(ada.post(&world, &format!("{path}/disable"), &json!({"reason": "Again."})).await.problem(), (409, "conflict".into()));
    assert_eq!(ada.post(&world, &format!("{path}/disable"), &json!({"reason": " "})).await.problem().0, 422);
    let nowhere = format!("/businesses/{}/templates/12345/disable", shop.id);
    assert_eq!(ada.post(&world, &nowhere, &json!({"reason": "It deceives."})).await.problem().0, 404);
    let records: Vec<Value> = ada.get(&world, "/audit").await.expect(200)["data"].as_array().expect("records").clone();
    let actions: Vec<&str> = records.iter().filter_map(|record| record["action"].as_str()).collect();
    assert!(actions.contains(&"template.disabled") && actions.contains(&"template.category_announced"), "{actions:?}");
}
