//! The Cloud API's error codes, with the HTTP status each is answered with and its title.

macro_rules! codes {
    ($($name:ident $code:literal $status:literal $title:literal;)*) => {
        /// An error code of the Cloud API.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the title of each says what it is")]
        pub enum Code { $($name,)* }

        impl Code {
            /// All of them, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its number on the wire.
            pub const fn number(self) -> i32 {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status of a response that carries it.
            pub const fn http_status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What it means, in a few words.
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title,)* }
            }

            /// The code with this number.
            pub const fn from_number(number: i32) -> Option<Self> {
                match number { $($code => Some(Self::$name),)* _ => None }
            }
        }
    };
}

codes! {
    // Authorization.
    AuthException 0 401 "AuthException";
    ApiMethod 3 500 "API Method";
    PermissionDenied 10 403 "Permission Denied";
    TokenRequired 104 401 "An access token is required to request this resource";
    InvalidToken 190 401 "Error validating access token";
    ApiPermission 200 403 "API Permission";
    // The platform as a whole.
    Unknown 1 400 "An unknown error occurred";
    ServiceDown 2 503 "Service temporarily unavailable";
    TooManyCalls 4 400 "Application request limit reached";
    NumberDeleted 33 400 "Parameter value is not valid: the business phone number has been deleted";
    InvalidParameter 100 400 "Invalid parameter";
    PolicyViolation 368 403 "Temporarily blocked for policies violations";
    CallbackVerification 2200 400 "Callback verification failed";
    EdgeRateLimit 613 400 "Calls to this API have exceeded the rate limit";
    AccountRateLimit 80007 400 "Rate limit issues";
    // Sending.
    BusinessBlockedUser 130403 400 "The business has blocked this user";
    ThroughputReached 130429 400 "Rate limit hit";
    UserInExperiment 130472 400 "User's number is part of an experiment";
    CountryRestricted 130497 403 "Business account is restricted from messaging users in this country";
    SomethingWentWrong 131000 500 "Something went wrong";
    AccessDenied 131005 403 "Access denied";
    MissingParameter 131008 400 "Required parameter is missing";
    ParameterValueInvalid 131009 400 "Parameter value is not valid";
    ServiceUnavailable 131016 500 "Service unavailable";
    GroupSingleMember 131020 400 "The group has a single member";
    RecipientIsSender 131021 400 "Recipient cannot be sender";
    Undeliverable 131026 400 "Message undeliverable";
    RecipientNotAllowed 131030 400 "Recipient phone number not in allowed list";
    AccountLocked 131031 403 "Business account has been locked";
    DisplayNameNotApproved 131037 400 "Display name approval needed before the number can send messages";
    GroupUnknown 131041 400 "Unknown group";
    PaymentIssue 131042 400 "Business eligibility payment issue";
    CallPaymentIssue 131044 400 "Business eligibility payment issue for calls";
    RegistrationError 131045 500 "Incorrect certificate";
    ReEngagement 131047 400 "Re-engagement message";
    SpamRateLimit 131048 400 "Spam rate limit hit";
    MarketingLimit 131049 400 "This message was not delivered to maintain healthy ecosystem engagement";
    MarketingStopped 131050 400 "User has stopped marketing messages from this business";
    UnsupportedType 131051 400 "Message type is not supported";
    MediaDownload 131052 400 "Media download error";
    MediaUpload 131053 400 "Media upload error";
    MethodNotAllowed 131055 400 "Method not allowed";
    PairRateLimit 131056 400 "(Business Account, Consumer Account) pair rate limit hit";
    MaintenanceMode 131057 500 "Business account is in maintenance mode";
    GroupCursor 131059 400 "Invalid cursor";
    UserIdNotAllowed 131062 400 "This message cannot be sent to a business-scoped user id";
    MarketingDisabled 131063 400 "Marketing messages are disabled on the Cloud API";
    MisclassificationLimit 131064 400 "Messaging limit due to template misclassification";
    // Groups.
    GroupPartialFailure 131201 400 "Group request succeeded in part";
    GroupDuplicate 131202 400 "Duplicate group participant";
    GroupOverLimit 131204 400 "Too many group participants";
    GroupSuspended 131207 400 "The group is suspended";
    GroupRateLimit 131208 400 "Group rate limit hit";
    GroupPictureRatio 131209 400 "The group picture is not square";
    GroupPictureSize 131210 400 "The group picture is smaller than 192 pixels";
    GroupCount 131211 400 "Group limit reached";
    GroupNotMember 131212 400 "Not a member of the group";
    GroupNoJoinRequest 131213 400 "No such join request";
    GroupCreationDisabled 131214 400 "Group creation is disabled";
    GroupNotEligible 131215 400 "Not eligible for groups";
    // Templates.
    TemplateParameterCount 132000 400 "Template parameter count mismatch";
    TemplateMissing 132001 404 "Template does not exist";
    TemplateTooLong 132005 400 "Template hydrated text too long";
    TemplatePolicy 132007 400 "Template format character policy violated";
    TemplateParameterValue 132008 400 "Template parameter value is not valid";
    TemplateParameterFormat 132012 400 "Template parameter format mismatch";
    TemplatePaused 132015 400 "Template is paused";
    TemplateDisabled 132016 400 "Template is disabled";
    TemplateValidation 132018 400 "Template validation failed";
    FlowBlocked 132068 400 "Flow is blocked";
    FlowThrottled 132069 400 "Flow is throttled";
    // Registration of numbers.
    DeregistrationIncomplete 133000 500 "Incomplete deregistration";
    RegistrationServerDown 133004 503 "Server temporarily unavailable";
    PinMismatch 133005 400 "Two-step verification PIN mismatch";
    NumberNotVerified 133006 400 "Phone number re-verification needed";
    PinTooManyGuesses 133008 400 "Too many two-step verification PIN guesses";
    PinGuessedTooFast 133009 400 "Two-step verification PIN guessed too fast";
    NumberNotRegistered 133010 400 "Phone number not registered";
    NumberRecentlyDeleted 133015 400 "Please wait a few minutes before registering this phone number";
    RegistrationLimit 133016 400 "Registration and deregistration limit reached";
    // Payments and marketing messages.
    PaymentTermsPending 134011 400 "Payments terms of service have not been accepted";
    OnlyMarketing 134100 400 "Only marketing templates are allowed";
    TemplateSyncing 134101 400 "The template is being synchronised";
    MarketingUnavailable 134102 500 "The template is unavailable for marketing messages";
    GenericUser 135000 400 "Generic user error";
    IdentityKeyMismatch 137000 400 "Identity key hash mismatch";
    // Calls.
    CallingNotEnabled 138000 400 "Calling is not enabled";
    CallUncallable 138001 400 "The recipient cannot be called";
    CallConcurrency 138002 400 "Concurrent call limit reached";
    CallDuplicate 138003 400 "Duplicate call";
    CallConnect 138004 400 "Call connection error";
    CallRateLimit 138005 400 "Call rate limit reached";
    CallNoPermission 138006 400 "No permission to call";
    CallTimeout 138007 400 "Call connection timed out";
    CallPermissionRequests 138009 400 "Call permission request limit reached";
    CallDailyLimit 138012 400 "Daily call limit reached";
    CallPermissionRate 138013 400 "Call permission rate limit reached";
    CallingCannotEnable 138018 400 "Calling cannot be enabled";
    // Flows.
    FlowIntegrity 139000 400 "Blocked by integrity";
    FlowCannotUpdate 139001 400 "The flow cannot be updated";
    FlowCannotPublish 139002 400 "The flow cannot be published";
    FlowCannotDeprecate 139003 400 "The flow cannot be deprecated";
    FlowCannotDelete 139004 400 "The flow cannot be deleted";
    // Blocking users.
    BlockPartialFailure 139100 400 "Some users could not be blocked or unblocked";
    BlockListFull 139101 400 "Block list limit reached";
    BlockConcurrent 139102 400 "The block list was changed at the same time";
    BlockInternal 139103 400 "Internal error while blocking users";
    // Usernames.
    UsernameUnavailable 147001 400 "Username unavailable";
    UsernameNotEligible 147002 400 "Not eligible for a username";
    UsernameOnFacebook 147003 400 "The username belongs to a Facebook page";
    UsernameOnInstagram 147004 400 "The username belongs to an Instagram account";
    UsernameTransfer 147005 400 "The username must be transferred";
    // Template management and what is rarer.
    InsightsNotEnabled 200005 400 "Template insights are not enabled";
    InsightsUnavailable 200006 400 "Template insights are not available";
    InsightsCannotDisable 200007 400 "Template insights cannot be disabled";
    MigrationNotPossible 2388012 400 "Phone number migration is not possible";
    TemplateCount 2388019 400 "Template limit reached";
    TemplateStatusLocked 2388039 400 "The template cannot be edited in this status";
    TemplateCharacterLimit 2388040 400 "A template field is over its character limit";
    TemplateHeaderFormat 2388047 400 "Template header format is not valid";
    TemplateBodyFormat 2388072 400 "Template body format is not valid";
    TemplateFooterFormat 2388073 400 "Template footer format is not valid";
    MigrationVerification 2388091 400 "The migrated number must be verified";
    MigrationPin 2388093 400 "Two-step verification must be disabled before migration";
    MigrationLimit 2388103 400 "Phone number migration failed";
    TemplateVariables 2388293 400 "The template has too many variables for its length";
    TemplateVariablePlace 2388299 400 "A template variable may not stand at the start or end";
    MigrationAccount 2494100 400 "The number is in maintenance mode during migration";
    SyncNotEligible 2593107 400 "Synchronisation request limit reached";
    SyncWindow 2593108 400 "Synchronisation is no longer possible";
}

/// When a program learns of a code (section 3d).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// In the answer to its request.
    Answer,
    /// Afterwards, by a status `failed`: the request itself was right.
    Status,
    /// In the answer where it is known by then, and by a status otherwise.
    Either,
    /// With a customer's message.
    Inbound,
}

impl Code {
    /// When a program learns of it.
    pub const fn moment(self) -> Moment {
        match self {
            Self::BusinessBlockedUser
            | Self::UserInExperiment
            | Self::PaymentIssue
            | Self::CallPaymentIssue
            | Self::ReEngagement
            | Self::SpamRateLimit
            | Self::MarketingLimit
            | Self::MarketingStopped
            | Self::IdentityKeyMismatch => Moment::Status,
            // Who was never a customer has no chat that a status could belong to; a file's kind is known at once, what lies behind a link is not.
            Self::Undeliverable
            | Self::MediaUpload
            | Self::CountryRestricted
            | Self::SomethingWentWrong
            | Self::ParameterValueInvalid
            | Self::AccountLocked
            | Self::PolicyViolation
            | Self::DisplayNameNotApproved
            | Self::RegistrationError
            | Self::TemplateMissing
            | Self::TemplatePaused
            | Self::TemplateDisabled
            | Self::ThroughputReached
            | Self::PairRateLimit => Moment::Either,
            Self::MediaDownload => Moment::Inbound,
            _ => Moment::Answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_are_distinct_and_give_the_code_back() {
        let numbers: HashSet<i32> = Code::ALL.iter().map(|code| code.number()).collect();
        assert_eq!(numbers.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(Code::from_number(code.number()), Some(*code));
            assert!((400..600).contains(&code.http_status()) && !code.title().is_empty(), "{code:?}");
        }
        assert_eq!(Code::from_number(-1), None);
    }
}
