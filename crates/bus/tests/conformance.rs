//! Both buses pass the suite.
mod hub {
    suki_bus::conformance_suite!(suki_bus::conformance::Subject::hub);
}
mod nats {
    suki_bus::conformance_suite!(suki_bus::conformance::Subject::nats);
}
