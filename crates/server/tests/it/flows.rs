//! Flows from their making to the form on the customer's device (Cloud API, sections 3a, 3b and 3d).
use axum::http::Method;
use serde_json::{Value, json};
use suki_client::{Message, What};
use suki_protocol::pb::{self, content::Body, interactive::Action};
use suki_testkit::{Answer, Customer, Pace, Shop, World};

/// A flow of two screens.
pub fn cake() -> Value {
    json!({
        "version": "7.1",
        "screens": [
            {"id": "CAKE", "title": "Your cake", "data": {}, "layout": {"type": "SingleColumnLayout", "children": [
                {"type": "TextInput", "name": "name", "label": "Name on the cake", "required": true},
                {"type": "Footer", "label": "Next", "on-click-action": {"name": "navigate", "next": {"type": "screen", "name": "WORDS"},
                    "payload": {"name": "${form.name}"}}},
            ]}},
            {"id": "WORDS", "title": "A last word", "terminal": true, "data": {"name": {"type": "string", "__example__": "Ana"}},
             "layout": {"type": "SingleColumnLayout", "children": [
                {"type": "TextBody", "text": "`'For ' ${data.name}`"},
                {"type": "Footer", "label": "Send", "on-click-action": {"name": "complete", "payload": {"name": "${data.name}"}}},
            ]}},
        ],
    })
}

pub async fn post(world: &World, shop: &Shop, path: &str, body: &Value) -> Answer {
    shop.graph(world, Method::POST, &format!("/v23.0/{path}"), Some(body)).await
}

async fn get(world: &World, shop: &Shop, path: &str) -> Value {
    shop.graph(world, Method::GET, &format!("/v23.0/{path}"), None).await.expect(200)
}

/// Makes a flow and gives its id.
pub async fn make(world: &World, shop: &Shop, name: &str, flow: &Value, publish: bool) -> String {
    let body = json!({"name": name, "categories": ["OTHER"], "flow_json": flow.to_string(), "publish": publish});
    let made = post(world, shop, &format!("{}/flows", shop.waba_id), &body).await.expect(200);
    assert_eq!((&made["success"], &made["validation_errors"]), (&json!(true), &json!([])), "{made}");
    made["id"].as_str().expect("an id").to_owned()
}

/// The file of a flow as programs send it.
async fn upload(world: &World, shop: &Shop, flow: &str, text: &str) -> Answer {
    let body = format!(
        "--X\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nflow.json\r\n--X\r\nContent-Disposition: form-data; name=\"asset_type\"\r\n\r\n\
         FLOW_JSON\r\n--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"flow.json\"\r\nContent-Type: application/json\r\n\r\n{text}\r\n--X--\r\n"
    );
    let call = world.call(Method::POST, &format!("/v23.0/{flow}/assets")).bearer(&shop.token);
    call.bytes("multipart/form-data; boundary=X", body.into_bytes()).send().await
}

/// A message that opens a flow.
pub fn opens(to: &str, parameters: &Value) -> Value {
    let mut all = json!({"flow_message_version": "3", "flow_cta": "Order a cake", "flow_token": "cake-7"});
    for (name, value) in parameters.as_object().into_iter().flatten() {
        all[name] = value.clone();
    }
    json!({"messaging_product": "whatsapp", "to": to, "type": "interactive", "interactive": {"type": "flow", "body": {"text": "A cake?"},
        "action": {"name": "flow", "parameters": all}}})
}

/// The form that a message opens.
pub fn form(message: &Message) -> pb::FlowCall {
    let What::Rich(rich) = &message.what else { panic!("{message:?} is plain") };
    let Some(Body::Interactive(pb::Interactive { action: Some(Action::Flow(call)), .. })) = rich.body() else { panic!("no form: {message:?}") };
    call
}

#[tokio::test]
async fn a_flow_lives_from_draft_to_its_end() {
    let (world, shop) = World::with_shop(1401).await;
    let id = make(&world, &shop, "Cake", &cake(), false).await;
    let node = get(&world, &shop, &id).await;
    assert_eq!(node, json!({"id": id, "name": "Cake", "status": "DRAFT", "categories": ["OTHER"], "validation_errors": []}));
    let all = "?fields=json_version,updated_at,preview.invalidate(false),whatsapp_business_account,application{id},health_status{can_send_message}";
    let node = get(&world, &shop, &format!("{id}{all}")).await;
    assert_eq!((&node["json_version"], &node["whatsapp_business_account"]["id"]), (&json!("7.1"), &json!(shop.waba_id)));
    assert_eq!((&node["application"], &node["health_status"]), (&json!({"id": shop.app_id}), &json!({"can_send_message": "LIMITED"})));

    // A draft changes; two of one name are not there.
    let wrong = upload(&world, &shop, &id, "{\n  \"version\": \"7.1\",\n  \"screen\": []\n}").await.expect(200);
    let first = &wrong["validation_errors"][0];
    assert_eq!(
        (&wrong["success"], &first["error"], &first["line_start"], &first["column_start"]),
        (&json!(true), &json!("MISSING_REQUIRED_PROPERTY"), &json!(1), &json!(1))
    );
    assert_eq!((&wrong["validation_errors"][1]["error"], &wrong["validation_errors"][1]["line_start"]), (&json!("INVALID_PROPERTY"), &json!(3)));
    assert_eq!(post(&world, &shop, &format!("{id}/publish"), &json!({})).await.graph_error().1, 139_002);
    assert_eq!(upload(&world, &shop, &id, &cake().to_string()).await.expect(200)["validation_errors"], json!([]));
    let other = make(&world, &shop, "Pie", &cake(), false).await;
    assert_eq!(post(&world, &shop, &other, &json!({"name": "Cake"})).await.graph_error(), (400, 100, 4_016_019));
    post(&world, &shop, &other, &json!({"name": "Pies", "categories": ["SURVEY"], "endpoint_uri": "https://pie.example"})).await.expect(200);
    assert_eq!(get(&world, &shop, &format!("{other}?fields=endpoint_uri,categories")).await["categories"], json!(["SURVEY"]));
    shop.graph(&world, Method::DELETE, &format!("/{other}"), None).await.expect(200);
    assert_eq!(shop.graph(&world, Method::GET, &format!("/{other}"), None).await.graph_error(), (400, 100, 33));

    // What was published stays, and is deprecated once.
    assert_eq!(post(&world, &shop, &format!("{id}/deprecate"), &json!({})).await.graph_error().1, 139_003);
    post(&world, &shop, &format!("{id}/publish"), &json!({})).await.expect(200);
    assert_eq!(upload(&world, &shop, &id, &cake().to_string()).await.graph_error().1, 139_001);
    assert_eq!(post(&world, &shop, &id, &json!({"name": "Cakes"})).await.graph_error().1, 139_001);
    assert_eq!(post(&world, &shop, &format!("{id}/publish"), &json!({})).await.graph_error().1, 139_002);
    assert_eq!(shop.graph(&world, Method::DELETE, &format!("/{id}"), None).await.graph_error().1, 139_004);
    // The newest is listed first.
    world.advance(1);
    let copy = json!({"name": "Cake again", "clone_flow_id": id});
    let copy = post(&world, &shop, &format!("{}/flows", shop.waba_id), &copy).await.expect(200);
    post(&world, &shop, &format!("{id}/deprecate"), &json!({})).await.expect(200);
    let list = get(&world, &shop, &format!("{}/flows?fields=name,status", shop.waba_id)).await;
    assert_eq!(
        list["data"],
        json!([{"id": copy["id"], "name": "Cake again", "status": "DRAFT"}, {"id": id, "name": "Cake", "status": "DEPRECATED"}])
    );
    let migrated = json!({"source_waba_id": shop.waba_id, "source_flow_names": ["Cake", "Bread"]});
    let migrated = post(&world, &shop, &format!("{}/migrate_flows", shop.waba_id), &migrated).await.expect(200);
    assert_eq!((&migrated["migrated_flows"], &migrated["failed_flows"][1]["error_code"]), (&json!([]), &json!("4233041")));
}

#[tokio::test]
async fn programs_hear_where_a_flow_stands() {
    let (world, shop) = World::with_shop(1402).await;
    let fields = json!({"object": "whatsapp_business_account", "callback_url": shop.callback, "verify_token": "verify-me", "fields": "flows"});
    post(&world, &shop, &format!("{}/subscriptions", shop.app_id), &fields).await.expect(200);
    let id = make(&world, &shop, "Cake", &cake(), true).await;
    let heard = world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let value = heard[0].change();
    assert_eq!((&value["event"], &value["flow_id"]), (&json!("FLOW_STATUS_CHANGE"), &json!(id)));
    assert_eq!((&value["old_status"], &value["new_status"]), (&json!("DRAFT"), &json!("PUBLISHED")));
}

#[tokio::test]
async fn a_preview_and_a_file_are_seen_by_who_has_the_address() {
    let (world, shop) = World::with_shop(1403).await;
    let id = make(&world, &shop, "Cake <b>", &cake(), false).await;
    let path = |url: &Value| url.as_str().expect("an address").split_once("/flow/").map(|(_, rest)| format!("/flow/{rest}")).expect("of a flow");
    let preview = get(&world, &shop, &format!("{id}?fields=preview.invalidate(true)")).await;
    let first = path(&preview["preview"]["preview_url"]);
    let page = world.call(Method::GET, &first).send().await;
    let html = String::from_utf8(page.body.clone()).expect("text");
    assert!(page.status == 200 && html.contains("Name on the cake") && html.contains("Cake &lt;b&gt;") && !html.contains("<script"), "{html}");
    let assets = get(&world, &shop, &format!("{id}/assets")).await;
    let file = world.call(Method::GET, &path(&assets["data"][0]["download_url"])).send().await;
    assert_eq!((file.status.as_u16(), file.json()), (200, cake()));
    // A new address ends the former one, and each ends by itself.
    let again = get(&world, &shop, &format!("{id}?fields=preview.invalidate(true)")).await;
    let second = path(&again["preview"]["preview_url"]);
    assert_ne!(first, second);
    for (path, status) in [(&first, 404), (&second, 200), (&second.replace("preview?", "flow.json?"), 404), (&format!("{second}0"), 404)] {
        assert_eq!(world.call(Method::GET, path).send().await.status, status, "{path}");
    }
    world.advance(31 * 86_400_000);
    assert_eq!(world.call(Method::GET, &second).send().await.status, 404);
}

async fn in_conversation(seed: u64) -> (World, Shop, Customer) {
    let (world, shop) = World::with_shop(seed).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("May cake pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    (world, shop, ana)
}

#[tokio::test]
async fn a_form_opens_on_the_device_and_its_answer_reaches_the_program() {
    let (world, shop, mut ana) = in_conversation(1404).await;
    let id = make(&world, &shop, "Cake", &cake(), true).await;
    for named in [json!({"flow_id": id}), json!({"flow_name": "Cake"})] {
        shop.messages(&world, &opens(&ana.phone, &named)).await.expect(200);
        let heard = ana.hears().await;
        let call = form(&heard);
        assert_eq!((call.flow_id.as_str(), call.token.as_str(), call.screen.as_str(), call.draft), (id.as_str(), "cake-7", "CAKE", false));
        assert_eq!(serde_json::from_str::<Value>(&call.json).expect("JSON"), cake());
        let filled = ana.client.fill_in(ana.chat, heard.id, "{\"flow_token\":\"cake-7\",\"name\":\"Ben\"}").await.expect("it goes");
        let told = world.receiver.wait_for(Pace::Slow, "the answer", || {
            let id = suki_cloud_api::wamid::encode(filled);
            world.receiver.taken(&shop.callback).into_iter().find(|one| one.change()["messages"][0]["id"] == id)
        });
        let message = told.await.change()["messages"][0].clone();
        assert_eq!((&message["interactive"]["type"], &message["interactive"]["nfm_reply"]["name"]), (&json!("nfm_reply"), &json!("flow")));
        let response = message["interactive"]["nfm_reply"]["response_json"].as_str().expect("text");
        assert_eq!(serde_json::from_str::<Value>(response).expect("JSON"), json!({"flow_token": "cake-7", "name": "Ben"}));
    }
}

#[tokio::test]
async fn a_large_flow_travels_as_a_file() {
    let (world, shop, mut ana) = in_conversation(1405).await;
    let mut large = cake();
    large["screens"][0]["layout"]["children"][0]["helper-text"] = "On top".into();
    let picture = json!({"type": "Image", "src": "A".repeat(60_000)});
    large["screens"][0]["layout"]["children"].as_array_mut().expect("children").insert(0, picture);
    let id = make(&world, &shop, "Cake", &large, true).await;
    for _ in 0..2 {
        shop.messages(&world, &opens(&ana.phone, &json!({"flow_id": id}))).await.expect(200);
        let call = form(&ana.hears().await);
        assert_eq!(call.json, "");
        let file = ana.client.fetch_file(&*world.carrier(), &call.definition.expect("a file")).await.expect("it is fetched");
        assert_eq!(serde_json::from_slice::<Value>(&file).expect("JSON"), large);
    }
    assert_eq!(world.count("SELECT count(*) FROM media").await, 1);
}

#[tokio::test]
async fn what_cannot_be_sent_is_refused_and_a_draft_goes_to_testers() {
    let (world, shop, mut ana) = in_conversation(1406).await;
    let draft = make(&world, &shop, "Draft", &cake(), false).await;
    let empty = post(&world, &shop, &format!("{}/flows", shop.waba_id), &json!({"name": "Empty", "categories": ["OTHER"]})).await.expect(200);
    let live = make(&world, &shop, "Live", &cake(), true).await;
    let old = make(&world, &shop, "Old", &cake(), true).await;
    post(&world, &shop, &format!("{old}/deprecate"), &json!({})).await.expect(200);
    for (parameters, says) in [
        (json!({"flow_id": draft}), "is a draft"),
        (json!({"flow_id": empty["id"], "mode": "draft"}), "has mistakes, or is missing"),
        (json!({"flow_id": old}), "deprecated"),
        (json!({"flow_name": "Bread"}), "no flow of this name"),
        (json!({"flow_id": live, "flow_action": "data_exchange"}), "no server"),
        (json!({"flow_id": live, "flow_action_payload": {"screen": "PIE"}}), "it has CAKE, WORDS"),
    ] {
        let refused = shop.messages(&world, &opens(&ana.phone, &parameters)).await;
        assert_eq!(refused.graph_error().1, 131_009, "{}", refused.json());
        let details = refused.json()["error"]["error_data"]["details"].as_str().expect("details").to_owned();
        assert!(details.contains(says), "{details}");
    }
    shop.messages(&world, &opens(&ana.phone, &json!({"flow_id": draft, "mode": "draft"}))).await.expect(200);
    assert!(form(&ana.hears().await).draft);
    assert_eq!(world.count("SELECT count(*) FROM flow_tester").await, 1);
}

#[tokio::test]
async fn a_templates_button_opens_the_form_that_it_names() {
    let (world, shop, mut ana) = in_conversation(1407).await;
    let id = make(&world, &shop, "Cake", &cake(), true).await;
    let button = json!({"type": "FLOW", "text": "Order", "flow_id": id, "flow_action": "navigate", "navigate_screen": "CAKE"});
    let template = json!({"name": "cake_form", "language": "en_US", "category": "UTILITY",
        "components": [{"type": "BODY", "text": "Tell us about your cake."}, {"type": "BUTTONS", "buttons": [button]}]});
    post(&world, &shop, &format!("{}/message_templates", shop.waba_id), &template).await.expect(200);
    let action = json!({"type": "action", "action": {"flow_token": "cake-8", "flow_action_data": {"name": "Ana"}}});
    let components = json!([{"type": "button", "sub_type": "flow", "index": "0", "parameters": [action]}]);
    for (given, token, data) in [(components, "cake-8", json!({"name": "Ana"})), (json!([]), "unused", Value::Null)] {
        let template = json!({"name": "cake_form", "language": {"code": "en_US"}, "components": given});
        let ask = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "template", "template": template});
        shop.messages(&world, &ask).await.expect(200);
        let heard = ana.hears().await;
        let What::Template(shown) = &heard.what else { panic!("{heard:?}") };
        let form: Value = serde_json::from_str(&shown.buttons[0].value).expect("JSON");
        assert_eq!((&form["flow_id"], &form["flow_token"], &form["data"]), (&json!(id), &json!(token), &data));
        assert_eq!((&form["screen"], &form["flow_json"]), (&json!("CAKE"), &cake()));
    }
    post(&world, &shop, &format!("{id}/deprecate"), &json!({})).await.expect(200);
    let template = json!({"name": "cake_form", "language": {"code": "en_US"}});
    let ask = json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "template", "template": template});
    assert_eq!(shop.messages(&world, &ask).await.graph_error().1, 131_009);
}
