//! Several requests in one (section 2.1, row 16).
use axum::http::Method;
use serde_json::{Value, json};
use suki_testkit::{Answer, Customer, Pace, Shop, World};

async fn send(world: &World, token: Option<&str>, batch: &Value, more: &str) -> Answer {
    let boundary = "--X\r\nContent-Disposition: form-data; name=";
    let body = format!("{boundary}\"batch\"\r\n\r\n{batch}\r\n{more}--X--\r\n");
    let path = if more.is_empty() { "/v23.0/" } else { "/" };
    let call = world.call(Method::POST, path).bytes("multipart/form-data; boundary=X", body.into_bytes());
    match token {
        Some(token) => call.bearer(token).send().await,
        None => call.send().await,
    }
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().expect("a text")).expect("JSON")
}

#[tokio::test]
async fn requests_are_done_in_order_and_each_has_its_answer() {
    let (world, shop) = World::with_shop(841).await;
    let ana = Customer::named(&world, &shop, "Ana").await;
    ana.says("hello").await;
    world.receiver.wait(Pace::Slow, &shop.callback, 1).await;
    let text = format!("messaging_product=whatsapp&to={}&type=text&text=%7B%22body%22%3A%22hi%22%7D", ana.phone);
    let batch = json!([
        {"method": "GET", "relative_url": shop.phone_number_id},
        {"method": "POST", "relative_url": format!("v20.0/{}/messages", shop.phone_number_id), "body": text},
        {"method": "GET", "relative_url": "123456789012345"},
        {"method": "GET", "relative_url": format!("{}/messages", shop.phone_number_id)},
        {"method": "POST", "relative_url": "", "body": ""},
    ]);
    assert_eq!(send(&world, Some(&shop.token), &batch, "").await.graph_error(), (400, 100, 0), "a request without an address is none");
    let batch = Value::Array(batch.as_array().expect("a list")[..4].to_vec());
    let answers = send(&world, Some(&shop.token), &batch, "").await.expect(200);
    let codes: Vec<&Value> = answers.as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, [200, 200, 400, 400]);
    assert_eq!(body(&answers[0])["id"], shop.phone_number_id.as_str());
    assert_eq!(body(&answers[1])["messages"][0]["message_status"], "accepted");
    assert_eq!(body(&answers[2])["error"]["error_subcode"], 33);
    assert!(answers[0]["headers"].as_array().expect("headers").iter().any(|one| one["name"] == "content-type"));
    let bare = "--X\r\nContent-Disposition: form-data; name=\"include_headers\"\r\n\r\nfalse\r\n";
    let answers = send(&world, Some(&shop.token), &batch, bare).await.expect(200);
    assert!(answers[0].get("headers").is_none());
}

#[tokio::test]
async fn what_one_answers_is_filled_into_the_next() {
    let (world, shop) = World::with_shop(842).await;
    let batch = json!([
        {"relative_url": shop.waba_id, "name": "account"},
        {"relative_url": "{result=account:$.id}/subscribed_apps"},
        {"relative_url": "1", "name": "nothing"},
        {"relative_url": shop.app_id, "depends_on": "nothing"},
        {"relative_url": shop.app_id, "name": "shown", "omit_response_on_success": false},
        {"relative_url": "?id={result=shown:$.id}"},
    ]);
    let answers = send(&world, Some(&shop.token), &batch, "").await.expect(200);
    assert_eq!(answers[0], Value::Null, "its answer was made use of");
    assert_eq!(body(&answers[1])["data"][0]["whatsapp_business_api_data"]["id"], shop.app_id.as_str());
    assert_eq!(answers[2]["code"], 400);
    assert_eq!(answers[3], Value::Null, "what it waits for failed");
    assert_eq!(body(&answers[4])["id"], shop.app_id.as_str());
    assert_eq!(body(&answers[5])["error"]["code"], 100, "a batch within a batch");
}

#[tokio::test]
async fn each_is_authorized_by_its_own_token() {
    let (world, shop) = World::with_shop(843).await;
    let other = Shop::open(&world, "tinapay").await;
    let batch = json!([
        {"relative_url": shop.waba_id},
        {"relative_url": format!("{}?access_token={}", other.waba_id, other.token)},
        {"relative_url": other.waba_id},
    ]);
    let answers = send(&world, Some(&shop.token), &batch, "").await.expect(200);
    let codes: Vec<&Value> = answers.as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, [200, 200, 400]);
    let answers = send(&world, None, &batch, "").await.expect(200);
    let codes: Vec<&Value> = answers.as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, [401, 200, 401]);
    assert_eq!(send(&world, Some(&shop.token), &json!([]), "").await.graph_error(), (400, 100, 0));
    let many = Value::Array(vec![json!({"relative_url": shop.waba_id}); 51]);
    assert_eq!(send(&world, Some(&shop.token), &many, "").await.graph_error(), (400, 100, 0));
}

/// `attached_files`: a file travels in the batch's own form.
#[tokio::test]
async fn a_file_travels_with_the_request_that_names_it() {
    let (world, shop) = World::with_shop(849).await;
    let batch = json!([
        {"method": "POST", "relative_url": format!("{}/media", shop.phone_number_id), "name": "upload", "omit_response_on_success": false,
         "body": "messaging_product=whatsapp&type=text%2Fplain", "attached_files": "menu"},
        {"relative_url": "{result=upload:$.id}"},
        {"method": "POST", "relative_url": format!("{}/media", shop.phone_number_id), "body": "messaging_product=whatsapp", "attached_files": "other"},
    ]);
    let file = "--X\r\nContent-Disposition: form-data; name=\"menu\"; filename=\"menu.txt\"\r\nContent-Type: text/plain\r\n\r\nUbe and mango\r\n";
    let answers = send(&world, Some(&shop.token), &batch, file).await.expect(200);
    let codes: Vec<&Value> = answers.as_array().expect("a list").iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, [200, 200, 400], "{answers}");
    let media = body(&answers[1]);
    assert_eq!((&media["file_size"], &media["mime_type"]), (&json!(13), &json!("text/plain")));
    assert!(body(&answers[2])["error"]["error_data"]["details"].as_str().is_some_and(|text| text.contains("does not have")));
}
