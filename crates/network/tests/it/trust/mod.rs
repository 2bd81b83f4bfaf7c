//! Who a business is: terms, names, numbers, verification, search, announcements.
mod announcements;
mod names;
mod search;
mod terms;
mod verification;

use crate::world::{Device, World};
use parking_lot::Mutex;
use std::sync::Arc;
use suki_network::{
    Config,
    console::{Console, Operator, session::issue_sign_in},
    review::{Case, CaseFilter, CaseKind, CaseState, Decision},
    sender,
};
use suki_protocol::{
    calls::trust::{RequestNumberCode, TrustStatus, VerifyNumber},
    http::CodeChannel,
    pb,
};
use suki_types::Phone;

/// A world with a console, whose codes are printed to the test.
pub struct Desk {
    pub world: World,
    pub console: Console,
    pub admin: Operator,
    pub printed: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    pub async fn new(seed: u64) -> Self {
        let printed = Arc::new(Mutex::new(Vec::new()));
        let lines = printed.clone();
        let sender = sender::Console::new(move |line| lines.lock().push(line.to_owned()));
        let world = World::with(seed, Config { code_sender: Some(Arc::new(sender)), ..Config::default() }).await;
        let console = world.network.console();
        let link = issue_sign_in(&world.db, &world.env, "Ada", None).await.expect("a link");
        let (admin, _) = console.sign_in(&link).await.expect("it lets in");
        Self { world, console, admin, printed }
    }

    /// The cases of a kind that wait.
    pub async fn waiting(&self, kind: CaseKind) -> Vec<Case> {
        let filter = CaseFilter { state: CaseState::Open, kind: Some(kind), cursor: None, limit: 50 };
        let page = self.console.cases(&self.admin, filter).await.expect("a page");
        page.into_iter().map(|(case, _)| case).collect()
    }

    /// Decides the one case of a kind that waits.
    pub async fn decide(&self, kind: CaseKind, approve: bool, reason: &str, code: Option<&str>) {
        let cases = self.waiting(kind).await;
        assert_eq!(cases.len(), 1, "{cases:?}");
        let decision = Decision { approve, reason: reason.into(), code: code.map(Into::into) };
        self.console.decide(&self.admin, cases[0].id, decision).await.expect("it is decided");
    }

    /// The last code that was sent.
    pub fn code(&self) -> String {
        let line = self.printed.lock().last().cloned().expect("a code was sent");
        line.split(": ").nth(1).and_then(|text| text.get(..6)).expect("six digits").to_owned()
    }

    /// The business proves a number, by a call to a landline (R38).
    pub async fn prove(&self, shop: &mut Device, phone: &Phone) -> Result<TrustStatus, pb::Refused> {
        shop.call(&RequestNumberCode { phone: phone.clone(), channel: CodeChannel::Voice }).await?;
        assert!(self.printed.lock().last().is_some_and(|line| line.starts_with("call to ")));
        shop.call(&VerifyNumber { phone: phone.clone(), code: self.code() }).await
    }
}

pub fn phone(text: &str) -> Phone {
    text.parse().expect("a number")
}

/// The state of a subject's stage.
pub fn stage(status: &TrustStatus, subject: suki_protocol::calls::trust::Subject) -> &suki_protocol::calls::trust::Stage {
    status.stages.iter().find(|stage| stage.subject == subject).expect("every stage is there")
}
