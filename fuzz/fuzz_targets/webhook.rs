#![no_main]
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| suki_fuzz::webhook::run(bytes));
