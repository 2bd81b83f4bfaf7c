//! Uploads in pieces, which go on where they were cut off (Cloud API, section 3a: `/A/uploads`, `/upload:…`). What has come is durable piece by piece; the
//! last piece makes a file of all, whose handle other calls take.
use super::{File, Intake, kind, row, upload::filename};
use crate::{Business, Error};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::TryStreamExt as _;
use suki_cloud_api::{ApiError, ObjectId};
use suki_e2ee::blob::{BlobKey, Opener, Part};
use suki_store::{StoreError, Tx, blobs::BlobName};
use suki_types::{AccountId, Timestamp};

/// For how long an upload may be continued, in milliseconds.
const HOLDS_MILLIS: i64 = 24 * 3_600_000;
const PREFIX: &str = "upload:";
const HANDLE: &str = "4::";

/// The id of an upload in pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session([u8; 16]);

impl Session {
    /// Reads an id such as `upload:…`, with or without what some clients append to it as a query.
    pub fn read(text: &str) -> Option<Self> {
        let hex = [PREFIX, "upload%3A", "upload%3a"].into_iter().find_map(|prefix| text.strip_prefix(prefix))?.split('?').next()?;
        let mut id = [0; 16];
        hex::decode_to_slice(hex, &mut id).ok()?;
        Some(Self(id))
    }

    /// The session whose file a handle names.
    fn of_handle(handle: &str) -> Option<Self> {
        let (_, hex) = handle.strip_prefix(HANDLE)?.rsplit_once(':')?;
        Self::read(&format!("{PREFIX}{hex}"))
    }
}

impl std::fmt::Display for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{PREFIX}{}", hex::encode(self.0))
    }
}

/// How far an upload has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// So many bytes are here.
    Offset(u64),
    /// All are, and this handle names the file.
    Handle(String),
}

struct Row {
    length: u64,
    media_type: String,
    filename: String,
    media: u64,
    expires_at: Timestamp,
    came: u64,
}

struct PartRow {
    bytes: u64,
    file: Vec<u8>,
    key_sealed: Vec<u8>,
}

fn unknown() -> Error {
    Error::NotFound("upload")
}

fn load(tx: &mut Tx<'_>, business: AccountId, session: Session) -> Result<Option<Row>, StoreError> {
    let sql = "SELECT s.file_length, s.media_type, s.filename, s.media, s.expires_at,
            (SELECT CAST(coalesce(sum(p.bytes), 0) AS BIGINT) FROM upload_part p WHERE p.business = s.business AND p.session = s.id)
         FROM upload_session s WHERE s.business = ?1 AND s.id = ?2";
    tx.query_opt(sql, &[(&business).into(), session.0.as_slice().into()], |row| {
        Ok(Row {
            length: row.get(0)?,
            media_type: row.get(1)?,
            filename: row.get(2)?,
            media: row.get(3)?,
            expires_at: row.get(4)?,
            came: row.get(5)?,
        })
    })
}

fn parts(tx: &mut Tx<'_>, business: AccountId, session: Session) -> Result<Vec<PartRow>, StoreError> {
    let sql = "SELECT bytes, file, key_sealed FROM upload_part WHERE business = ?1 AND session = ?2 ORDER BY first";
    tx.query(sql, &[(&business).into(), session.0.as_slice().into()], |row| {
        Ok(PartRow { bytes: row.get(0)?, file: row.get(1)?, key_sealed: row.get(2)? })
    })
}

impl Row {
    fn progress(&self, session: Session) -> Progress {
        if self.media == 0 {
            return Progress::Offset(self.came);
        }
        Progress::Handle(format!("{HANDLE}{}:{}", STANDARD.encode(kind::essence(&self.media_type)), hex::encode(session.0)))
    }
}

impl Business {
    /// Begins an upload of so many bytes.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 for a type or a length that nothing may have.
    pub async fn begin_session(&self, app: ObjectId, length: u64, media_type: &str, called: &str) -> Result<Session, Error> {
        let rules = self.media_rules()?;
        kind::check_upload(&rules, &kind::essence(media_type), 1, true).map_err(Error::Refused)?;
        let most = kind::most_of_all(&rules);
        if !(1..=most).contains(&length) {
            return Err(Error::Refused(ApiError::invalid_parameter(format!("file_length is {length}; a file has 1 to {most} bytes"))));
        }
        let (business, session) = (self.id(), Session(self.env().random()));
        let (media_type, called) = (media_type.trim().chars().take(255).collect::<String>(), filename(called));
        let expires_at = self.env().now().plus_millis(HOLDS_MILLIS);
        self.db()
            .write(move |tx| {
                tx.execute(
                    "INSERT INTO upload_session (business, id, app, file_length, media_type, filename, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                    &[
                        (&business).into(),
                        session.0.as_slice().into(),
                        app.number().into(),
                        length.into(),
                        media_type.as_str().into(),
                        called.as_str().into(),
                        expires_at.into(),
                    ],
                )?;
                Ok::<_, Error>(session)
            })
            .await
    }

    async fn upload_row(&self, session: Session) -> Result<Row, Error> {
        let business = self.id();
        let row = self.db().read(move |tx| Ok::<_, Error>(load(tx, business, session)?)).await?;
        row.filter(|row| row.expires_at > self.env().now()).ok_or_else(unknown)
    }

    /// How far an upload has come.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is none, or its time is over.
    pub async fn upload_progress(&self, session: Session) -> Result<Progress, Error> {
        Ok(self.upload_row(session).await?.progress(session))
    }

    /// Begins a piece that follows on what is here.
    ///
    /// # Errors
    /// [`Error::NotFound`] without such an upload; [`Error::Refused`] with 100 when the piece begins elsewhere.
    pub async fn begin_piece(&self, session: Session, offset: u64) -> Result<Intake, Error> {
        let row = self.upload_row(session).await?;
        if row.media != 0 || offset != row.came {
            let text = format!("file_offset is {offset}, and {} of {} bytes are here; go on there", row.came, row.length);
            return Err(Error::Refused(ApiError::invalid_parameter(text)));
        }
        Intake::begin(self.common(), row.length - row.came).await
    }

    /// Keeps a piece, also one that was cut off: the upload goes on after it. When it was the last, all become a file.
    ///
    /// # Errors
    /// [`Error::Conflict`] when another piece came to the same place; what [`Business::upload`] says of the whole.
    pub async fn keep_piece(&self, session: Session, offset: u64, piece: Intake) -> Result<Progress, Error> {
        if piece.bytes() > 0 {
            let taken = piece.finish().await?;
            let (business, name) = (self.id(), taken.name);
            let key = self.common().vault().seal("upload-part", &session.0, taken.key.as_bytes());
            let sql = "INSERT INTO upload_part (business, session, first, bytes, file, key_sealed) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (business, session, first) DO NOTHING";
            let unit = move |tx: &mut Tx<'_>| {
                let here = load(tx, business, session)?.is_some_and(|row| row.came == offset && row.media == 0);
                let values =
                    &[(&business).into(), session.0.as_slice().into(), offset.into(), taken.bytes.into(), name.as_slice().into(), (&key).into()];
                Ok::<_, Error>(here && tx.execute(sql, values)? == 1)
            };
            if !self.db().write(unit).await? {
                self.common().files().blobs.remove(&name).await?;
                return Err(Error::Conflict("another piece of this upload came to the same place; ask for file_offset and go on there".into()));
            }
        }
        let row = self.upload_row(session).await?;
        if row.came < row.length { Ok(Progress::Offset(row.came)) } else { self.join_pieces(session, row).await }
    }

    async fn join_pieces(&self, session: Session, row: Row) -> Result<Progress, Error> {
        let business = self.id();
        let parts = self.db().read(move |tx| Ok::<_, Error>(parts(tx, business, session)?)).await?;
        let mut whole = Intake::begin(self.common(), row.length).await?;
        for part in &parts {
            self.copy(session, part, &mut whole).await?;
        }
        let kept = self.upload(whole.finish().await?, &row.media_type, &row.filename).await;
        // What cannot be kept will not be kept later: the upload begins anew.
        let media = kept.as_ref().ok().map(|file| file.id.number());
        self.db().write(move |tx| Ok::<_, Error>(forget_parts(tx, business, session, media)?)).await?;
        self.remove_files(&parts).await?;
        let file = kept?;
        Ok(Row { media: file.id.number(), ..row }.progress(session))
    }

    async fn copy(&self, session: Session, part: &PartRow, whole: &mut Intake) -> Result<(), Error> {
        let missing = || StoreError::Corrupt("a piece of an upload is missing");
        let key = self.common().vault().open("upload-part", &session.0, &part.key_sealed)?;
        let key = BlobKey::from_bytes(&key).map_err(|_| missing())?;
        let name = BlobName::try_from(&part.file[..]).map_err(|_| missing())?;
        let mut sealed = self.common().files().blobs.read(&name, None).await?.ok_or_else(missing)?;
        let (mut opener, mut out) = (Opener::new(&key, &Part::whole()), Vec::new());
        while let Some(piece) = sealed.try_next().await? {
            let piece: Bytes = piece;
            opener.push(&piece, &mut out).map_err(|_| missing())?;
            whole.push(&out).await?;
            out.clear();
        }
        opener.finish(&mut out).map_err(|_| missing())?;
        whole.push(&out).await
    }

    async fn remove_files(&self, parts: &[PartRow]) -> Result<(), Error> {
        for name in parts.iter().filter(|part| part.bytes > 0).filter_map(|part| BlobName::try_from(&part.file[..]).ok()) {
            self.common().files().blobs.remove(&name).await?;
        }
        Ok(())
    }

    /// The file that a handle `4::…` names.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 when it names none of this business's, or one that is too old.
    pub async fn media_of_handle(&self, handle: &str) -> Result<File, Error> {
        let no_such = || {
            Error::Refused(ApiError::invalid_parameter(
                "No upload has this handle; upload the file with POST /APP_ID/uploads and use what it answers as h",
            ))
        };
        let session = Session::of_handle(handle).ok_or_else(no_such)?;
        let business = self.id();
        let found = self
            .db()
            .read(move |tx| {
                let Some(row) = load(tx, business, session)? else { return Ok(None) };
                let Ok(media) = ObjectId::from_number(row.media) else { return Ok(None) };
                Ok::<_, Error>(row::get(tx, business, media)?)
            })
            .await?;
        found.filter(|file| file.expires_at > self.env().now()).ok_or_else(no_such)
    }

    /// Forgets uploads whose time is over, some at a time. A finished one is known by its handle for as long as its file.
    pub(super) async fn forget_sessions(&self, most: i64) -> Result<usize, Error> {
        let (business, now) = (self.id(), self.env().now());
        let sql = "SELECT id FROM upload_session WHERE business = ?1 AND expires_at <= ?2 ORDER BY expires_at LIMIT ?3";
        let due = self
            .db()
            .read(move |tx| Ok::<_, Error>(tx.query(sql, &[(&business).into(), now.into(), most.into()], |row| row.get::<Vec<u8>>(0))?))
            .await?;
        for session in due.iter().filter_map(|id| Some(Session(id[..].try_into().ok()?))) {
            let parts = self.db().read(move |tx| Ok::<_, Error>(parts(tx, business, session)?)).await?;
            self.remove_files(&parts).await?;
            self.db().write(move |tx| Ok::<_, Error>(forget_parts(tx, business, session, None)?)).await?;
        }
        Ok(due.len())
    }
}

/// Forgets the pieces of an upload, and the upload itself unless a file came of it: that one is found by its handle.
fn forget_parts(tx: &mut Tx<'_>, business: AccountId, session: Session, media: Option<u64>) -> Result<(), StoreError> {
    tx.execute("DELETE FROM upload_part WHERE business = ?1 AND session = ?2", &[(&business).into(), session.0.as_slice().into()])?;
    let Some(media) = media else {
        tx.execute("DELETE FROM upload_session WHERE business = ?1 AND id = ?2", &[(&business).into(), session.0.as_slice().into()])?;
        return Ok(());
    };
    let sql = "UPDATE upload_session SET media = ?3, expires_at = coalesce((SELECT m.expires_at FROM media m WHERE m.business = ?1 AND m.id = ?3), expires_at)
         WHERE business = ?1 AND id = ?2";
    tx.execute(sql, &[(&business).into(), session.0.as_slice().into(), media.into()])?;
    Ok(())
}
