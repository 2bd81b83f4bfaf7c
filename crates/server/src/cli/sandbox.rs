//! `suki sandbox`: moves the clock of a running sandbox and plays its customers, over its HTTP face.
use super::{Failure, block_on};
use crate::{
    http::sandbox::{Page, Said, State},
    sandbox::{Behaviour, Line, NewCustomers, Pointed, Record, View},
};
use clap::{Args, Subcommand};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use std::path::PathBuf;
use suki_client::auto::Auto;
use suki_protocol::http::Problem;
use suki_rules::Length;

/// Move a sandbox's clock and play its customers.
#[derive(Debug, Args)]
pub struct Sandbox {
    /// The running server's data folder: its address and secret are there
    #[arg(long, env = "SUKI_DATA", default_value = "data", global = true)]
    data: PathBuf,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Show the time there, or move it on: `suki sandbox clock 24h`
    Clock {
        /// How far, as a whole number and s, m, h or d
        advance: Option<Length>,
    },
    /// Make customers, each a device with keys of its own
    Add(Add),
    /// List the customers
    List {
        /// Pass over so many
        #[arg(long, default_value_t = 0)]
        skip: usize,
    },
    /// Show a customer's screen
    Show {
        /// His number
        phone: String,
    },
    /// Let a customer say something
    Say {
        /// His number
        phone: String,
        /// What he says; a JSON object with a type says any type of message
        text: String,
    },
    /// Let a customer press a button or choose a row
    Press {
        /// His number
        phone: String,
        /// Which: 1 is the first that stands on the message
        #[arg(default_value_t = 1)]
        choice: usize,
        /// The message; the newest without it
        #[arg(long)]
        message: Option<String>,
    },
    /// Let a customer listen to a message
    Play {
        /// His number
        phone: String,
        /// The message; the newest without it
        #[arg(long)]
        message: Option<String>,
    },
    /// Change what a customer does by himself; without deliver he is offline
    Auto {
        /// His number
        phone: String,
        #[command(flatten)]
        behaviour: BehaviourArgs,
    },
    /// Let a customer block, stop, choose or agree
    Wish(Wish),
    /// Let a customer report the business with its newest messages
    Report {
        /// His number
        phone: String,
        /// spam, abuse, goods or other
        #[arg(long, default_value = "spam")]
        reason: String,
        /// How many of the newest messages it shows
        #[arg(long, default_value_t = 1)]
        messages: usize,
        /// Block it as well
        #[arg(long)]
        block: bool,
    },
    /// Remove a customer
    Remove {
        /// His number
        phone: String,
    },
}

#[derive(Debug, Args)]
struct Add {
    /// The business's name in its link
    #[arg(long, default_value = "aling-nena")]
    to: String,
    /// How many
    #[arg(long, default_value_t = 1)]
    count: usize,
    /// What they are called
    #[arg(long, default_value = "")]
    name: String,
    /// What they say first
    #[arg(long, value_name = "TEXT")]
    say: Vec<String>,
    #[command(flatten)]
    behaviour: BehaviourArgs,
}

#[derive(Debug, Args)]
struct Wish {
    /// His number
    phone: String,
    /// Block the business, or not: true or false
    #[arg(long)]
    blocked: Option<bool>,
    /// Stop its marketing, or not
    #[arg(long)]
    stopped: Option<bool>,
    /// Keep it among the contacts, or not
    #[arg(long)]
    saved: Option<bool>,
    /// all, important, none or default
    #[arg(long)]
    choice: Option<String>,
    /// Agree to be written to in these words; empty withdraws the consent
    #[arg(long, value_name = "WORDING")]
    consent: Option<String>,
    /// Take this username; empty gives his up
    #[arg(long)]
    username: Option<String>,
    /// Take this number for tests in the place of his own; here he stays known by the one that he began with
    #[arg(long)]
    number: Option<String>,
}

impl Wish {
    fn json(&self) -> serde_json::Value {
        let all = [
            ("blocked", self.blocked.map(Into::into)),
            ("stopped", self.stopped.map(Into::into)),
            ("saved", self.saved.map(Into::into)),
            ("choice", self.choice.clone().map(Into::into)),
            ("username", self.username.clone().map(Into::into)),
            ("number", self.number.clone().map(Into::into)),
            ("consent", self.consent.clone().map(Into::into)),
        ];
        all.into_iter()
            .filter_map(|(name, value): (_, Option<serde_json::Value>)| Some((name.to_owned(), value?)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }
}

#[derive(Debug, Args)]
struct BehaviourArgs {
    /// Any of deliver, read, reply:"TEXT", joined by commas
    #[arg(long, value_name = "WHAT", default_value = "deliver")]
    auto: Auto,
    /// How long after a message they read and answer
    #[arg(long)]
    delay: Option<Length>,
    /// The language they read
    #[arg(long, default_value = "")]
    language: String,
}

impl From<BehaviourArgs> for Behaviour {
    fn from(args: BehaviourArgs) -> Self {
        Self { auto: args.auto, delay_millis: args.delay.map_or(0, Length::millis), language: args.language }
    }
}

/// A sandbox that runs.
struct Running {
    http: reqwest::Client,
    base: String,
    token: String,
}

impl Running {
    fn of(data: &std::path::Path) -> Result<Self, Failure> {
        let record = Record::load(data)
            .map_err(|error| format!("{} is no sandbox's data ({error}); start one with: suki serve --sandbox --data {0}", data.display()))?;
        Ok(Self { http: reqwest::Client::new(), base: format!("{}/sandbox/api", record.url), token: record.token })
    }

    async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&impl Serialize>) -> Result<T, Failure> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.map_err(|error| format!("the sandbox does not answer at {}: {error}", self.base))?;
        if answer.status().is_success() {
            let text = answer.text().await?;
            return Ok(serde_json::from_str(if text.is_empty() { "null" } else { &text })?);
        }
        let status = answer.status();
        match answer.json::<Problem>().await {
            Ok(problem) => Err(format!("{} {}", problem.title, problem.detail).into()),
            Err(_) => Err(format!("the sandbox answers with {status}").into()),
        }
    }
}

const NO_BODY: Option<&()> = None;

impl Sandbox {
    /// Asks the running sandbox and prints its answer.
    ///
    /// # Errors
    /// When there is none, or it refuses.
    pub fn run(self) -> Result<(), Failure> {
        let running = Running::of(&self.data)?;
        let json = self.json;
        block_on(async move {
            match self.what {
                What::Clock { advance } => {
                    let state: State = match advance {
                        None => running.ask(Method::GET, "", NO_BODY).await?,
                        Some(length) => running.ask(Method::POST, "/clock", Some(&serde_json::json!({ "advance": length.short() }))).await?,
                    };
                    show(json, &state, || vec![clock_line(&state)])
                }
                What::Add(add) => {
                    let new = NewCustomers { count: add.count, slug: add.to, name: add.name, say: add.say, behaviour: add.behaviour.into() };
                    let page: Page = running.ask(Method::POST, "/customers", Some(&new)).await?;
                    show(json, &page, || page.data.iter().map(customer_line).collect())
                }
                What::List { skip } => {
                    let page: Page = running.ask(Method::GET, &format!("/customers?skip={skip}"), NO_BODY).await?;
                    show(json, &page, || {
                        let mut lines: Vec<String> = page.data.iter().map(customer_line).collect();
                        lines.push(format!("{} of {}", page.data.len(), page.total));
                        lines
                    })
                }
                What::Show { phone } => {
                    let lines: Vec<Line> = running.ask(Method::GET, &format!("/customers/{phone}"), NO_BODY).await?;
                    show(json, &lines, || lines.iter().map(|line| format!("{:>8}  {}", line.from, line.text)).collect())
                }
                What::Say { phone, text } => {
                    let body = spoken(&text);
                    let said: Said = running.ask(Method::POST, &format!("/customers/{phone}/messages"), Some(&body)).await?;
                    show(json, &said, || vec![said.id.to_string()])
                }
                What::Press { phone, choice, message } => {
                    let body = Pointed { message, choice: choice.saturating_sub(1) };
                    let said: Said = running.ask(Method::POST, &format!("/customers/{phone}/presses"), Some(&body)).await?;
                    show(json, &said, || vec![said.id.to_string()])
                }
                What::Play { phone, message } => {
                    let body = Pointed { message, choice: 0 };
                    running.ask::<()>(Method::POST, &format!("/customers/{phone}/plays"), Some(&body)).await
                }
                What::Auto { phone, behaviour } => {
                    let body = Behaviour::from(behaviour);
                    let view: View = running.ask(Method::PATCH, &format!("/customers/{phone}"), Some(&body)).await?;
                    show(json, &view, || vec![customer_line(&view)])
                }
                What::Wish(wish) => {
                    let relation: serde_json::Value =
                        running.ask(Method::POST, &format!("/customers/{}/wishes", wish.phone), Some(&wish.json())).await?;
                    show(json, &relation, || vec!["done".to_owned()])
                }
                What::Report { phone, reason, messages, block } => {
                    let body = serde_json::json!({ "reason": reason, "messages": messages, "block": block });
                    running.ask::<()>(Method::POST, &format!("/customers/{phone}/reports"), Some(&body)).await
                }
                What::Remove { phone } => running.ask::<()>(Method::DELETE, &format!("/customers/{phone}"), NO_BODY).await,
            }
        })
    }
}

/// What a customer is to say: a message of any type as JSON, or words.
fn spoken(text: &str) -> serde_json::Value {
    let message = serde_json::from_str::<serde_json::Value>(text).ok().filter(|json| json.get("type").is_some());
    message.unwrap_or_else(|| serde_json::json!({ "text": text }))
}

#[expect(clippy::print_stdout, reason = "this command's purpose is its output")]
fn show(json: bool, value: &impl Serialize, lines: impl FnOnce() -> Vec<String>) -> Result<(), Failure> {
    if json {
        println!("{}", serde_json::to_string_pretty(value)?);
    } else {
        lines().iter().for_each(|line| println!("{line}"));
    }
    Ok(())
}

fn clock_line(state: &State) -> String {
    let ahead = Length::from_millis(state.ahead_millis / 1000 * 1000);
    match state.ahead_millis {
        0 => format!("{} ms since 1970: with the world", state.now),
        _ => format!("{} ms since 1970: {ahead} ahead of the world", state.now),
    }
}

fn customer_line(view: &View) -> String {
    let online = if view.behaviour.auto.deliver { "online" } else { "offline" };
    format!("+{}  {online:7}  {}", view.phone, view.name)
}
