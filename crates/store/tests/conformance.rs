//! Both engines pass the suite.
mod sqlite {
    suki_store::conformance_suite!(suki_store::conformance::Subject::sqlite);
}
mod postgres {
    suki_store::conformance_suite!(suki_store::conformance::Subject::postgres);
}
