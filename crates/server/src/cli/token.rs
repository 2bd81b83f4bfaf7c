//! `suki token`: the access tokens of a business's apps, at the running server. Whoever can read the server's data folder acts as the business's owner,
//! by a session that ends with the command.
use super::{Failure, block_on, business::owner_secret, refused};
use crate::{demo::Coordinates, storage::Storage, world};
use clap::{Args, Subcommand};
use reqwest::{Client, Method, header};
use serde::Deserialize;
use serde_json::{Value, json};
use suki_cloud_api::{ObjectId, permission::Permissions};
use suki_protocol::http::Problem;
use suki_rules::Length;
use suki_types::Timestamp;

/// Make, list and revoke the tokens that programs show.
#[derive(Debug, Args)]
pub struct Token {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    storage: Storage,
    /// Where the server runs; the demo's address when there is one, else http://127.0.0.1:8080
    #[arg(long, env = "SUKI_PUBLIC_URL", global = true)]
    url: Option<String>,
    /// The business, by the name in its link; may be left out when there is one
    #[arg(long, value_name = "NAME", global = true)]
    business: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a token and print it; it is shown this once
    Create(Create),
    /// List the tokens that are good now
    List {
        /// Of this app alone
        #[arg(long)]
        app: Option<ObjectId>,
    },
    /// End a token at once
    Revoke {
        /// What the list shows as its id
        id: String,
    },
}

#[derive(Debug, Args)]
struct Create {
    /// The app it is for; may be left out when there is one
    #[arg(long)]
    app: Option<ObjectId>,
    /// What it is called in lists
    #[arg(long, default_value = "")]
    name: String,
    /// What it is good for, joined by commas; everything when it is not said
    #[arg(long, value_name = "PERMISSIONS", default_value_t = Permissions::ALL.to_string())]
    scopes: String,
    /// After how long it ends, such as 60d; never when it is not said
    #[arg(long, value_name = "LENGTH")]
    ends_in: Option<Length>,
}

impl Token {
    /// Carries out the command.
    ///
    /// # Errors
    /// When there is no such business or app, the server does not run, or it refuses.
    pub fn run(self) -> Result<(), Failure> {
        block_on(async move {
            let inbox = Inbox::open(&self).await?;
            let done = self.perform(&inbox).await;
            inbox.close().await;
            done
        })
    }

    async fn perform(&self, inbox: &Inbox) -> Result<(), Failure> {
        match &self.what {
            What::Create(create) => {
                let app = inbox.app(create.app).await?;
                let permissions: Permissions = create.scopes.parse()?;
                let expires_at = create.ends_in.map(|length| inbox.now.plus_millis(length.millis()));
                let asked = json!({"name": create.name, "permissions": permissions.words(), "expires_at": expires_at});
                let made = inbox.ask(Method::POST, &format!("/apps/{app}/tokens"), Some(&asked)).await?;
                self.show(&made, |made| made["access_token"].as_str().unwrap_or_default().to_owned());
            }
            What::List { app } => {
                let mut all = Vec::new();
                for one in inbox.apps().await?.into_iter().filter(|one| app.is_none_or(|app| app == one.id)) {
                    let page = inbox.ask(Method::GET, &format!("/apps/{}/tokens", one.id), None).await?;
                    all.extend(page["data"].as_array().into_iter().flatten().cloned());
                }
                self.show(&Value::Array(all), |all| all.as_array().into_iter().flatten().map(line).collect::<Vec<_>>().join("\n"));
            }
            What::Revoke { id } => {
                for one in inbox.apps().await? {
                    let page = inbox.ask(Method::GET, &format!("/apps/{}/tokens", one.id), None).await?;
                    if page["data"].as_array().into_iter().flatten().any(|token| token["id"] == id.as_str()) {
                        inbox.ask(Method::DELETE, &format!("/apps/{}/tokens/{id}", one.id), None).await?;
                        return Ok(());
                    }
                }
                return Err("the business has no such token; suki token list shows them".into());
            }
        }
        Ok(())
    }

    #[expect(clippy::print_stdout, reason = "this command's purpose is its output")]
    fn show(&self, value: &Value, line: impl FnOnce(&Value) -> String) {
        let text = if self.json { format!("{value:#}") } else { line(value) };
        if !text.is_empty() {
            println!("{text}");
        }
    }
}

fn line(token: &Value) -> String {
    let end = token["expires_at"].as_i64().map_or_else(|| "does not end".to_owned(), |at| format!("ends {}", Timestamp::from_millis(at).utc()));
    let permissions: Vec<&str> = token["permissions"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let text = |name: &str| token[name].as_str().unwrap_or_default().to_owned();
    format!("{}  app {}  {end}  {}  {}", text("id"), text("app"), permissions.join(","), text("name"))
}

/// An app of the business.
#[derive(Deserialize)]
struct App {
    id: ObjectId,
    #[serde(default)]
    name: String,
}

/// The inbox of the running server, signed in to as the owner.
struct Inbox {
    http: Client,
    base: String,
    session: String,
    now: Timestamp,
}

impl Inbox {
    async fn open(token: &Token) -> Result<Self, Failure> {
        let (data, env) = (&token.storage.data, world::of_folder(&token.storage.data)?);
        let secret = owner_secret(&token.storage, &env, token.business.as_deref()).await?;
        let demo = || Coordinates::load(data).ok().map(|coordinates| coordinates.url().to_owned());
        let url = token.url.clone().or_else(demo).unwrap_or_else(|| "http://127.0.0.1:8080".into());
        let base = format!("{}/inbox/api", url.trim_end_matches('/'));
        let http = Client::new();
        let asked = http.post(format!("{base}/sign-in")).json(&json!({ "token": secret })).send().await;
        let answer = asked.map_err(|error| format!("the server does not answer at {url}: {error}"))?;
        let cookie = answer.headers().get(header::SET_COOKIE).and_then(|cookie| cookie.to_str().ok()?.split(';').next()).map(str::to_owned);
        let session = cookie.filter(|_| answer.status().is_success());
        let session = session.ok_or_else(|| format!("the server at {url} is another one than the one whose data stand in {}", data.display()))?;
        Ok(Self { http, base, session, now: env.now() })
    }

    /// Ends the session; one that stays ends by itself.
    async fn close(&self) {
        let ended = self.ask(Method::POST, "/sign-out", None).await;
        if let Err(error) = ended {
            tracing::debug!(%error, "the session was not ended");
        }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Failure> {
        let mut request = self.http.request(method, format!("{}{path}", self.base)).header(header::COOKIE, &self.session);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        if answer.status().is_success() {
            let text = answer.text().await?;
            return Ok(serde_json::from_str(if text.is_empty() { "null" } else { &text })?);
        }
        let status = answer.status();
        match answer.json::<Problem>().await {
            Ok(problem) => Err(refused(&problem)),
            Err(_) => Err(format!("the server answers with {status}").into()),
        }
    }

    async fn apps(&self) -> Result<Vec<App>, Failure> {
        let mut page = self.ask(Method::GET, "/apps", None).await?;
        Ok(serde_json::from_value(page["data"].take())?)
    }

    /// The app that is meant.
    async fn app(&self, named: Option<ObjectId>) -> Result<ObjectId, Failure> {
        let apps = self.apps().await?;
        match (named, &apps[..]) {
            (Some(named), _) => Ok(named),
            (None, [one]) => Ok(one.id),
            (None, []) => Err("the business has no app; an owner makes one in the business app, under Developers".into()),
            (None, several) => {
                let names: Vec<String> = several.iter().map(|one| format!("{} ({})", one.id, one.name)).collect();
                Err(format!("name one of the apps with --app: {}", names.join(", ")).into())
            }
        }
    }
}
