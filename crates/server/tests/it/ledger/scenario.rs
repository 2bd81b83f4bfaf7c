//! Scenarios as data: what a program sends, what its customer does meanwhile, and what has to come back. Their files stand in `compat/scenarios`.
use serde::Deserialize;
use serde_json::{Map, Value};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A scenario, with its steps as they are read: it holds when all its steps hold, one after the other.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario<S> {
    /// Its name: where it comes from, what it tries, which case.
    pub id: String,
    /// What is done.
    pub steps: Vec<S>,
    /// Why this platform refuses it on purpose; absent where it has to pass.
    pub not_here: Option<String>,
}

/// One thing that is done or waited for. `${name}` stands for what is known by this name, or made by `fixtures.json`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Step {
    /// The program asks the Cloud API.
    Call(Call),
    /// The customer writes.
    Says {
        /// His text.
        says: String,
    },
    /// The customer sends what is more than words, in the words of webhooks.
    Sends {
        /// `{"type": "location", "location": {…}}`.
        sends: Value,
    },
    /// The customer's device shows a message with these words.
    Hears {
        /// Some of the words.
        hears: String,
    },
    /// The customer reads up to a message.
    Reads {
        /// Its wamid.
        reads: String,
    },
    /// The customer presses the first button or row of a message that he got.
    Presses {
        /// Its wamid.
        presses: String,
    },
    /// The program is told by webhook; the signature is looked at, too.
    Delivery(Delivery),
}

/// A request and what is expected of its answer.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// Method and path; the path's objects are names: `POST /v23.0/${number}/messages`.
    pub call: String,
    /// Headers beside the token's.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// Whose token it shows.
    #[serde(default)]
    pub token: Token,
    /// A JSON body.
    pub json: Option<Value>,
    /// Fields of a form.
    pub form: Option<Map<String, Value>>,
    /// Fields of a multipart form; an object `{filename, media_type, base64}` is a file.
    pub multipart: Option<Map<String, Value>>,
    /// A body of bytes, as base64.
    pub bytes: Option<String>,
    /// The status that is expected; without it 200.
    pub status: Option<u16>,
    /// The code of the error that is expected.
    pub code: Option<i64>,
    /// JSON pointers to what the answer must have.
    #[serde(default)]
    pub has: Vec<String>,
    /// JSON pointers, and what stands there.
    #[serde(default)]
    pub is: BTreeMap<String, Value>,
    /// Names under which the answer's texts are known from now on, each with its pointer.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
}

/// A token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Token {
    /// The business's, in the header.
    #[default]
    Own,
    /// The app's, in the header.
    App,
    /// The business's, as some clients write its scheme.
    Oauth,
    /// None in the header: it stands in the query, in the body, or nowhere.
    None,
}

/// What a webhook must say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delivery {
    /// The field it is about.
    pub delivery: String,
    /// JSON pointers into its value, to what it must have.
    #[serde(default)]
    pub has: Vec<String>,
    /// JSON pointers into its value, and what stands there.
    #[serde(default)]
    pub is: BTreeMap<String, Value>,
    /// Names for what stands at these pointers.
    #[serde(default)]
    pub keep: BTreeMap<String, String>,
}

/// How what scenarios name is made: each with the steps that make it known.
pub type Fixtures = BTreeMap<String, Vec<Value>>;

/// The folder of the ledger.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../compat")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The fixtures.
pub fn fixtures() -> Fixtures {
    serde_json::from_str(&read(&folder().join("scenarios/fixtures.json"))).expect("fixtures.json names lists of steps")
}

/// Every scenario, with its steps as written; files in the order of their names, those of products last.
pub fn all() -> Vec<Scenario<Value>> {
    let lines = files("scenarios", "jsonl").into_iter().flat_map(|path| one_a_line(&path));
    let products = files("scenarios/products", "json").into_iter().flat_map(|path| {
        let all: Vec<Scenario<Value>> = serde_json::from_str(&read(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        all
    });
    lines.chain(products).collect()
}

/// The files of a kind in a folder of the ledger's, in the order of their names.
fn files(within: &str, kind: &str) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder().join(within)).expect("it is there").map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|found| found == kind));
    paths.sort();
    paths
}

fn one_a_line(path: &Path) -> Vec<Scenario<Value>> {
    let parse = |(number, line): (usize, &str)| -> Scenario<Value> {
        serde_json::from_str(line).unwrap_or_else(|error| panic!("{}:{}: {error}", path.display(), number + 1))
    };
    read(path).lines().enumerate().map(parse).collect()
}
