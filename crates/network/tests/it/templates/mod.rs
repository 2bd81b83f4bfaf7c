//! Templates in the network (R78 to R88, R105, R108): what businesses do with them, what people decide, what customers make of them, their packs.
mod corrections;
mod decisions;
mod life;
mod packs;
mod quality;

use crate::world::{Device, World};
use serde_json::{Value, json};
use suki_network::{
    console::{Console, Operator, session::issue_sign_in},
    review::{Case, CaseFilter, CaseKind, CaseState, Decision},
};
use suki_protocol::{
    calls::templates::{Create, Edit, Get, StatusChanged, Template},
    pb,
    template::{Component, Draft, Reason, Status},
};

pub const HOUR: i64 = 3_600_000;

pub fn parts(components: Value) -> Vec<Component> {
    serde_json::from_value(components).expect("the test's parts are some")
}

/// A template that nobody has to look at.
pub fn draft(name: &str, language: &str, text: &str) -> Draft {
    let values: Vec<&str> = suki_protocol::template::variables(text).iter().map(|_| "example").collect();
    let body = if values.is_empty() {
        json!({"type": "BODY", "text": text})
    } else {
        json!({"type": "BODY", "text": text, "example": {"body_text": [values]}})
    };
    let given = json!({"name": name, "language": language, "category": "UTILITY", "components": [body]});
    serde_json::from_value(given).expect("the test's draft is one")
}

pub const READY: &str = "Hello {{1}}, your order is ready.";

impl Device {
    pub async fn propose(&mut self, draft: Draft) -> Result<Template, pb::Refused> {
        Ok(self.call(&Create { draft, greeting: false }).await?.template)
    }

    pub async fn proposed(&mut self, draft: Draft) -> Template {
        self.propose(draft).await.expect("it is taken")
    }

    /// Another text for a template.
    pub async fn rewrite(&mut self, id: u64, text: &str) -> Result<Template, pb::Refused> {
        let components = Some(draft("any", "en", text).components);
        Ok(self.call(&Edit { id, components, category: None, message_send_ttl_seconds: None }).await?.template)
    }

    pub async fn template(&mut self, id: u64) -> Result<Template, pb::Refused> {
        Ok(self.call(&Get { id }).await?.template)
    }

    /// What it was told of its templates' states and was not asked yet: status, reason, pause.
    pub async fn told(&mut self) -> Vec<(Status, Reason, u32)> {
        let notices: Vec<StatusChanged> = self.notices().await;
        notices.into_iter().map(|notice| (notice.template.status, notice.reason, notice.pause)).collect()
    }
}

/// The people who decide.
pub struct Desk {
    pub console: Console,
    pub ada: Operator,
    pub ben: Operator,
}

impl Desk {
    pub async fn new(world: &World) -> Self {
        let console = world.network.console();
        let link = issue_sign_in(&world.db, &world.env, "Ada", None).await.expect("a link");
        let (ada, _) = console.sign_in(&link).await.expect("it lets in");
        let ben = console.add_operator(&ada, "Ben", suki_network::console::Role::Reviewer).await.expect("he is added");
        Self { console, ada, ben }
    }

    pub async fn waiting(&self) -> Vec<Case> {
        let filter = CaseFilter { state: CaseState::Open, kind: Some(CaseKind::Template), cursor: None, limit: 50 };
        self.console.cases(&self.ada, filter).await.expect("a page").into_iter().map(|(case, _)| case).collect()
    }

    /// Decides the one case that waits.
    pub async fn decide(&self, by: &Operator, approve: bool, code: Option<&str>) {
        let cases = self.waiting().await;
        assert_eq!(cases.len(), 1, "{cases:?}");
        let decision = Decision { approve, reason: "Because of the test.".into(), code: code.map(Into::into) };
        self.console.decide(by, cases[0].id, decision).await.expect("it is decided");
    }
}

/// Under the profile where a person looks at each template.
pub async fn classic(seed: u64) -> World {
    World::under(seed, suki_rules::Policy::shipped("classic").expect("it is shipped")).await
}
