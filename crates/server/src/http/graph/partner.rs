//! What partners of Meta do for the businesses they manage, and calls: known, described, and refused, since this platform has neither.
use super::{BodyKind, Call, Described, Handle, On, Operation, Reply, Scope, Verb, schema};
use suki_cloud_api::{ApiError, Code};

/// Why an operation is refused.
enum Why {
    /// There are no calls.
    Calls,
    /// Each business manages itself.
    Partners,
}

impl Why {
    const fn code(&self) -> &'static [Code] {
        match self {
            Self::Calls => &[Code::CallingNotEnabled],
            Self::Partners => &[Code::PermissionDenied],
        }
    }

    const fn description(&self) -> &'static str {
        match self {
            Self::Calls => "Always refused: this platform has messages and no calls, so calling is enabled for no number.",
            Self::Partners => {
                "Always refused: it is for partners of Meta that manage other businesses. On this platform each business runs by itself, or is \
                 managed on its server."
            }
        }
    }

    fn refuse(&self) -> ApiError {
        match self {
            Self::Calls => ApiError::new(Code::CallingNotEnabled, "Calling is not enabled for this number: this platform has messages and no calls"),
            Self::Partners => ApiError::new(
                Code::PermissionDenied,
                "This is for partners that manage other businesses; on this platform each business runs by itself, so no token can be good for it",
            ),
        }
    }
}

macro_rules! refused {
    ($($name:ident $operation:literal $method:ident $on:ident $edge:literal $why:ident $summary:literal;)*) => {
        $(
            #[doc = concat!("`", $operation, "`: refused.")]
            pub const $name: Operation = Operation {
                name: $operation,
                method: Verb::$method,
                on: On::$on,
                edge: $edge,
                scope: Scope::Management,
                body: BodyKind::Params,
                describe: || described(Verb::$method, $summary, &Why::$why),
                handle: Handle::Caller(|_: &Call| Box::pin(async { Err::<Reply, ApiError>(Why::$why.refuse()) })),
            };
        )*

        /// Their names, for who tries all of them.
        pub const NAMES: &[&str] = &[$($operation,)*];
    };
}

fn described(method: Verb, summary: &'static str, why: &Why) -> Described {
    Described {
        summary,
        description: why.description(),
        query: Vec::new(),
        request: (method != Verb::Get).then(|| schema::object(&[], [])),
        response: schema::success(),
        errors: why.code(),
    }
}

refused! {
    CALLS "calls.manage" Post PhoneNumber "calls" Calls "Call a customer, or answer his call";
    CALL_PERMISSIONS "call_permissions.get" Get PhoneNumber "call_permissions" Calls "Read whether a customer may be called";
    MESSAGES_ENCRYPTED "messages_encrypted.send" Post PhoneNumber "messages_encrypted" Partners "Send a message whose payload is encrypted";
    MESSAGE_HISTORY "message_history.list" Get PhoneNumber "message_history" Partners "List what became of messages";
    SMB_APP_DATA "smb_app_data.sync" Post PhoneNumber "smb_app_data" Partners "Have an app's contacts and history sent";
    ASSIGNED_USERS "assigned_users.list" Get Account "assigned_users" Partners "List the users of an account";
    ASSIGN_USER "assigned_users.add" Post Account "assigned_users" Partners "Add a user to an account";
    UNASSIGN_USER "assigned_users.remove" Delete Account "assigned_users" Partners "Remove a user from an account";
    SOLUTIONS "solutions.list" Get Account "solutions" Partners "List the solutions of an account";
    ON_BEHALF_REQUEST "on_behalf_request.get" Get Account "in_progress_onbehalf_request" Partners "Read a request to act for an account";
    OBO_INTENT "obo_mobility_intent.create" Post Account "obo_mobility_intent" Partners "Intend to move an account";
    SET_OBO_INTENT "obo_mobility_intent.set" Post Account "set_obo_mobility_intent" Partners "Set the intent to move an account";
    SOLUTION_INTENT "solution_migration_intent.set" Post Account "set_solution_migration_intent" Partners "Intend to move to another solution";
    SCHEDULES "schedules.list" Get Account "schedules" Partners "List an account's schedules";
    CREATE_SCHEDULE "schedules.create" Post Account "schedules" Partners "Make a schedule for an account";
    ACTIVITIES "activities.list" Get Account "activities" Partners "List what was done to an account";
    SIGNUPS "signups.list" Get Account "signups" Partners "List who signed up over a partner";
    CLIENTS_OF_APP "connected_businesses.list" Get App "connected_client_businesses" Partners "List the businesses connected to an app";
    CREATE_SOLUTION "solution.create" Post App "whatsapp_business_solution" Partners "Make a solution of several partners";
    SOLUTIONS_OF_APP "app_solutions.list" Get App "whatsapp_business_solutions" Partners "List the solutions of an app";
    ADD_NUMBERS "preverified_numbers.add" Post Business "add_phone_numbers" Partners "Add a number to a business's pool";
    PREVERIFIED "preverified_numbers.list" Get Business "preverified_numbers" Partners "List the numbers of a business's pool";
    SHARE_NUMBERS "preverified_numbers.share" Post Business "share_preverified_numbers" Partners "Share numbers with another business";
    ONBOARD_TO_MM "marketing_partners.onboard" Post Business "onboard_partners_to_mm_lite" Partners "Onboard clients to marketing messages";
    CREDITS "credit_lines.list" Get Business "extendedcredits" Partners "List a business's credit lines";
}
