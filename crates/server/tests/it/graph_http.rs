//! What every answer of the Cloud API has, whatever it is about.
use axum::http::Method;
use serde_json::json;
use suki_testkit::{Answer, Shop, World};

fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn answers_name_their_version_and_refusals_their_trace() {
    let (world, shop) = World::with_shop(821).await;
    for (path, version) in [(format!("/v17.0/{}", shop.phone_number_id), "v17.0"), (format!("/{}", shop.phone_number_id), "v23.0")] {
        let answer = shop.graph(&world, Method::GET, &path, None).await;
        answer.expect(200);
        assert_eq!((header(&answer, "facebook-api-version"), header(&answer, "cache-control")), (version, "private, no-store"));
    }
    let refused = world.call(Method::GET, "/v23.0/1").send().await;
    assert_eq!(refused.json()["error"]["fbtrace_id"], header(&refused, "x-fb-trace-id"));
    let next = world.call(Method::GET, "/v23.0/1").send().await;
    assert_ne!(header(&next, "x-fb-trace-id"), header(&refused, "x-fb-trace-id"));
}

#[tokio::test]
async fn a_browser_may_call_from_any_page_and_head_has_no_body() {
    let (world, shop) = World::with_shop(822).await;
    let path = format!("/v23.0/{}", shop.phone_number_id);
    let preflight =
        world.call(Method::OPTIONS, &path).header("Origin", "https://page.example").header("Access-Control-Request-Headers", "authorization");
    let preflight = preflight.send().await;
    assert_eq!((preflight.status.as_u16(), preflight.body.len()), (204, 0));
    assert_eq!(header(&preflight, "access-control-allow-origin"), "*");
    assert_eq!(header(&preflight, "access-control-allow-headers"), "authorization");
    assert!(header(&preflight, "access-control-allow-methods").contains("DELETE"));
    let answer = shop.graph(&world, Method::GET, &path, None).await;
    assert_eq!(header(&answer, "access-control-allow-origin"), "*");
    assert!(!answer.headers.contains_key("access-control-allow-credentials"), "cookies are never taken");
    let head = shop.graph(&world, Method::HEAD, &path, None).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}

#[tokio::test]
async fn what_there_is_not_is_said_in_the_words_of_the_graph() {
    let (world, shop) = World::with_shop(823).await;
    let (number, account) = (&shop.phone_number_id, &shop.waba_id);
    let empty = json!({});
    for (method, path, refusal) in [
        (Method::PUT, format!("/{number}"), (400, 100, 0)),
        (Method::PATCH, format!("/{number}/messages"), (400, 100, 0)),
        (Method::DELETE, format!("/v23.0/{number}/messages"), (400, 100, 0)),
        (Method::GET, format!("/v23.0/{number}/planets"), (400, 100, 0)),
        (Method::GET, format!("/v23.0/{number}/block_users/7"), (400, 100, 0)),
        (Method::POST, format!("/{account}/messages"), (400, 100, 0)),
        (Method::DELETE, "/oauth/access_token".into(), (400, 100, 0)),
        (Method::GET, "/v23.0/you".into(), (400, 100, 33)),
        (Method::GET, "/v23.0/a/b/c/d".into(), (400, 100, 33)),
    ] {
        let answer = shop.graph(&world, method.clone(), &path, (method == Method::POST).then_some(&empty)).await;
        assert_eq!(answer.graph_error(), refusal, "{method} {path}");
    }
}

/// Section 3e: calls that manage an account are counted by the hour; messages are not.
#[tokio::test]
async fn calls_are_counted_by_the_hour() {
    let world = World::ruled(824, |policy| {
        policy.programs.calls_per_hour = 5;
        policy.programs.active_calls_per_hour = 5;
        policy.programs.app_calls_per_hour = 3;
    })
    .await;
    let shop = Shop::open(&world, "kape").await;
    suki_testkit::wait::until(&world.env, "the rules of the network", || async { shop.business(&world).rules() }).await;
    world.advance(3_600_000);
    let path = format!("/v23.0/{}", shop.waba_id);
    for used in [20, 40, 60, 80, 100] {
        let answer = shop.graph(&world, Method::GET, &path, None).await;
        answer.expect(200);
        let told: serde_json::Value = serde_json::from_str(header(&answer, "x-business-use-case-usage")).expect("JSON");
        assert_eq!(told[&shop.waba_id][0]["call_count"], used);
    }
    let refused = shop.graph(&world, Method::GET, &path, None).await;
    assert_eq!(refused.graph_error(), (400, 80_007, 0));
    let seconds: i64 = header(&refused, "retry-after").parse().expect("seconds");
    assert!((1..=3600).contains(&seconds) && header(&refused, "x-business-use-case-usage").contains("estimated_time_to_regain_access"));
    let text = json!({"messaging_product": "whatsapp", "to": "999000000001", "type": "text", "text": {"body": "hi"}});
    assert_eq!(shop.messages(&world, &text).await.graph_error(), (400, 131_026, 0), "messages are counted otherwise");
    let app = format!("/v23.0/{}", shop.app_id);
    for _ in 0..3 {
        let answer = shop.graph(&world, Method::GET, &app, None).await;
        answer.expect(200);
        assert!(header(&answer, "x-app-usage").contains("call_count"));
    }
    assert_eq!(shop.graph(&world, Method::GET, &app, None).await.graph_error(), (400, 4, 0));
    world.advance(seconds * 1000);
    shop.graph(&world, Method::GET, &path, None).await.expect(200);
}
