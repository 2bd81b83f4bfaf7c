//! What programs can do with templates beside making and sending them (Cloud API, section 3a): the library, previews, comparison, what is kept for them;
//! and what the platform's people do to them (section 3c, `template_category_update`).
use axum::http::Method;
use serde_json::{Value, json};
use suki_testkit::{Answer, Customer, Pace, Shop, World, wait};

async fn get(world: &World, shop: &Shop, path: &str) -> Answer {
    shop.graph(world, Method::GET, &format!("/v23.0/{path}"), None).await
}

async fn create(world: &World, shop: &Shop, template: &Value) -> Answer {
    shop.graph(world, Method::POST, &format!("/v23.0/{}/message_templates", shop.waba_id), Some(template)).await
}

fn plain(name: &str) -> Value {
    json!({"name": name, "language": "en_US", "category": "UTILITY", "components": [{"type": "BODY", "text": "Your order is ready."}]})
}

/// What a button of this type needs.
fn input(button: &Value) -> Value {
    match button["type"].as_str().unwrap_or_default() {
        "URL" => json!({"type": "URL", "url": {"base_url": "https://kape.example/{{1}}", "url_suffix_example": "https://kape.example/A-7"}}),
        "PHONE_NUMBER" => json!({"type": "PHONE_NUMBER", "phone_number": "+639175550101"}),
        kind => json!({"type": kind}),
    }
}

#[tokio::test]
async fn r87_every_template_of_the_library_is_approved_as_what_it_says_it_is() {
    let (world, shop) = World::with_shop(1320).await;
    let all = get(&world, &shop, "message_template_library?limit=100&summary=total_count").await.expect(200);
    let entries = all["data"].as_array().expect("templates").clone();
    assert!(entries.len() >= 12 && all["summary"]["total_count"] == entries.len(), "{all}");
    for entry in &entries {
        let inputs: Vec<Value> = entry["buttons"].as_array().into_iter().flatten().map(input).collect();
        let mut template = json!({"name": format!("my_{}", entry["name"].as_str().expect("a name")), "language": "en_US",
                                  "category": entry["category"], "library_template_name": entry["name"]});
        if !inputs.is_empty() {
            template["library_template_button_inputs"] = inputs.into();
        }
        let made = create(&world, &shop, &template).await.expect(200);
        assert_eq!((&made["status"], &made["category"]), (&json!("APPROVED"), &entry["category"]), "{entry}");
        let fields = format!("{}?fields=library_template_name,components", made["id"].as_str().expect("an id"));
        let node = get(&world, &shop, &fields).await.expect(200);
        assert_eq!(node["library_template_name"], entry["name"]);
    }
    let some = get(&world, &shop, "message_template_library?topic=PAYMENTS&limit=1&fields=name").await.expect(200);
    let next = some["paging"]["next"].as_str().expect("another page").split_once("/v23.0/").expect("a path").1.to_owned();
    assert!(next.contains("topic=PAYMENTS") && get(&world, &shop, &next).await.expect(200)["data"][0]["name"] != some["data"][0]["name"]);
    let unknown = json!({"name": "x", "language": "en_US", "category": "UTILITY", "library_template_name": "no_such_template"});
    assert_eq!(create(&world, &shop, &unknown).await.graph_error(), (400, 100, 0));
    assert_eq!(get(&world, &shop, "message_template_library?limit=0").await.graph_error(), (400, 100, 0));
}

#[tokio::test]
async fn codes_are_previewed_and_what_programs_say_beside_is_told_again() {
    let (world, shop) = World::with_shop(1321).await;
    let previews = format!("{}/message_template_previews", shop.waba_id);
    let told =
        get(&world, &shop, &format!("{previews}?category=AUTHENTICATION&languages=en_US,fil&code_expiration_minutes=5&button_types=OTP")).await;
    let told = told.expect(200);
    assert_eq!((told["data"].as_array().map(Vec::len), &told["data"][0]["language"]), (Some(2), &json!("en_US")));
    assert_eq!(get(&world, &shop, &format!("{previews}?category=UTILITY")).await.graph_error(), (400, 100, 0));

    let mut template = plain("order_ready");
    template["cta_url_link_tracking_opted_out"] = true.into();
    let made = create(&world, &shop, &template).await.expect(200);
    let id = made["id"].as_str().expect("an id");
    let path = format!("/v23.0/{id}");
    let spec = json!({"creative_features_spec": {"text_extraction_for_headline": {"enroll_status": "OPT_OUT"}}});
    let changed = shop.graph(&world, Method::POST, &path, Some(&json!({"degrees_of_freedom_spec": spec}))).await.expect(200);
    assert_eq!(changed["success"], true);
    let node = get(&world, &shop, &format!("{id}?fields=cta_url_link_tracking_opted_out,degrees_of_freedom_spec,status")).await.expect(200);
    assert_eq!((&node["cta_url_link_tracking_opted_out"], &node["degrees_of_freedom_spec"]), (&json!(true), &spec));
    assert_eq!(node["status"], "APPROVED", "nobody has to look at it again");
    let wrong = json!({"degrees_of_freedom_spec": "all"});
    assert_eq!(shop.graph(&world, Method::POST, &path, Some(&wrong)).await.graph_error(), (400, 100, 0));

    let migrate = format!("/v23.0/{}/migrate_message_templates", shop.waba_id);
    let own = shop.graph(&world, Method::POST, &format!("{migrate}?source_waba_id={}&page_number=0", shop.waba_id), None).await.expect(200);
    assert_eq!((&own["migrated_templates"], &own["failed_templates"][0]["id"]), (&json!([]), &json!(id)));
    let other = Shop::open(&world, "tinapay").await;
    let foreign = json!({"source_waba_id": other.waba_id});
    assert_eq!(shop.graph(&world, Method::POST, &migrate, Some(&foreign)).await.graph_error(), (400, 100, 33));
    for wrong in [json!({}), json!({"source_waba_id": "x"}), json!({"source_waba_id": shop.waba_id, "page_number": -1})] {
        assert_eq!(shop.graph(&world, Method::POST, &migrate, Some(&wrong)).await.graph_error(), (400, 100, 0), "{wrong}");
    }
}

#[tokio::test]
async fn templates_are_compared_by_how_often_they_went_out() {
    let (world, shop) = World::with_shop(1322).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("May kape pa ba?").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let mut ids = Vec::new();
    for name in ["first", "second"] {
        ids.push(create(&world, &shop, &plain(name)).await.expect(200)["id"].as_str().expect("an id").to_owned());
    }
    let send =
        json!({"messaging_product": "whatsapp", "to": ana.phone, "type": "template", "template": {"name": "first", "language": {"code": "en_US"}}});
    shop.messages(&world, &send).await.expect(200);
    let now = world.env.now().seconds();
    let path = format!("{}/compare?template_ids={}&start={}&end={}", ids[0], ids[1], now - 86_400, now + 86_400);
    let told = wait::until(&world.env, "the message is counted", || async {
        let told = get(&world, &shop, &path).await.expect(200);
        (told["data"][1]["number_values"][0]["value"] == 1).then_some(told)
    });
    let told = told.await;
    assert_eq!(told["data"][1]["number_values"], json!([{"key": ids[0], "value": 1}, {"key": ids[1], "value": 0}]));
    assert_eq!((&told["data"][0]["metric"], told["data"][0]["order_by_relative_metric"].as_array().map(Vec::len)), (&json!("BLOCK_RATE"), Some(2)));
    for wrong in [path.replace(&format!("template_ids={}", ids[1]), "template_ids=12345"), format!("{}/compare", ids[0])] {
        assert_eq!(get(&world, &shop, &wrong).await.graph_error(), (400, 100, 0), "{wrong}");
    }
}
