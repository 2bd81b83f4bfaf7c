//! The fuzzer's targets over made-up inputs and damaged seeds, so that every test run has them; `scripts/fuzz` looks further.
use proptest::prelude::*;

#[path = "../../../fuzz/src/cloud_api_request.rs"]
mod cloud_api_request;
#[path = "../../../fuzz/src/webhook.rs"]
mod webhook;

/// A seed with a few bytes replaced, and cut somewhere.
fn damaged(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (prop::sample::select(seeds), damage, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(mut seed, damage, end, cut)| {
        for (at, byte) in damage {
            let at = at.index(seed.len());
            seed[at] = byte;
        }
        if cut {
            seed.truncate(end.index(seed.len()));
        }
        seed
    })
}

#[test]
fn the_seeds_pass() {
    cloud_api_request::seeds().iter().for_each(|seed| cloud_api_request::run(seed));
    webhook::seeds().iter().for_each(|seed| webhook::run(seed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_requests(bytes in damaged(cloud_api_request::seeds())) {
        cloud_api_request::run(&bytes);
    }

    #[test]
    fn damaged_deliveries(bytes in damaged(webhook::seeds())) {
        webhook::run(&bytes);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        cloud_api_request::run(&bytes);
        webhook::run(&bytes);
    }
}
