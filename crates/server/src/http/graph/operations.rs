//! Every operation of the Cloud API that this server has, in the order of their names.
use super::{
    access_token, account, analytics, app, attachment, batch, block_users, business, business_compliance_info, catalog, compare,
    conversational_automation, debug_token, flow, flow_assets, flow_publish, flows, group, group_invite_link, group_join_requests,
    group_participants, groups, items_batch, marketing_messages, media, message_qrdls, message_template_library, message_template_previews,
    message_templates, messages, migrate_flows, migrate_message_templates, official_business_account, operation::Operation, partner, phone_number,
    phone_numbers, product, product_catalogs, products, register, request_code, settings, subscribed_apps, subscriptions, template, unpause, uploads,
    upsert_message_templates, username, verify_code, whatsapp_business_encryption, whatsapp_business_profile, whatsapp_commerce_settings,
};

/// All of them.
pub static ALL: &[Operation] = &[
    access_token::GET,
    access_token::POST,
    account::CHANGE,
    account::GET,
    analytics::CONVERSATIONS,
    analytics::PRICING,
    analytics::TEMPLATES,
    app::GET,
    attachment::OPERATION,
    batch::OPERATION,
    block_users::ADD,
    block_users::LIST,
    block_users::REMOVE,
    business::CLIENTS,
    business::GET,
    business::ME,
    business::MINE,
    business::OWNED,
    business_compliance_info::GET,
    business_compliance_info::SET,
    catalog::CHANGE,
    catalog::DELETE,
    catalog::GET,
    compare::OPERATION,
    conversational_automation::OPERATION,
    debug_token::OPERATION,
    flow::CHANGE,
    flow::DELETE,
    flow::GET,
    flow_assets::GET,
    flow_assets::SET,
    flow_publish::DEPRECATE,
    flow_publish::PUBLISH,
    flows::CREATE,
    flows::LIST,
    group::CHANGE,
    group::DELETE,
    group::GET,
    group_invite_link::GET,
    group_invite_link::REMOVE,
    group_invite_link::RESET,
    group_join_requests::APPROVE,
    group_join_requests::LIST,
    group_join_requests::REJECT,
    group_participants::ADD,
    group_participants::REMOVE,
    groups::CREATE,
    groups::LIST,
    items_batch::BATCH,
    items_batch::ITEMS,
    items_batch::STATUS,
    marketing_messages::OPERATION,
    media::DELETE,
    media::GET,
    media::UPLOAD,
    message_qrdls::CHANGE,
    message_qrdls::DELETE,
    message_qrdls::GET,
    message_qrdls::LIST,
    message_qrdls::SAVE,
    message_template_library::OPERATION,
    message_template_previews::OPERATION,
    message_templates::CREATE,
    message_templates::DELETE,
    message_templates::LIST,
    message_templates::ONE,
    messages::OPERATION,
    migrate_flows::OPERATION,
    migrate_message_templates::OPERATION,
    official_business_account::APPLY,
    official_business_account::GET,
    partner::ACTIVITIES,
    partner::ADD_NUMBERS,
    partner::ASSIGNED_USERS,
    partner::ASSIGN_USER,
    partner::CALLS,
    partner::CALL_PERMISSIONS,
    partner::CLIENTS_OF_APP,
    partner::CREATE_SCHEDULE,
    partner::CREATE_SOLUTION,
    partner::CREDITS,
    partner::MESSAGES_ENCRYPTED,
    partner::MESSAGE_HISTORY,
    partner::OBO_INTENT,
    partner::ONBOARD_TO_MM,
    partner::ON_BEHALF_REQUEST,
    partner::PREVERIFIED,
    partner::SCHEDULES,
    partner::SET_OBO_INTENT,
    partner::SHARE_NUMBERS,
    partner::SIGNUPS,
    partner::SMB_APP_DATA,
    partner::SOLUTIONS,
    partner::SOLUTIONS_OF_APP,
    partner::SOLUTION_INTENT,
    partner::UNASSIGN_USER,
    phone_number::CHANGE,
    phone_number::GET,
    phone_numbers::ADD,
    phone_numbers::LIST,
    product::CHANGE,
    product::DELETE,
    product::GET,
    product_catalogs::CONNECT,
    product_catalogs::CONNECTED,
    product_catalogs::CREATE,
    product_catalogs::DISCONNECT,
    product_catalogs::OWNED,
    products::CREATE,
    products::LIST,
    register::DEREGISTER,
    register::REGISTER,
    request_code::OPERATION,
    settings::CHANGE,
    settings::GET,
    subscribed_apps::LIST,
    subscribed_apps::SUBSCRIBE,
    subscribed_apps::UNSUBSCRIBE,
    subscriptions::LIST,
    subscriptions::SUBSCRIBE,
    subscriptions::UNSUBSCRIBE,
    template::CHANGE,
    template::DELETE,
    template::GET,
    unpause::OPERATION,
    uploads::APPEND,
    uploads::BEGIN,
    uploads::GET,
    upsert_message_templates::OPERATION,
    username::DELETE,
    username::GET,
    username::SET,
    username::SUGGESTIONS,
    verify_code::OPERATION,
    whatsapp_business_encryption::GET,
    whatsapp_business_encryption::SET,
    whatsapp_business_profile::CHANGE,
    whatsapp_business_profile::GET,
    whatsapp_commerce_settings::CHANGE,
    whatsapp_commerce_settings::GET,
];

#[cfg(test)]
mod tests {
    use super::{
        super::operation::{On, Scope},
        *,
    };
    use serde_json::Value;
    use std::collections::HashSet;

    #[test]
    fn no_two_have_the_same_name_or_place() {
        let names: HashSet<_> = ALL.iter().map(|operation| operation.name).collect();
        let places: HashSet<_> = ALL.iter().map(|operation| (operation.method, operation.on, operation.edge)).collect();
        assert_eq!((names.len(), places.len()), (ALL.len(), ALL.len()));
    }

    #[test]
    fn each_says_what_it_does_and_what_it_answers() {
        for operation in ALL {
            let told = (operation.describe)();
            assert!(told.summary.len() > 5 && told.description.ends_with('.'), "{}", operation.name);
            assert!(told.response.is_object() && told.request.as_ref().is_none_or(Value::is_object), "{}", operation.name);
            assert!(told.query.iter().all(|parameter| parameter.schema.is_object() && !parameter.description.is_empty()), "{}", operation.name);
            let path = operation.path();
            let is_named = |name: char| name.is_ascii_lowercase() || matches!(name, '/' | '{' | '}' | '_');
            assert!(path.starts_with('/') && path.chars().all(is_named), "{path}");
            assert!(operation.on == On::Root || operation.scope != Scope::None, "{}: an object's operation needs a scope", operation.name);
        }
    }
}
