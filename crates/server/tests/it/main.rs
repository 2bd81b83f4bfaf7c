//! The server's faces, spoken to as programs, operators and customers do.
mod bad_input;
mod cloud_api;
mod consent;
mod console;
mod e2e;
mod inbound;
mod inbox;
mod live;
mod media;
mod money;
mod outbound;
mod standing;
mod templates;
mod tenants;
mod trust;
mod webhook_memory;
mod webhooks;
