//! Files behind links: fetched here before the message is sealed, within the policy's time and the kind's size, and used again for the same link for
//! a while (Cloud API, section 3e).
use super::{File, FileKind, Intake, LINK_BYTES, Linked, Origin, State, Taken, kind, link_hash, row, upload};
use crate::{Business, Error};
use futures_util::TryStreamExt as _;
use suki_cloud_api::ApiError;
use suki_protocol::calls::rules::Rules;
use url::Url;

/// Why a link gives no file.
enum Problem {
    /// It never will; the text says why.
    Link(String),
    /// Something here failed.
    Here(Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refused) => Self::Link(refused.details),
            other => Self::Here(other),
        }
    }
}

impl Business {
    /// The file of a link: the one that was fetched a little while ago, or one that is still to be fetched.
    pub(super) async fn linked(&self, rules: &Rules, link: String, kind: FileKind) -> Result<File, Error> {
        let url = if link.len() > LINK_BYTES { None } else { Url::parse(&link).ok() };
        if !url.is_some_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host()) {
            let text = format!(
                "The link of the {} is no http or https address of at most {LINK_BYTES} bytes; name a file that anybody can fetch",
                kind.as_str()
            );
            return Err(Error::Refused(ApiError::invalid_parameter(text)));
        }
        let (business, hash, now) = (self.id(), link_hash(&link, kind), self.env().now());
        let since = now.plus_millis(-rules.files.link_kept_millis);
        let mut file = self.new_file(Origin::Link, now);
        file.link = link;
        file.expires_at = now.plus_millis(rules.files.uploaded_millis);
        self.db()
            .write(move |tx| {
                if let Some(known) = row::of_link(tx, business, &hash, since)? {
                    return Ok(known);
                }
                row::insert(tx, business, &file, &hash)?;
                Ok::<_, Error>(file.clone())
            })
            .await
    }

    /// Fetches the file of a link, unless it is here or will never be.
    ///
    /// # Errors
    /// What failed here; that the link gives no file stands in the file's state.
    pub(super) async fn fetch_link(&self, file: File, kind: FileKind) -> Result<File, Error> {
        let _turn = self.files.lock(file.id).await;
        let mut file = self.file(file.id).await?.ok_or(Error::NotFound("media"))?;
        if file.state != State::Awaited || file.origin != Origin::Link {
            return Ok(file);
        }
        let rules = self.media_rules()?;
        let _slot = self.common().files().fetching.acquire().await.map_err(|error| Error::Internal(error.to_string()))?;
        let until = self.env().now().plus_millis(rules.files.link_within_millis);
        let fetched = tokio::select! {
            fetched = self.take_linked(&rules, &file.link, kind) => fetched,
            () = self.env().clock.wait_until(until) => {
                let seconds = rules.files.link_within_millis / 1000;
                Err(Problem::Link(format!("The link did not give the whole file within {seconds} seconds")))
            }
        };
        let business = self.id();
        match fetched {
            Ok((taken, media_type, filename)) => {
                file.filename = filename;
                self.hold(&mut file, taken, media_type).await?;
                let stored = file.clone();
                self.db().write(move |tx| Ok::<_, Error>(row::arrived(tx, business, &stored)?)).await?;
            }
            Err(Problem::Link(text)) => {
                file.state = State::Failed;
                file.problem = format!("{text}. Check that anybody can fetch it, or upload the file and send its id");
                let (id, problem) = (file.id, file.problem.clone());
                self.db().write(move |tx| Ok::<_, Error>(row::failed(tx, business, id, &problem)?)).await?;
            }
            Err(Problem::Here(error)) => return Err(error),
        }
        Ok(file)
    }

    async fn take_linked(&self, rules: &Rules, link: &str, kind: FileKind) -> Result<(Taken, String, String), Problem> {
        let Linked { media_type, filename, bytes, mut body } = self.common().files().links.fetch(link).await.map_err(Problem::Link)?;
        let most = kind::most(rules, kind);
        if bytes.is_some_and(|bytes| bytes > most) {
            return Err(Problem::Link(format!("The link's file is larger than the {most} bytes that a {} may have", kind.as_str())));
        }
        let mut intake = Intake::begin(self.common(), most).await?;
        while let Some(piece) = body.try_next().await.map_err(|_| Problem::Link("The link's answer was cut off".into()))? {
            intake.push(&piece).await?;
        }
        let taken = intake.finish().await?;
        let place = taken.name;
        let checked = checked(rules, &taken, kind, &media_type);
        if checked.is_err() {
            self.common().files().blobs.remove(&place).await.map_err(Error::from)?;
        }
        let called = if filename.is_empty() { last_part(link) } else { filename };
        Ok((taken, checked?, upload::filename(&called)))
    }
}

fn checked(rules: &Rules, taken: &Taken, kind: FileKind, said: &str) -> Result<String, Problem> {
    let media_type = taken.media_type(said)?;
    let animated = taken.moves(&media_type);
    kind::check(rules, kind, &kind::essence(&media_type), taken.bytes, animated).map_err(|error| Problem::Link(error.details))?;
    Ok(media_type)
}

/// What a link's path ends with, when that looks like a file's name.
fn last_part(link: &str) -> String {
    let path = Url::parse(link).ok().map(|url| url.path().to_owned()).unwrap_or_default();
    path.rsplit('/').next().filter(|last| last.contains('.')).unwrap_or_default().to_owned()
}
