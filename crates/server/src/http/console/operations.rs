//! Every operation of the console: whose work it is, and what it takes and answers. Its router and the OpenAPI document are made of this. The types are
//! those of the console's own client.
use super::{
    super::route::{Route, delete, get, post},
    actions, announcements, audit, businesses, cases, documents, operators, policy, rate_cards, session,
};
use axum::Extension;
use suki_network::console::operators::Duty;

/// An operation of the console: how it is called, and what kind of work it is; none is open to whoever has no session.
pub struct Operation {
    /// The work.
    pub duty: Option<Duty>,
    /// What it takes and answers, and what does it.
    pub route: Route,
}

/// The duty travels with the request, so that nobody is let in where it was forgotten.
fn work(duty: Duty, route: Route) -> Operation {
    Operation { duty: Some(duty), route: route.wrapped(|handler| handler.layer(Extension(duty))) }
}

/// Every operation there is.
pub fn operations() -> Vec<Operation> {
    [people(), queue(), business(), platform()].into_iter().flatten().collect()
}

fn people() -> Vec<Operation> {
    let sign_in = post("console.session.sign_in", "/sign-in", session::sign_in)
        .says("Sign in", "With the secret of a one-time link; the answer sets the cookie.")
        .takes("{ token: string }")
        .gives(200, "Me")
        .refuses(&[401])
        .open();
    let sign_out = post("console.session.sign_out", "/sign-out", session::sign_out)
        .says("Sign out", "The session ends, and the cookie with it.")
        .takes("{}")
        .gives_nothing(204)
        .open();
    let me = get("console.session.me", "/me", session::me).says("Read who is signed in", "And what he may do.").gives(200, "Me");
    let list =
        get("console.operators.list", "/operators", operators::list).says("List colleagues", "All of them.").gives(200, "{ data: Operator[] }");
    let add = post("console.operators.add", "/operators", operators::add)
        .says("Add a colleague", "With the link by which he signs in.")
        .takes("{ name: string; role: Role }")
        .gives(201, "{ operator: Operator; sign_in_link: string }")
        .refuses(&[409]);
    let link = post("console.operators.sign_in_link", "/operators/{id}/sign-in-link", operators::sign_in_link)
        .says("Make a sign-in link", "It works once, within a day.")
        .takes("{}")
        .gives(200, "{ sign_in_link: string }");
    let remove = delete("console.operators.remove", "/operators/{id}", operators::remove)
        .says("Remove a colleague", "Never the last admin; his sessions end at once.")
        .gives_nothing(204)
        .refuses(&[409]);
    vec![
        Operation { duty: None, route: sign_in },
        Operation { duty: None, route: sign_out },
        work(Duty::Look, me),
        work(Duty::Look, list),
        work(Duty::Team, add),
        work(Duty::Team, link),
        work(Duty::Team, remove),
    ]
}

fn queue() -> Vec<Operation> {
    let queues = get("console.cases.queues", "/queues", cases::queues)
        .says("Count what waits", "By kind of case.")
        .gives(200, "{ data: QueueCount[]; now: number }");
    let list = get("console.cases.list", "/cases", cases::list)
        .says("List cases", "Open ones the oldest first, all others the newest first.")
        .query("state?: CaseState; kind?: CaseKind; cursor?: string; limit?: integer")
        .gives(200, "{ data: NamedCase[]; next: string | null }");
    let one =
        get("console.cases.get", "/cases/{id}", cases::get).says("Read a case", "With all that somebody needs who decides it.").gives(200, "Case");
    let claim = post("console.cases.claim", "/cases/{id}/claim", cases::claim)
        .says("Claim a case", "It is kept for this operator for a while.")
        .takes("{}")
        .gives(200, "Case")
        .refuses(&[409]);
    let release = post("console.cases.release", "/cases/{id}/release", cases::release)
        .says("Release a case", "Others may take it again.")
        .takes("{}")
        .gives_nothing(204)
        .refuses(&[409]);
    let decide = post("console.cases.decide", "/cases/{id}/decide", cases::decide)
        .says("Decide a case", "The reason is shown to the business; code is one of the policy's.")
        .takes("{ approve: boolean; reason: string; code?: string | null }")
        .gives(200, "Case")
        .refuses(&[409]);
    [queues, list, one, claim, release, decide].into_iter().map(|route| work(Duty::Decide, route)).collect()
}

fn business() -> Vec<Operation> {
    let list = get("console.businesses.list", "/businesses", businesses::list)
        .says("List businesses", "The newest first; q looks into names, links and ids.")
        .query("q?: string; cursor?: string")
        .gives(200, "{ data: Card[]; next: string | null }");
    let one = get("console.businesses.get", "/businesses/{id}", businesses::get)
        .says("Read a business", "How it stands, what it owes, what was decided.")
        .gives(200, "Business");
    let measure = post("console.businesses.measure", "/businesses/{id}/measures", actions::measure)
        .says("Take a measure", "A warning, a restriction of something for a while, or a ban.")
        .takes("Measure")
        .gives_nothing(204)
        .refuses(&[409]);
    let lift = post("console.businesses.lift", "/businesses/{id}/measures/{number}/lift", actions::lift)
        .says("Lift a measure", "The number is the id in the standing's history.")
        .takes("{ reason: string }")
        .gives_nothing(204)
        .refuses(&[409]);
    let level = post("console.businesses.level", "/businesses/{id}/level", actions::level)
        .says("Set a business's level", "With the reason.")
        .takes("{ level: Trust; reason: string }")
        .gives_nothing(204)
        .refuses(&[409]);
    let disable = post("console.templates.disable", "/businesses/{id}/templates/{template}/disable", actions::disable_template)
        .says("Disable a template", "One that is approved or paused; the business may appeal.")
        .takes("{ reason: string }")
        .gives_nothing(204)
        .refuses(&[409]);
    let recategorise = post("console.templates.recategorise", "/businesses/{id}/templates/{template}/recategorise", actions::recategorise_template)
        .says("Put a template into another category", "It counts after the policy's notice; the business is told at once.")
        .takes("{ category: \"MARKETING\" | \"UTILITY\"; reason: string }")
        .gives(200, "{ changes_at: number }")
        .refuses(&[409]);
    let document = get("console.businesses.document", "/businesses/{id}/documents/{number}", documents::get)
        .says("Fetch a document", "That a business has shown; always to be downloaded.")
        .gives_bytes(200, "*/*");
    vec![
        work(Duty::Look, list),
        work(Duty::Look, one),
        work(Duty::Sanction, measure),
        work(Duty::Sanction, lift),
        work(Duty::Sanction, level),
        work(Duty::Sanction, disable),
        work(Duty::Sanction, recategorise),
        work(Duty::Decide, document),
    ]
}

fn platform() -> Vec<Operation> {
    let cards = get("console.rate_cards.list", "/rate-cards", rate_cards::list).says("List rate cards", "The newest first.").gives(200, "RateCards");
    let import = post("console.rate_cards.import", "/rate-cards", rate_cards::post)
        .says("Import a rate card", "The texts of its files; where something is wrong nothing is kept, and errors says where.")
        .takes("{ rates: string; tiers: string; effective_at: number }")
        .gives_nothing(204)
        .refuses(&[409]);
    let told = get("console.announcements.list", "/announcements", announcements::list)
        .says("List announcements", "The newest first.")
        .query("before?: integer")
        .gives(200, "{ data: Announcement[]; next: number | null }");
    let tell = post("console.announcements.send", "/announcements", announcements::post)
        .says("Announce something", "To all, a level, or a country's two letters.")
        .takes("NewAnnouncement")
        .gives(201, "{ id: number }")
        .refuses(&[409, 429]);
    let record = get("console.audit.list", "/audit", audit::list)
        .says("Read the record", "Of every change, the newest first.")
        .query("business?: string; before?: integer")
        .gives(200, "{ data: AuditRecord[]; next: number | null }");
    let verify = get("console.audit.verify", "/audit/verify", audit::verify)
        .says("Verify the record", "Against a head that was written down earlier, where both of it are given.")
        .query("seq?: integer; hash?: string")
        .gives(200, "Verified");
    let policy =
        get("console.policy.get", "/policy", policy::get).says("Read the rules in force", "Each figure with what it means.").gives(200, "Policy");
    vec![
        work(Duty::Money, cards),
        work(Duty::Money, import),
        work(Duty::Look, told),
        work(Duty::Announce, tell),
        work(Duty::Look, record),
        work(Duty::Look, verify),
        work(Duty::Look, policy),
    ]
}
