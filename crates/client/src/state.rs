//! What a device has to remember, in memory or in a file.
use crate::{
    Credentials,
    thread::{Rich, Thread},
};
use prost::Message as _;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    io::Write as _,
    path::{Path, PathBuf},
};
use suki_protocol::{calls::templates::SignedPack, http::Base64, pb};
use suki_types::{AccountId, ConversationId, MessageId, Timestamp};

/// Raised whenever the file's form changes.
const VERSION: u32 = 1;

/// Why a state cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The file cannot be read or written.
    #[error("the device's state {path} cannot be used: {source}")]
    File {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a state of this version.
    #[error("{0} is not the state of a device, or of another version; name another file, and the device registers anew")]
    Form(PathBuf),
    /// Keys and certificate do not fit.
    #[error("the device's keys do not fit: {0}")]
    Keys(#[from] suki_e2ee::Error),
    /// The network's address is none.
    #[error(transparent)]
    Address(#[from] suki_link::DialError),
}

/// Everything.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct State {
    version: u32,
    pub credentials: Credentials,
    /// Everything of the log up to here is in this state.
    pub cursor: u64,
    /// Whether the conversations that were there before this device are known.
    pub listed: bool,
    pub conversations: BTreeMap<ConversationId, Conversation>,
    pub key_packages: Vec<KeyPackage>,
    pub outbox: Vec<Outgoing>,
    /// What the person wished by a word, and the network does not know yet.
    #[serde(default)]
    pub wishes: Vec<Wished>,
    /// The packs of approved texts, as they were signed.
    #[serde(default)]
    pub packs: Vec<StoredPack>,
    /// Templates that wait for their pack.
    #[serde(default)]
    pub held: Vec<HeldTemplate>,
}

/// A pack and when it came.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredPack {
    pub business: AccountId,
    pub name: String,
    pub signed: SignedPack,
    pub fetched_at: Timestamp,
}

/// A template's message that cannot be shown yet.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct HeldTemplate {
    pub conversation: ConversationId,
    pub business: AccountId,
    pub id: MessageId,
    pub at: Timestamp,
    /// What its header said: `<id>.<version>`, and the sender's language.
    pub template_id: String,
    pub language: String,
    /// An encoded `Template`.
    pub content: Base64,
    pub reply_to: Option<MessageId>,
}

impl HeldTemplate {
    /// The template's name, if the content can be read.
    pub fn name(&self) -> Option<String> {
        pb::Template::decode(&self.content.0[..]).ok().map(|template| template.name)
    }
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Conversation {
    pub thread: Thread,
    pub customer: AccountId,
    /// The group's state as of the last save.
    pub group: Option<StoredGroup>,
    /// It has to come back by an external commit.
    pub lost: bool,
    /// The newest message of the business that was read here, and whether the network knows.
    pub read: Option<(MessageId, bool)>,
    /// Messages of the business that were listened to here, and the network does not know it yet.
    #[serde(default)]
    pub played: Vec<MessageId>,
    /// What proves the newest messages of the business.
    #[serde(default)]
    pub proofs: BTreeMap<MessageId, Proof>,
}

/// What proves that the business sent a message: its content as it was encrypted, and the key of its commitment.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Proof {
    pub content: Base64,
    pub commitment_key: Base64,
}

/// A business's marketing is to stop, or to go on.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Wished {
    pub business: AccountId,
    pub stopped: bool,
}

#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct StoredGroup {
    pub cold: Base64,
    pub hot: Base64,
}

/// What opens a welcome.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct KeyPackage {
    pub suite: u16,
    pub reference: Base64,
    pub secret: Base64,
    pub last_resort: bool,
}

/// A message on its way.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    pub conversation: ConversationId,
    pub id: MessageId,
    pub text: String,
    /// What is sent instead of a text.
    #[serde(default)]
    pub rich: Option<Rich>,
    pub reply_to: Option<MessageId>,
    /// Encrypted: these bytes go out again and again until the network has answered.
    pub mls_message: Option<Base64>,
}

impl State {
    pub fn new(credentials: Credentials) -> Self {
        Self {
            version: VERSION,
            credentials,
            cursor: 0,
            listed: false,
            conversations: BTreeMap::new(),
            key_packages: Vec::new(),
            outbox: Vec::new(),
            wishes: Vec::new(),
            packs: Vec::new(),
            held: Vec::new(),
        }
    }
}

/// Where a device's state is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// Nowhere: it is gone with the process.
    Memory,
    /// In a file that only its owner may read. It is replaced whole each time, so this is for a person's chat, not for thousands of customers.
    File(PathBuf),
}

impl Storage {
    pub(crate) fn is_lasting(&self) -> bool {
        *self != Self::Memory
    }

    pub(crate) fn load(&self) -> Result<Option<State>, StateError> {
        let Self::File(path) = self else { return Ok(None) };
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(StateError::File { path: path.clone(), source }),
        };
        let state: State = serde_json::from_slice(&bytes).map_err(|_| StateError::Form(path.clone()))?;
        if state.version == VERSION { Ok(Some(state)) } else { Err(StateError::Form(path.clone())) }
    }

    /// Replaces the file whole: what is there is the old state or the new one, at any moment.
    pub(crate) fn save(&self, state: &State) -> Result<(), StateError> {
        let Self::File(path) = self else { return Ok(()) };
        replace(path, state).map_err(|source| StateError::File { path: path.clone(), source })
    }
}

fn replace(path: &Path, state: &State) -> std::io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // A temporary file is made with the rights 0600.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&mut file, state)?;
    file.flush()?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    std::fs::File::open(folder)?.sync_all()
}
