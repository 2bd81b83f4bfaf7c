use super::*;
use crate::{
    Config, Network,
    console::{Console, ConsoleError, Operator, Role, session::issue_sign_in},
};
use serde_json::json;
use std::sync::Arc;
use suki_store::Db;
use suki_types::Env;
use tempfile::TempDir;

/// A network's console with an admin and whoever else is wanted.
pub(crate) struct Desk {
    pub console: Console,
    pub db: Db,
    pub env: Env,
    pub admin: Operator,
    _folder: TempDir,
}

impl Desk {
    pub async fn new(seed: u64) -> Self {
        let (folder, db) = suki_store::testing::store();
        let env = Env::for_tests(seed);
        let policy = Arc::new(Policy::shipped("meta-2026").expect("it is shipped"));
        let network = Network::open(db.clone(), [7; 32], policy, env.clone(), Config::default()).await.expect("the network opens");
        let console = network.console();
        let link = issue_sign_in(&db, &env, "Ada", None).await.expect("a link");
        let (admin, _) = console.sign_in(&link).await.expect("it lets in");
        Self { console, db, env, admin, _folder: folder }
    }

    async fn opened(&self, kind: CaseKind, business: AccountId, subject: &'static str) -> CaseId {
        let now = self.env.now();
        let unit = move |tx: &mut suki_store::Tx<'_>| open(tx, now, NewCase { kind, business, subject, detail: &json!({"about": subject}) });
        self.db.write(unit).await.expect("it is opened")
    }

    async fn listed(&self, state: CaseState, kind: Option<CaseKind>) -> Vec<CaseId> {
        let (mut all, mut cursor) = (Vec::new(), None);
        loop {
            let page = self.console.cases(&self.admin, CaseFilter { state, kind, cursor, limit: 2 }).await.expect("a page");
            all.extend(page.iter().map(|(case, _)| case.id));
            cursor = page.last().map(|(case, _)| case.id);
            if page.len() < 2 {
                return all;
            }
        }
    }

    async fn colleague(&self, name: &str, role: Role) -> Operator {
        self.console.add_operator(&self.admin, name, role).await.expect("he is added")
    }

    /// As if a decision had been made.
    async fn decided(&self, case: CaseId, by: &Operator) {
        let (by, at) = (by.id, self.env.now());
        let decided = Decided { by, at, reason: "Unreadable".into(), code: None };
        self.db
            .write(move |tx| {
                let mut case = open::find(tx, case)?.expect("it is there");
                decide::store(tx, &mut case, false, decided.clone())
            })
            .await
            .expect("it is stored");
    }
}

fn conflict(result: Result<Case, ConsoleError>) -> String {
    match result {
        Err(ConsoleError::Conflict(text)) => text,
        other => panic!("no conflict: {other:?}"),
    }
}

#[tokio::test]
async fn cases_stand_in_their_queues_by_age_and_page() {
    let desk = Desk::new(901).await;
    let (kape, sari) = (AccountId::new(&desk.env), AccountId::new(&desk.env));
    let mut ids = Vec::new();
    for (kind, business, subject) in [
        (CaseKind::Template, kape, "1"),
        (CaseKind::Name, sari, "Sari"),
        (CaseKind::Template, sari, "2"),
        (CaseKind::Template, kape, "3"),
        (CaseKind::Report, kape, "r"),
    ] {
        ids.push(desk.opened(kind, business, subject).await);
        desk.env.manual_clock().advance(1000);
    }
    assert_eq!(desk.listed(CaseState::Open, None).await, ids);
    assert_eq!(desk.listed(CaseState::Open, Some(CaseKind::Template)).await, [ids[0], ids[2], ids[3]]);
    let counts = desk.console.queues(&desk.admin).await.expect("counts");
    let found: Vec<_> = counts.iter().map(|count| (count.kind, count.open, desk.env.now().since(count.oldest))).collect();
    assert_eq!(found, [(CaseKind::Name, 1, 4000), (CaseKind::Template, 3, 5000), (CaseKind::Report, 1, 1000)]);
    // Opened again while it is open: the same case, in its old place, with what is new.
    assert_eq!(desk.opened(CaseKind::Template, kape, "1").await, ids[0]);
    desk.db.write(move |tx| close_subject(tx, kape, CaseKind::Template, "1")).await.expect("it is closed");
    assert_eq!(desk.listed(CaseState::Open, Some(CaseKind::Template)).await, [ids[2], ids[3]]);
    assert_eq!(desk.listed(CaseState::Withdrawn, None).await, [ids[0]]);
    // Closed and opened again within a millisecond: another case.
    let again = desk.opened(CaseKind::Template, kape, "1").await;
    desk.db.write(move |tx| close(tx, again)).await.expect("it is closed");
    assert_ne!(desk.opened(CaseKind::Template, kape, "1").await, again);
    assert_eq!(desk.console.case(&desk.admin, ids[1]).await.expect("it is there").detail, json!({"about": "Sari"}));
    assert!(matches!(desk.console.case(&desk.admin, CaseId::new(&desk.env)).await, Err(ConsoleError::NotFound(_))));
}

#[tokio::test]
async fn two_operators_do_not_have_one_case() {
    let desk = Desk::new(902).await;
    let bo = desk.colleague("Bo", Role::Reviewer).await;
    let case = desk.opened(CaseKind::Name, AccountId::new(&desk.env), "Kape").await;
    desk.console.claim(&desk.admin, case).await.expect("it is free");
    desk.console.claim(&desk.admin, case).await.expect("it is his");
    assert!(conflict(desk.console.claim(&bo, case).await).starts_with("Ada has this case"));
    // Who does not have it cannot put it back.
    desk.console.release(&bo, case).await.expect("nothing happens");
    conflict(desk.console.claim(&bo, case).await);
    desk.console.release(&desk.admin, case).await.expect("it is put back");
    desk.console.claim(&bo, case).await.expect("it is free");
    let lease = Policy::shipped("meta-2026").expect("it is shipped").review.claim.millis();
    desk.env.manual_clock().advance(lease - 1);
    conflict(desk.console.claim(&desk.admin, case).await);
    desk.env.manual_clock().advance(1);
    desk.console.claim(&desk.admin, case).await.expect("his time has ended");
    // Who is removed has nothing before him.
    desk.env.manual_clock().advance(lease);
    desk.console.claim(&bo, case).await.expect("it is free again");
    desk.console.remove_operator(&desk.admin, bo.id).await.expect("he goes");
    desk.console.claim(&desk.admin, case).await.expect("it is free at once");
}

#[tokio::test]
async fn r44_an_appeal_is_anothers_where_there_is_another() {
    let desk = Desk::new(903).await;
    let business = AccountId::new(&desk.env);
    let first = desk.opened(CaseKind::Verification, business, "request 1").await;
    desk.decided(first, &desk.admin).await;
    conflict(desk.console.claim(&desk.admin, first).await);
    desk.env.manual_clock().advance(1);
    let appeal = desk.opened(CaseKind::Appeal, business, "request 1").await;
    assert_eq!(desk.console.case(&desk.admin, appeal).await.expect("it is there").first, Some(first));
    desk.console.claim(&desk.admin, appeal).await.expect("nobody else is there");
    desk.console.release(&desk.admin, appeal).await.expect("it is put back");
    // Finance does not decide cases, a reviewer does.
    desk.colleague("Fe", Role::Finance).await;
    desk.console.claim(&desk.admin, appeal).await.expect("nobody else decides");
    desk.console.release(&desk.admin, appeal).await.expect("it is put back");
    let bo = desk.colleague("Bo", Role::Reviewer).await;
    assert!(conflict(desk.console.claim(&desk.admin, appeal).await).contains("another operator has to look at it"));
    desk.console.claim(&bo, appeal).await.expect("he did not decide the first");
}

#[tokio::test]
async fn r44_a_decision_needs_a_reason_that_the_policy_knows() {
    let desk = Desk::new(904).await;
    let case = desk.opened(CaseKind::Template, AccountId::new(&desk.env), "1").await;
    let decide = |reason: &str, code: Option<&str>| {
        let decision = Decision { approve: false, reason: reason.into(), code: code.map(str::to_owned) };
        desk.console.decide(&desk.admin, case, decision)
    };
    for (reason, code) in [("", None), (" \n", None), (&"x".repeat(REASON_CHARS + 1), None), ("It sells", Some("NAME_FORMAT_UNACCEPTABLE"))] {
        assert!(matches!(decide(reason, code).await, Err(ConsoleError::Invalid(_))), "{code:?}");
    }
    assert_eq!(desk.console.case(&desk.admin, case).await.expect("it is there").state, CaseState::Open);
    assert_eq!(desk.console.case(&desk.admin, case).await.expect("it is there").claim, None);
}
