//! `suki console`: the platform's console from outside.
use super::{Failure, block_on};
use crate::{
    demo::Coordinates,
    http::Faces,
    storage::{Plane, Storage},
    world,
};
use clap::{Args, Subcommand, ValueEnum};
use suki_network::console::{Role, session::issue_sign_in};
use suki_types::Env;

/// Manage the platform's console.
#[derive(Debug, Args)]
pub struct Console {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print a link that signs an operator in once, within a day; who is not there yet is added
    SignIn(SignIn),
}

/// What an operator of the platform does.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Work {
    /// Decides cases and looks after businesses
    Reviewer,
    /// Looks after prices and accounts
    Finance,
    /// Everything, and the team
    Admin,
}

impl From<Work> for Role {
    fn from(work: Work) -> Self {
        match work {
            Work::Reviewer => Self::Reviewer,
            Work::Finance => Self::Finance,
            Work::Admin => Self::Admin,
        }
    }
}

#[derive(Debug, Args)]
struct SignIn {
    /// Who signs in
    #[arg(long, default_value = "Admin")]
    name: String,
    /// What he does, when he is new; admin when it is not said
    #[arg(long, value_enum)]
    role: Option<Work>,
    #[command(flatten)]
    storage: Storage,
    /// The address people use; the demo's when there is one, else http://127.0.0.1:8080
    #[arg(long, env = "SUKI_PUBLIC_URL")]
    url: Option<String>,
}

impl Console {
    /// Carries out the command.
    ///
    /// # Errors
    /// When there is no network in the data folder, or the operator cannot be what is asked.
    #[expect(clippy::print_stdout, reason = "this command's purpose is its output")]
    pub fn run(self) -> Result<(), Failure> {
        let Command::SignIn(sign_in) = self.command;
        let demo = || Coordinates::load(&sign_in.storage.data).ok().map(|coordinates| coordinates.network_url().to_owned());
        let url = sign_in.url.clone().or_else(demo).unwrap_or_else(|| "http://127.0.0.1:8080".into());
        let link = block_on(link(&sign_in.storage, &world::of_folder(&sign_in.storage.data)?, &url, &sign_in.name, sign_in.role.map(Role::from)))?;
        println!("{link}");
        Ok(())
    }
}

/// A link that signs the operator of this name in, once.
///
/// # Errors
/// As [`issue_sign_in`]; when there is no network's store in the folder.
pub(crate) async fn link(storage: &Storage, env: &Env, url: &str, name: &str, role: Option<Role>) -> Result<String, Failure> {
    let db = storage.open_known(Plane::Network).await?;
    let secret = issue_sign_in(&db, env, name, role).await?;
    Ok(Faces::new(None, None, url.trim_end_matches('/').to_owned()).console_link(&secret))
}
