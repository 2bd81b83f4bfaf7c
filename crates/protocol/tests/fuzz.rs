//! The fuzzer's target over made-up inputs and damaged seeds, so that every test run has it; `scripts/fuzz` looks further.
use proptest::prelude::*;

#[path = "../../../fuzz/src/envelope.rs"]
mod envelope;

/// A seed with a few bytes replaced, and cut somewhere.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (prop::sample::select(envelope::seeds()), damage, any::<prop::sample::Index>(), any::<bool>()).prop_map(|(mut seed, damage, end, cut)| {
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
    envelope::seeds().iter().for_each(|seed| envelope::run(seed));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn damaged_envelopes(bytes in damaged()) {
        envelope::run(&bytes);
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        envelope::run(&bytes);
    }
}
