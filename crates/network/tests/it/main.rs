//! The network, spoken to as devices do: frames through sessions, on a clock that stands until it is moved.
mod admission;
mod blobs;
mod consent;
mod customer_groups;
mod faults;
mod groups;
mod logs;
mod messages;
mod model;
mod money;
mod plans;
mod registration;
mod standing;
mod templates;
mod trust;
mod whole;
mod world;
