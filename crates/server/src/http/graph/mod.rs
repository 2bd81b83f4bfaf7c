//! The Cloud API: `/{version}/{id}/…` or `/{id}/…`.
//!
//! | module | subject |
//! |---|---|
//! | [`operation`], [`operations`] | what an operation is; the list of all of them, a file each |
//! | [`schema`] | pieces of the operations' descriptions |
//! | [`face`] | what every answer has: headers, CORS, the shape of a refusal |
//! | [`dispatch`] | from a request to its operation: path, parameters, caller, object |
//! | [`body`], [`upload`] | parameters, and bodies that are read as they come |
//! | [`usage`] | how often programs call |
//! | [`errors`] | the endpoint's errors in the Cloud API's words |
pub mod body;
mod dispatch;
pub mod errors;
pub mod face;
pub mod operation;
pub mod operations;
pub mod schema;
pub mod upload;
pub mod usage;

mod access_token;
mod account;
mod analytics;
mod app;
mod attachment;
mod batch;
mod block_users;
mod business;
mod business_compliance_info;
mod catalog;
mod compare;
mod conversational_automation;
mod debug_token;
mod flow;
mod flow_assets;
mod flow_publish;
mod flows;
mod group;
mod group_invite_link;
mod group_join_requests;
mod group_participants;
mod groups;
mod items_batch;
mod marketing_messages;
mod media;
mod message_qrdls;
mod message_shapes;
mod message_template_library;
mod message_template_previews;
mod message_templates;
mod messages;
mod migrate_flows;
mod migrate_message_templates;
mod number;
mod official_business_account;
pub mod partner;
mod phone_number;
mod phone_numbers;
mod product;
mod product_catalogs;
mod products;
mod register;
mod request_code;
mod settings;
mod subscribed_apps;
mod subscriptions;
mod template;
mod trust;
mod unpause;
mod uploads;
mod upsert_message_templates;
mod username;
mod verify_code;
mod whatsapp_business_encryption;
mod whatsapp_business_profile;
mod whatsapp_commerce_settings;

pub use errors::api_error;
pub use operation::{BodyKind, Call, Described, Handle, On, Open, Operation, Parameter, Reply, Scope, Verb};
