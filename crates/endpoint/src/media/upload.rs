//! Files that programs and operators upload.
use super::{File, Intake, Origin, State, Taken, kind, row, row::Look};
use crate::{Business, Error};
use suki_cloud_api::ObjectId;
use suki_types::Timestamp;

/// The most characters of a file's name.
const FILENAME_CHARS: usize = suki_types::limits::FILENAME_CHARS;

/// A file's name without what leads elsewhere or shows as something else.
pub(super) fn filename(said: &str) -> String {
    let last = said.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(FILENAME_CHARS).collect::<String>().trim().to_owned()
}

impl Business {
    /// Begins to take a file in, of at most what any kind may have.
    ///
    /// # Errors
    /// [`Error::Unavailable`] while the rules are not known, and what the disk says.
    pub async fn begin_upload(&self) -> Result<Intake, Error> {
        let most = kind::most_of_all(self.media_rules()?.as_ref());
        Intake::begin(self.common(), most).await
    }

    /// Keeps a file that was taken in, and gives it an id. `said` is its type as its uploader calls it.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 for a type that nothing may be sent as, with 131053 for bytes of another type, or too many; then nothing of it stays.
    pub async fn upload(&self, taken: Taken, said: &str, called: &str) -> Result<File, Error> {
        let place = taken.name;
        let kept = self.keep_upload(taken, said, called).await;
        if kept.is_err() {
            self.common().files().blobs.remove(&place).await?;
        }
        kept
    }

    async fn keep_upload(&self, taken: Taken, said: &str, called: &str) -> Result<File, Error> {
        let rules = self.media_rules()?;
        let essence = kind::essence(said);
        // A type that nothing has is the clearer mistake.
        kind::check_upload(&rules, &essence, 1, true).map_err(Error::Refused)?;
        let media_type = taken.media_type(said)?;
        let animated = taken.moves(&media_type);
        kind::check_upload(&rules, &kind::essence(&media_type), taken.bytes, animated).map_err(Error::Refused)?;
        let now = self.env().now();
        let mut file = self.new_file(Origin::Upload, now);
        file.expires_at = now.plus_millis(rules.files.uploaded_millis);
        file.filename = filename(called);
        self.hold(&mut file, taken, media_type).await?;
        let (business, stored) = (self.id(), file.clone());
        self.db().write(move |tx| Ok::<_, Error>(row::insert(tx, business, &stored, &[])?)).await?;
        Ok(file)
    }

    /// A file of which nothing is known yet.
    pub(super) fn new_file(&self, origin: Origin, now: Timestamp) -> File {
        File {
            id: ObjectId::new(self.env()),
            origin,
            state: State::Awaited,
            media_type: String::new(),
            bytes: 0,
            sha256: Vec::new(),
            filename: String::new(),
            expires_at: now,
            problem: String::new(),
            look: Look::default(),
            name: Vec::new(),
            key_sealed: Vec::new(),
            blob: Vec::new(),
            renew_at: Timestamp::from_millis(0),
            link: String::new(),
            message: Vec::new(),
            used: false,
            attempts: 0,
            next_at: Timestamp::from_millis(0),
            created_at: now,
        }
    }

    /// Makes what was taken in the bytes of a file.
    pub(super) async fn hold(&self, file: &mut File, taken: Taken, media_type: String) -> Result<(), Error> {
        file.look.animated = taken.moves(&media_type);
        file.key_sealed = row::seal_key(self.common().vault(), file.id, &taken.key);
        file.state = State::Here;
        file.name = taken.name.to_vec();
        file.bytes = taken.bytes;
        file.sha256.clone_from(&taken.sha256);
        if taken.is_image(&media_type) {
            self.look_at(file).await?;
        }
        file.media_type = media_type;
        Ok(())
    }
}
