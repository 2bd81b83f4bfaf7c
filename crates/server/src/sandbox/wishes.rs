//! What a simulated customer lets the business do: the same calls that a person's device makes.
use super::{Sandbox, SandboxError, customers::refused};
use serde::{Deserialize, Serialize};
use suki_client::Author;
use suki_protocol::calls::{
    relation::{Choice, Relation},
    report::Reason,
};
use suki_types::Phone;

/// How many of the newest messages a report may show: the network takes no more.
const MOST_REPORTED: usize = 10;

/// What is to change; what is not named stays. Several are done in this order.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wishes {
    /// Which of the business's messages he wants (R5, R7).
    pub choice: Option<Choice>,
    /// Whether its marketing is stopped.
    pub stopped: Option<bool>,
    /// Whether it is blocked (R9).
    pub blocked: Option<bool>,
    /// Whether he keeps it among his contacts (R61).
    pub saved: Option<bool>,
    /// The wording he agrees to (R11); "" withdraws his consent.
    pub consent: Option<String>,
    /// The username he takes; "" gives his up.
    pub username: Option<String>,
    /// The number for tests that he takes in the place of his own; the sandbox goes on knowing him by the one that he began with.
    pub number: Option<Phone>,
}

/// A report (R8).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewReport {
    /// Why.
    pub reason: Reason,
    /// How many of the business's newest messages it shows: 0 to 10.
    #[serde(default = "newest")]
    pub messages: usize,
    /// Whether he blocks the business as well.
    #[serde(default)]
    pub block: bool,
}

const fn newest() -> usize {
    1
}

impl Sandbox {
    /// Changes what a customer lets the business do, and gives what holds then.
    ///
    /// # Errors
    /// When there is no such customer, or the network refuses.
    pub async fn wish(&self, phone: &str, wishes: Wishes) -> Result<Relation, SandboxError> {
        let customer = self.customer(phone)?;
        let (client, business) = (&customer.client, customer.kept.business);
        if let Some(choice) = wishes.choice {
            client.set_choice(business, choice).await.map_err(refused)?;
        }
        if let Some(on) = wishes.stopped {
            client.stop(business, on).await.map_err(refused)?;
        }
        if let Some(on) = wishes.blocked {
            client.block(business, on).await.map_err(refused)?;
        }
        if let Some(on) = wishes.saved {
            client.save(business, on).await.map_err(refused)?;
        }
        if let Some(username) = &wishes.username {
            client.set_username(username).await.map_err(refused)?;
        }
        if let Some(number) = &wishes.number {
            client.change_number(number, "").await.map_err(refused)?;
        }
        match wishes.consent.as_deref() {
            Some("") => drop(client.withdraw_consent(business).await.map_err(refused)?),
            Some(wording) => drop(client.grant_consent(business, "sandbox", wording).await.map_err(refused)?),
            None => {}
        }
        client.relation(business).await.map_err(refused)
    }

    /// Lets a customer report the business, with its newest messages and the proof that it sent them.
    ///
    /// # Errors
    /// When there is no such customer, a figure is out of its range, or the network refuses.
    pub async fn report(&self, phone: &str, report: NewReport) -> Result<(), SandboxError> {
        if report.messages > MOST_REPORTED {
            return Err(SandboxError::Invalid(format!("a report shows at most {MOST_REPORTED} messages, not {}", report.messages)));
        }
        let customer = self.customer(phone)?;
        let thread = customer.client.thread(customer.kept.conversation).await.map_err(refused)?;
        let newest = thread.messages.iter().rev().filter(|message| message.author == Author::Business);
        let ids: Vec<_> = newest.take(report.messages).map(|message| message.id).collect();
        customer.client.report(customer.kept.conversation, report.reason, &ids, report.block).await.map_err(refused)
    }
}
