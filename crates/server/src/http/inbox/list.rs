//! Every operation of the inbox API, with what it takes and answers: its router and the OpenAPI document are made of this. The types are those of
//! docs/INBOX-API.md.
use super::{
    super::route::{Route, delete, get, post},
    apps, businesses, catalog, chats, consent, live, media, money, operators, say, session, standing, statistics, templates, trust, webhooks,
};
use axum::extract::DefaultBodyLimit;
use suki_types::limits;

/// All of them.
pub fn all() -> Vec<Route> {
    [people(), conversations(), files(), message_templates(), consents(), figures(), standing(), trust(), hooks(), programs(), catalogs()]
        .into_iter()
        .flatten()
        .collect()
}

fn people() -> Vec<Route> {
    vec![
        post("inbox.businesses.join", "/businesses", businesses::join)
            .says("Let a business join", "With the enrolment code that the network's operator gave out; its owner signs in with the link.")
            .takes("JoiningBusiness")
            .gives(201, "JoinedBusiness")
            .refuses(&[403, 409])
            .open(),
        post("inbox.session.sign_in", "/sign-in", session::sign_in)
            .says("Sign in", "With the secret of a one-time link, or with address and password; the answer sets the cookie.")
            .takes("{ token: string } | { email: string; password: string }")
            .gives(200, "Me")
            .refuses(&[401, 429])
            .open(),
        post("inbox.session.sign_out", "/sign-out", session::sign_out)
            .says("Sign out", "The session ends, and the cookie with it.")
            .takes("{}")
            .gives_nothing(204)
            .open(),
        get("inbox.session.me", "/me", session::me).says("Read who is signed in", "The operator and his business.").gives(200, "Me"),
        post("inbox.session.set_password", "/password", session::set_password)
            .says("Set a password", "current is needed when there is one already.")
            .takes("{ password: string; current?: string | null }")
            .gives_nothing(204),
        get("inbox.operators.list", "/operators", operators::list).says("List colleagues", "All of them.").gives(200, "{ data: Operator[] }"),
        post("inbox.operators.add", "/operators", operators::add)
            .says("Add a colleague", "For owners and admins; the policy says how many there may be.")
            .managers()
            .takes("{ name: string; email: string; role: Role }")
            .gives(201, "{ operator: Operator; sign_in_link: string }")
            .refuses(&[409]),
        delete("inbox.operators.remove", "/operators/{id}", operators::remove)
            .says("Remove a colleague", "For owners and admins; never the last owner. His sessions end at once.")
            .managers()
            .gives_nothing(204)
            .refuses(&[409]),
        post("inbox.operators.sign_in_link", "/operators/{id}/sign-in-link", operators::sign_in_link)
            .says("Make a sign-in link", "For owners and admins; it works once.")
            .managers()
            .takes("{}")
            .gives(200, "{ sign_in_link: string }"),
    ]
}

fn conversations() -> Vec<Route> {
    vec![
        get("inbox.chats.list", "/chats", chats::list)
            .says("List chats", "The newest first; q looks into names, usernames and numbers.")
            .query("limit?: integer; before?: string; q?: string")
            .gives(200, "{ data: Chat[]; next: string | null }"),
        get("inbox.chats.get", "/chats/{chat}", chats::get).says("Read a chat", "With how it stands now.").gives(200, "Chat"),
        get("inbox.chats.messages", "/chats/{chat}/messages", chats::messages)
            .says("List a chat's messages", "The oldest first within a page; before is a message's id.")
            .query("limit?: integer; before?: string")
            .gives(200, "{ data: Message[]; more: boolean }"),
        post("inbox.chats.send", "/chats/{chat}/messages", chats::send)
            .says("Send a text", "The app makes the id, so that trying again sends once.")
            .takes("{ id: string; text: string; reply_to?: string | null }")
            .gives(201, "Message")
            .refuses(&[409, 429]),
        post("inbox.chats.read", "/chats/{chat}/read", chats::read)
            .says("Mark a chat as read", "Up to a message.")
            .takes("{ up_to: string }")
            .gives_nothing(204),
        post("inbox.chats.typing", "/chats/{chat}/typing", chats::typing)
            .says("Show that an answer is typed", "To the customer and to colleagues.")
            .takes("{ on: boolean }")
            .gives_nothing(204),
        post("inbox.chats.send_template", "/chats/{chat}/template", templates::send)
            .says("Send a template", "components fill it as the Cloud API takes them.")
            .takes("{ id: string; template: integer; components?: unknown; reader_language?: boolean; reply_to?: string | null }")
            .gives(201, "Message")
            .refuses(&[409, 429]),
        post("inbox.chats.send_media", "/chats/{chat}/media", media::send)
            .says("Send a file", "media is the id of an upload; voice says that a sound was spoken.")
            .takes("{ id: string; media: string; caption?: string; voice?: boolean; reply_to?: string | null }")
            .gives(201, "Message")
            .refuses(&[409, 429]),
        post("inbox.chats.send_place", "/chats/{chat}/location", say::place)
            .says("Send a place", "Where it is, in degrees.")
            .takes("{ id: string; latitude: number; longitude: number; name?: string; address?: string; reply_to?: string | null }")
            .gives(201, "Message")
            .refuses(&[409, 429]),
        post("inbox.chats.react", "/chats/{chat}/reactions", say::react)
            .says("React to a message", "With an emoji, to one of the last 30 days; an empty text takes it back.")
            .takes("{ id: string; message: string; emoji: string }")
            .gives_nothing(204)
            .refuses(&[409, 429]),
        get("inbox.live.open", "/live", live::live)
            .says("Hear what happens", "A WebSocket of Live events, a JSON text message each. Only pages of this server may open it.")
            .gives_nothing(101)
            .refuses(&[400, 426]),
    ]
}

fn files() -> Vec<Route> {
    vec![
        post("inbox.media.upload", "/media", media::upload)
            .says("Upload a file", "The bytes as they are; type is the file's own media type.")
            .query("type: string; name?: string")
            .takes_bytes(&["application/octet-stream"])
            .gives(201, "Upload"),
        get("inbox.media.get", "/media/{id}", media::uploaded).says("Fetch an uploaded file", "For 30 days.").gives_file(),
        get("inbox.media.of_message", "/messages/{message}/files/{place}", media::of_message)
            .says("Fetch a message's file", "Its files are counted from 0. 503 while it comes, 404 when it failed to come.")
            .gives_file(),
    ]
}

fn message_templates() -> Vec<Route> {
    vec![
        get("inbox.templates.list", "/templates", templates::list)
            .says("List templates", "In the order of their ids; q looks into names and texts.")
            .query("q?: string; language?: string; category?: string; status?: string; limit?: integer; after?: integer")
            .gives(200, "{ data: Template[]; next: integer | null; total: integer; allowed: integer }"),
        post("inbox.templates.create", "/templates", templates::create)
            .says("Propose a template", "For owners and admins; the template as the Cloud API takes it.")
            .managers()
            .takes("{ name: string; language: string; category: string; components: object[] }")
            .gives(201, "Template")
            .refuses(&[409]),
        get("inbox.templates.get", "/templates/{id}", templates::get).says("Read a template", "With all that is known of it.").gives(200, "Template"),
        post("inbox.templates.edit", "/templates/{id}", templates::edit)
            .says("Change a template", "For owners and admins; what is absent stays.")
            .managers()
            .takes("{ components?: object[] | null; category?: string | null; message_send_ttl_seconds?: integer | null }")
            .gives(200, "Template")
            .refuses(&[409]),
        delete("inbox.templates.remove", "/templates/{id}", templates::remove)
            .says("Delete a template", "For owners and admins; one language of it.")
            .managers()
            .gives_nothing(204)
            .refuses(&[409]),
        post("inbox.templates.appeal", "/templates/{id}/appeal", templates::appeal)
            .says("Appeal against a decision", "For owners and admins.")
            .managers()
            .takes("{ text: string }")
            .gives(200, "Template")
            .refuses(&[409]),
        post("inbox.templates.unpause", "/templates/{id}/unpause", templates::unpause)
            .says("Take a template out of its pause", "For owners and admins.")
            .managers()
            .gives(200, "Template")
            .refuses(&[409]),
        post("inbox.templates.preview", "/templates/{id}/preview", templates::preview)
            .says("See a template filled in", "As its reader would see it.")
            .takes("{ components?: unknown; reader_language?: boolean }")
            .gives(200, "{ shown: Shown; text: string; characters: { body: integer; text: integer } }"),
    ]
}

fn consents() -> Vec<Route> {
    vec![
        get("inbox.consents.get", "/contacts/{id}/consent", consent::get)
            .says("Read what a customer lets the business do", "With the events that say so.")
            .gives(200, "ConsentState"),
        post("inbox.consents.record", "/contacts/{id}/consent", consent::record)
            .says("Record a consent", "He agreed elsewhere, to these words; now if no time is given.")
            .takes("{ wording: string; given_at?: number | null; how?: string; form?: string; evidence?: string }")
            .gives(200, "ConsentState")
            .refuses(&[409, 429]),
        delete("inbox.consents.revoke", "/contacts/{id}/consent", consent::revoke)
            .says("Record that a consent was taken back", "Marketing ends with it.")
            .query("reason?: string")
            .gives(200, "ConsentState")
            .refuses(&[409, 429]),
        post("inbox.consents.record_phone", "/consents", consent::record_phone)
            .says("Record a consent by a number", "Of somebody who need not be a contact yet.")
            .takes("{ phone: string; wording: string; given_at?: number | null; how?: string; form?: string; evidence?: string }")
            .gives(200, "ConsentState")
            .refuses(&[409, 429]),
        get("inbox.consents.csv", "/consents.csv", consent::csv)
            .says("Export the ledger of consents", "For owners and admins: every event that the business may know.")
            .managers()
            .gives_bytes(200, "text/csv"),
        get("inbox.consents.jsonl", "/consents.jsonl", consent::jsonl)
            .says("Export the ledger of consents as JSON lines", "For owners and admins.")
            .managers()
            .gives_bytes(200, "application/jsonl"),
    ]
}

fn figures() -> Vec<Route> {
    vec![
        get("inbox.money.price", "/price", money::price)
            .says("Ask what a message would cost", "Of a category, to one of chat, phone and country.")
            .query("category: string; chat?: string; phone?: string; country?: string")
            .gives(200, "Quote"),
        get("inbox.money.rate_card", "/rate-card", money::rate_card)
            .says("Read the rate card", "The one that holds, and the next.")
            .gives(200, "RateCard"),
        get("inbox.money.bill", "/bill/{month}", money::bill)
            .says("Read a month's bill", "Of UTC, such as 2026-11; 2026-11.csv and 2026-11.pdf are its statement as a file.")
            .gives(200, "Bill")
            .gives_bytes(200, "text/csv")
            .gives_bytes(200, "application/pdf"),
        get("inbox.statistics.get", "/statistics", statistics::get)
            .says("Read counters", "Times in milliseconds; granularity is half_hour, day, month or total; by names category, template and country.")
            .query("from: integer; to: integer; granularity?: string; by?: string; format?: string")
            .gives(200, "{ points: Point[] }")
            .gives_bytes(200, "text/csv"),
        get("inbox.statistics.team", "/statistics/team", statistics::team)
            .says("Read who sent how much", "And how customers reacted, by days of UTC.")
            .query("from: integer; to: integer")
            .gives(200, "Team"),
    ]
}

fn standing() -> Vec<Route> {
    vec![
        get("inbox.standing.get", "/standing", standing::get).says("Read how the business stands", "With the platform.").gives(200, "Standing"),
        post("inbox.standing.appeal", "/standing/appeals", standing::appeal)
            .says("Appeal against a measure", "For owners and admins; each once, in its time.")
            .managers()
            .takes("{ what: integer; text: string }")
            .gives_nothing(201)
            .refuses(&[409]),
    ]
}

fn trust() -> Vec<Route> {
    vec![
        get("inbox.trust.get", "/trust", trust::status)
            .says("Read what the network has checked", "Name, level, what customers see, every stage.")
            .gives(200, "Trust"),
        post("inbox.trust.withdraw", "/trust/withdraw", trust::withdraw)
            .says("Take a request back", "For the owner.")
            .owners()
            .takes("{ subject: \"name\" | \"number\" | \"verification\" }")
            .gives(200, "Trust")
            .refuses(&[409]),
        post("inbox.trust.appeal", "/trust/appeal", trust::appeal)
            .says("Appeal against a refusal", "For the owner; another person looks at it.")
            .owners()
            .takes("{ subject: \"name\" | \"number\" | \"verification\"; text: string }")
            .gives(200, "Trust")
            .refuses(&[409]),
        get("inbox.trust.terms", "/terms", trust::terms).says("Read the terms", "Those in force, and which were accepted.").gives(200, "Terms"),
        post("inbox.trust.accept_terms", "/terms", trust::accept_terms)
            .says("Accept the terms", "For the owner: the version in force, which he has read.")
            .owners()
            .takes("{ version: integer }")
            .gives(200, "Terms")
            .refuses(&[409]),
        post("inbox.trust.check_name", "/name/check", trust::check_name)
            .says("Try a name", "As it would be stored, with every rule that it breaks.")
            .takes("{ name: string }")
            .gives(200, "{ name: string; breaches: { rule: string; message: string }[]; reviewed: boolean }"),
        post("inbox.trust.request_name", "/name", trust::request_name)
            .says("Ask for a name", "For the owner; the earlier one stays until this one is approved.")
            .owners()
            .takes("{ name: string }")
            .gives(200, "Trust")
            .refuses(&[409, 429]),
        post("inbox.trust.number_code", "/number/code", trust::number_code)
            .says("Have a code sent to a number", "For the owner; a landline takes voice.")
            .owners()
            .takes("{ phone: string; channel: \"sms\" | \"voice\" }")
            .gives(200, "{ expires_in_millis: number }")
            .refuses(&[409, 429]),
        post("inbox.trust.verify_number", "/number", trust::verify_number)
            .says("Prove that a number is the business's", "For the owner: with the code that was sent there.")
            .owners()
            .takes("{ phone: string; code: string }")
            .gives(200, "Trust")
            .refuses(&[409, 429]),
        post("inbox.trust.upload_document", "/documents", trust::upload)
            .wrapped(|handler| handler.layer(DefaultBodyLimit::max(limits::DOCUMENT_BYTES)))
            .says("Upload a document", "For the owner: at most 5 MiB, five documents.")
            .owners()
            .query("name: string")
            .takes_bytes(&["application/pdf", "image/png", "image/jpeg"])
            .gives(201, "Document")
            .refuses(&[409]),
        post("inbox.trust.verify", "/verification", trust::verify)
            .says("Ask to be confirmed", "For the owner.")
            .owners()
            .takes(
                "{ level: \"checked\" | \"confirmed\"; entity: string; legal_name: string; registration_number?: string | null; country: string; \
                 address?: string | null; website?: string | null; email?: string | null; official_phone: string; documents?: integer[] }",
            )
            .gives(200, "Trust")
            .refuses(&[409]),
        get("inbox.trust.announcements", "/announcements", trust::announcements)
            .says("List announcements", "The newest first.")
            .query("limit?: integer; before?: integer")
            .gives(200, "{ data: Announcement[]; more: boolean }"),
    ]
}

fn hooks() -> Vec<Route> {
    const ENDPOINT: &str =
        "{ name: string; url: string; verify_token: string; app?: string | null; secret?: string | null; filter?: object; enabled?: boolean }";
    const CHANGE: &str =
        "{ name?: string; url?: string; verify_token?: string; app?: string | null; secret?: string; filter?: object; enabled?: boolean }";
    const REPLAY: &str = "{ seqs?: integer[]; from_seq?: integer; to_seq?: integer; from?: number; to?: number; of?: string; only_lost?: boolean }";
    const SEARCH: &str = "hook?: string; number?: string; contact?: string; chat?: string; message?: string; field?: string; kind?: string; \
         result?: \"taken\" | \"waiting\" | \"failing\" | \"given_up\" | \"dropped\"; from?: integer; to?: integer; before?: integer; limit?: integer";
    vec![
        get("inbox.webhooks.list", "/webhooks", webhooks::list)
            .says("List who is told of events", "For the owner: apps, and endpoints of his own.")
            .owners()
            .gives(200, "{ data: Webhook[]; fields: string[] }"),
        post("inbox.webhooks.add", "/webhooks", webhooks::add)
            .says("Add an endpoint", "For the owner; the address has to echo a challenge first.")
            .owners()
            .takes(ENDPOINT)
            .gives(201, "Webhook")
            .refuses(&[409, 502]),
        get("inbox.webhooks.log", "/webhooks/log", webhooks::log)
            .says("Search the log of deliveries", "For the owner; the newest first.")
            .owners()
            .query(SEARCH)
            .gives(200, "{ data: Delivery[]; next: number | null }"),
        get("inbox.webhooks.delivery", "/webhooks/log/{seq}", webhooks::delivery)
            .says("Read a delivery", "For the owner: what was sent, and every try.")
            .owners()
            .gives(200, "DeliveryDetail"),
        get("inbox.webhooks.get", "/webhooks/{id}", webhooks::get).says("Read who is told", "For the owner.").owners().gives(200, "Webhook"),
        post("inbox.webhooks.change", "/webhooks/{id}", webhooks::change)
            .says("Change an endpoint", "For the owner: what is absent stays; another address is challenged.")
            .owners()
            .takes(CHANGE)
            .gives(200, "Webhook")
            .refuses(&[409, 502]),
        delete("inbox.webhooks.remove", "/webhooks/{id}", webhooks::remove)
            .says("Remove an endpoint", "For the owner: what waits for it is dropped; the log keeps it.")
            .owners()
            .gives_nothing(204)
            .refuses(&[409]),
        post("inbox.webhooks.test", "/webhooks/{id}/test", webhooks::test)
            .says("Send a sample", "For the owner: of a field, to one receiver.")
            .owners()
            .takes("{ field: string }")
            .gives(202, "{ seq: number }")
            .refuses(&[409]),
        post("inbox.webhooks.replay", "/webhooks/{id}/replay", webhooks::replay)
            .says("Tell again", "For the owner: some deliveries, or a range of them; it goes behind all that waits.")
            .owners()
            .takes(REPLAY)
            .gives(202, "{ queued: number; next: number | null }")
            .refuses(&[409]),
    ]
}

fn programs() -> Vec<Route> {
    vec![
        get("inbox.apps.list", "/apps", apps::list).says("List apps", "For the owner.").owners().gives(200, "{ data: App[] }"),
        post("inbox.apps.add", "/apps", apps::add)
            .says("Make an app", "For the owner; its secret is shown once.")
            .owners()
            .takes("{ name: string }")
            .gives(201, "{ id: string; name: string; secret: string }")
            .refuses(&[409]),
        post("inbox.apps.change", "/apps/{id}", apps::change)
            .says("Change an app", "For the owner: whether requests without appsecret_proof are refused.")
            .owners()
            .takes("{ proof_required: boolean }")
            .gives_nothing(204),
        get("inbox.apps.tokens", "/apps/{id}/tokens", apps::tokens)
            .says("List an app's tokens", "For the owner: those that are good now.")
            .owners()
            .gives(200, "{ data: Token[] }"),
        post("inbox.apps.grant", "/apps/{id}/tokens", apps::grant)
            .says("Make a token", "For the owner; it is shown once.")
            .owners()
            .takes("{ name?: string; permissions: Permission[]; expires_at?: number | null }")
            .gives(201, "{ access_token: string }")
            .refuses(&[409]),
        delete("inbox.apps.revoke", "/apps/{id}/tokens/{token}", apps::revoke)
            .says("Revoke a token", "For the owner; it ends at once.")
            .owners()
            .gives_nothing(204),
        post("inbox.apps.code", "/apps/{id}/codes", apps::code)
            .says("Make a code for an app", "For the owner; the app exchanges it for a token at /oauth/access_token, once.")
            .owners()
            .takes("{ permissions: Permission[]; redirect_uri?: string }")
            .gives(201, "{ code: string; expires_at: number }")
            .refuses(&[409]),
    ]
}

/// What the business sells.
fn catalogs() -> Vec<Route> {
    const NEW: &str = "{ retailer_id: string; name: string; price_1000: integer; currency: string; description?: string | null; \
         sale_price_1000?: integer | null; url?: string | null; availability?: string | null; hidden?: boolean | null; picture?: string | null }";
    const CHANGE: &str = "{ name?: string | null; price_1000?: integer | null; currency?: string | null; description?: string | null; \
         sale_price_1000?: integer | null; url?: string | null; availability?: string | null; hidden?: boolean | null; picture?: string | null }";
    vec![
        get("inbox.catalogs.list", "/catalogs", catalog::list)
            .says("List catalogues", "With whether customers have a cart, and see the catalogue at the shop's name.")
            .gives(200, "{ data: Catalog[]; cart: boolean; visible: boolean }"),
        post("inbox.catalogs.create", "/catalogs", catalog::create)
            .says("Make a catalogue", "For owners and admins; the first one is connected at once.")
            .managers()
            .takes("{ name: string }")
            .gives(201, "Catalog")
            .refuses(&[409]),
        post("inbox.catalogs.set", "/catalogs/settings", catalog::set)
            .says("Say what customers may do", "For owners and admins: have a cart, see the catalogue at the shop's name.")
            .managers()
            .takes("{ cart?: boolean | null; visible?: boolean | null }")
            .gives(200, "{ cart: boolean; visible: boolean }"),
        post("inbox.catalogs.change", "/catalogs/{id}", catalog::change)
            .says("Change a catalogue", "For owners and admins; connecting one disconnects the other.")
            .managers()
            .takes("{ name?: string | null; connected?: boolean | null }")
            .gives(200, "Catalog")
            .refuses(&[409]),
        delete("inbox.catalogs.remove", "/catalogs/{id}", catalog::remove)
            .says("Delete a catalogue", "For owners and admins, with its products; what was sent of them stays.")
            .managers()
            .gives_nothing(204)
            .refuses(&[409]),
        get("inbox.products.list", "/catalogs/{id}/products", catalog::products)
            .says("List products", "In the order in which they came; q looks into names, texts and ids.")
            .query("q?: string; limit?: integer; after?: integer")
            .gives(200, "{ data: Product[]; next: integer | null }"),
        post("inbox.products.add", "/catalogs/{id}/products", catalog::add)
            .says("Add a product", "For owners and admins; picture is the id of an upload that is an image.")
            .managers()
            .takes(NEW)
            .gives(201, "Product")
            .refuses(&[409]),
        get("inbox.products.get", "/products/{id}", catalog::product).says("Read a product", "As it stands now.").gives(200, "Product"),
        post("inbox.products.change", "/products/{id}", catalog::edit)
            .says("Change a product", "For owners and admins; what is absent stays, null takes a lower price or the picture away.")
            .managers()
            .takes(CHANGE)
            .gives(200, "Product")
            .refuses(&[409]),
        delete("inbox.products.remove", "/products/{id}", catalog::take)
            .says("Delete a product", "For owners and admins.")
            .managers()
            .gives_nothing(204)
            .refuses(&[409]),
        get("inbox.products.picture", "/products/{id}/picture", catalog::picture)
            .says("Fetch a product's picture", "503 while it is fetched, 404 without one.")
            .gives_file(),
        post("inbox.chats.send_products", "/chats/{chat}/products", catalog::send)
            .says("Send products", "Of the connected catalogue, at most 30; none sends the catalogue as a whole, which needs text.")
            .takes("{ id: string; products?: string[]; text?: string; reply_to?: string | null }")
            .gives(201, "Message")
            .refuses(&[409, 429]),
    ]
}
