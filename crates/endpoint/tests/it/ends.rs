//! What an endpoint does ends with it: nobody has to wait for a task, a connection or a file that was forgotten.
use crate::played::{Played, Shop, patiently, shop};
use std::sync::Arc;
use suki_types::Env;
use tokio::runtime::Handle;

#[tokio::test]
async fn an_endpoint_that_nobody_holds_ends_all_that_it_does() {
    let played = Played::new(Env::for_tests(43));
    played.customer();
    let before = Handle::current().metrics().num_alive_tasks();
    let Shop { business, endpoint, folder } = shop(&played).await;
    let held = Arc::downgrade(&business);
    let another = endpoint.clone();
    drop((business, endpoint));
    patiently(&played, "a while", || async { true }).await;
    assert!(held.upgrade().is_some_and(|business| business.tasks() > 0), "one handle is enough");
    drop(another);
    patiently(&played, "the end of its tasks", || async { Handle::current().metrics().num_alive_tasks() <= before }).await;
    patiently(&played, "the business", || async { held.strong_count() == 0 }).await;
    drop(folder);
}
