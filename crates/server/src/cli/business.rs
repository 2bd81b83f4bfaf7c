//! `suki business`: the businesses of a server. Whoever can read its data folder lets them in, and signs their owners in.
use super::{Failure, block_on, refused};
use crate::{
    demo::Coordinates,
    http::Faces,
    key_file,
    operate::doctor,
    storage::{Plane, Storage},
    world,
};
use clap::{Args, Subcommand};
use reqwest::Client;
use serde_json::{Value, json};
use suki_endpoint::{BusinessRecord, business, operators, vault::Vault};
use suki_network::registration::issue_enrolment;
use suki_protocol::http::Problem;
use suki_store::Db;
use suki_types::Env;

/// Make businesses, list them, and sign their owners in.
#[derive(Debug, Args)]
pub struct Business {
    #[command(subcommand)]
    what: What,
    #[command(flatten)]
    storage: Storage,
    /// Where the server runs, as people reach it; the demo's address when there is one, else http://127.0.0.1:8080
    #[arg(long, env = "SUKI_PUBLIC_URL", global = true)]
    url: Option<String>,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a business at the running server, and print the link that signs its owner in
    Create(Box<Create>),
    /// Print a code with which one business joins this server's network, within a day
    Invite,
    /// List the businesses of this server
    List,
    /// Print a link that signs a business's owner in once, within a day
    SignIn {
        /// The business, by the name in its link; may be left out when there is one
        #[arg(long, value_name = "NAME")]
        business: Option<String>,
    },
}

#[derive(Debug, Args)]
struct Create {
    /// What it is called
    #[arg(long)]
    name: String,
    /// What it says of itself
    #[arg(long, default_value = "")]
    about: String,
    /// The name in its link: 3 to 40 of a to z, 0 to 9 and hyphens
    #[arg(long)]
    slug: String,
    /// The number its customers know, with the country's code; the owner proves it in the inbox
    #[arg(long)]
    phone: String,
    /// The owner's name
    #[arg(long)]
    owner: String,
    /// The owner's e-mail address
    #[arg(long)]
    email: String,
    /// The version of the network's terms that the owner has read and accepts: GET /v1/terms of the network
    #[arg(long, value_name = "VERSION", default_value_t = 0)]
    accept_terms: u32,
    /// The code that the network's operator gave out; made here when the network's data are
    #[arg(long, value_name = "CODE")]
    enrol: Option<String>,
}

impl Business {
    /// Carries out the command.
    ///
    /// # Errors
    /// When there is no such business, the server does not run, or it refuses.
    pub fn run(self) -> Result<(), Failure> {
        block_on(async move {
            let env = world::of_folder(&self.storage.data)?;
            match &self.what {
                What::Create(create) => {
                    let made = self.create(create, &env).await?;
                    let text = |name: &str| made[name].as_str().unwrap_or_default().to_owned();
                    self.show(&made, || {
                        let (owner, customers, number) = (text("sign_in_link"), text("customer_link"), text("phone_number_id"));
                        format!("Its owner signs in once, within a day:  {owner}\nIts customers write to it at:           {customers}\nPrograms know its number as:            {number}")
                    });
                }
                What::Invite => {
                    let code = invite(&self.storage, &env).await?;
                    self.show(&json!({ "enrolment": code }), || code.clone());
                }
                What::List => {
                    let all = business::all(&self.storage.open_known(Plane::Endpoint).await?).await?;
                    let told: Vec<Value> = all.iter().map(told).collect();
                    self.show(&Value::Array(told), || all.iter().map(line).collect::<Vec<_>>().join("\n"));
                }
                What::SignIn { business } => {
                    let secret = owner_secret(&self.storage, &env, business.as_deref()).await?;
                    let link = Faces::new(None, None, self.url()).sign_in_link(&secret);
                    self.show(&json!({ "sign_in_link": link }), || link.clone());
                }
            }
            Ok(())
        })
    }

    fn url(&self) -> String {
        let demo = || Coordinates::load(&self.storage.data).ok().map(|coordinates| coordinates.url().to_owned());
        let url = self.url.clone().or_else(demo).unwrap_or_else(|| "http://127.0.0.1:8080".into());
        url.trim_end_matches('/').to_owned()
    }

    async fn create(&self, create: &Create, env: &Env) -> Result<Value, Failure> {
        let enrolment = match &create.enrol {
            Some(code) => code.clone(),
            None => invite(&self.storage, env).await?,
        };
        let consent = Vault::new(key_of(&self.storage, Plane::Endpoint, env).await?.1, env.clone()).consent(&enrolment);
        let joining = json!({
            "enrolment": enrolment, "consent": consent, "name": create.name, "about": create.about, "slug": create.slug, "phone": create.phone,
            "owner": {"name": create.owner, "email": create.email}, "terms_version": create.accept_terms,
        });
        let url = self.url();
        let asked = Client::new().post(format!("{url}/inbox/api/businesses")).json(&joining).send().await;
        let answer =
            asked.map_err(|error| format!("the server does not answer at {url}: {error}; start it with suki serve, or name it with --url"))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer.json().await?);
        }
        Err(match answer.json::<Problem>().await {
            // What was made of it may be there: the same code leads to it.
            Ok(problem) if status.is_server_error() => format!("{} To go on, the same with --enrol {enrolment}", refused(&problem)).into(),
            Ok(problem) => refused(&problem),
            Err(_) => format!("the server answers with {status}; to go on, the same with --enrol {enrolment}").into(),
        })
    }

    #[expect(clippy::print_stdout, reason = "this command's purpose is its output")]
    fn show(&self, value: &Value, text: impl FnOnce() -> String) {
        let text = if self.json { format!("{value:#}") } else { text() };
        if !text.is_empty() {
            println!("{text}");
        }
    }
}

fn told(business: &BusinessRecord) -> Value {
    json!({
        "id": business.id, "slug": business.slug, "name": business.name, "phone": business.phone.display(),
        "phone_number_id": business.phone_number_id, "waba_id": business.waba_id,
    })
}

fn line(business: &BusinessRecord) -> String {
    format!("{}  {}  {}  phone_number_id {}", business.slug, business.phone.display(), business.name, business.phone_number_id)
}

/// A code with which a business joins the network whose data are here.
async fn invite(storage: &Storage, env: &Env) -> Result<String, Failure> {
    let (db, key) = key_of(storage, Plane::Network, env).await?;
    Ok(issue_enrolment(&db, env, &key).await?)
}

/// The store of a plane and the key it was written with.
async fn key_of(storage: &Storage, plane: Plane, env: &Env) -> Result<(Db, [u8; 32]), Failure> {
    let path = storage.key(plane);
    let (name, shown) = (plane.name(), path.display());
    if !path.exists() {
        let code = if plane == Plane::Network { "; where the network's data are, suki business invite makes a code for --enrol" } else { "" };
        return Err(format!("there is no {shown}: name the {name}'s data with --data, or the folder of its keys with --keys{code}").into());
    }
    let (db, key) = (storage.open_known(plane).await?, key_file::load_or_create(&path, env)?);
    match doctor::is_key_of(&db, plane, key, env).await? {
        true => Ok((db, key)),
        false => Err(format!("{shown} is not the key that the store of the {name} was written with: name the folder of its keys with --keys").into()),
    }
}

/// What signs the owner of a business in, once; of the only one when none is named.
///
/// # Errors
/// When there is no such business, or it has no owner.
pub(super) async fn owner_secret(storage: &Storage, env: &Env, slug: Option<&str>) -> Result<String, Failure> {
    let db = storage.open_known(Plane::Endpoint).await?;
    let mut all = business::all(&db).await?;
    all.retain(|one| slug.is_none_or(|slug| one.slug == slug));
    let [business] = &all[..] else {
        let names: Vec<&str> = all.iter().map(|one| one.slug.as_str()).collect();
        return Err(match names[..] {
            [] => "there is no such business here; suki business create makes one".into(),
            _ => format!("name one of the businesses with --business: {}", names.join(", ")).into(),
        });
    };
    let owner = operators::first_owner(&db, business.id).await?.ok_or("the business has no owner who could sign in")?;
    Ok(operators::issue_sign_in(&db, env, business.id, None, owner).await?)
}
