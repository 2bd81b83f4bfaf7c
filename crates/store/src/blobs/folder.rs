//! Files in a folder.
use super::error::{failed, of_io};
use crate::StoreError;
use object_store::local::LocalFileSystem;
use std::{
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process,
    time::{Duration, SystemTime},
};

/// What stands in the name of a file that is still written.
const UNFINISHED: char = '#';
/// After how long an unfinished file of a shared folder is nobody's any more.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Who uses a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// This process.
    Alone,
    /// Other nodes, too.
    Shared,
}

/// A folder, looked at beside its files.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    pub(super) uses: Use,
}

pub(super) fn open(path: &Path, uses: Use) -> Result<(Folder, LocalFileSystem), StoreError> {
    let io = |error: io::Error| of_io(&error);
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io)?;
    match uses {
        Use::Alone => remove_unfinished(path, |_| true).map_err(io)?,
        Use::Shared => {
            // Its own time, since another machine's clock may have set the others'.
            let now = trial(path).map_err(io)?;
            let abandoned = |since: SystemTime| now.duration_since(since).is_ok_and(|age| age >= ABANDONED);
            remove_unfinished(path, abandoned).map_err(io)?;
        }
    }
    let store = LocalFileSystem::new_with_prefix(path).map_err(|error| failed(&error))?;
    Ok((Folder { path: path.to_owned(), uses }, store.with_fsync(true)))
}

impl Folder {
    /// Whether something can be written in it.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        let path = self.path.clone();
        match tokio::task::spawn_blocking(move || trial(&path)).await {
            Ok(tried) => tried.map(drop).map_err(|error| of_io(&error)),
            Err(_) => Err(StoreError::Panicked),
        }
    }
}

/// Writes a small file, and says when that was by the folder's own time.
fn trial(folder: &Path) -> io::Result<SystemTime> {
    let file = folder.join(format!("trial{UNFINISHED}{}", process::id()));
    let written = fs::write(&file, b"This may be removed.").and_then(|()| fs::metadata(&file)?.modified());
    // With a full disk there may be an empty one.
    let removed = fs::remove_file(&file);
    let at = written?;
    removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    Ok(at)
}

fn remove_unfinished(folder: &Path, abandoned: impl Fn(SystemTime) -> bool) -> io::Result<()> {
    for part in fs::read_dir(folder)? {
        let part = part?;
        if !part.file_type()?.is_dir() {
            continue;
        }
        for file in fs::read_dir(part.path())? {
            let file = file?;
            if file.file_name().to_string_lossy().contains(UNFINISHED) && abandoned(file.metadata()?.modified()?) {
                fs::remove_file(file.path())?;
            }
        }
    }
    Ok(())
}
