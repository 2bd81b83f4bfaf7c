//! Key files: 32 random bytes, readable by their owner alone.
use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::Path,
};
use suki_types::Env;

/// Reads a key file, or makes it (mode 0600) when there is none.
///
/// # Errors
/// When others than the owner may read it, when it has not 32 bytes, or when it cannot be read or made.
pub fn load_or_create(path: &Path, env: &Env) -> io::Result<[u8; 32]> {
    match fs::metadata(path) {
        Ok(metadata) => {
            let mode = metadata.permissions().mode() & 0o777;
            if mode & 0o077 != 0 {
                return Err(refuse(path, &format!("may be read by others (mode {mode:o}); run: chmod 600 {}", path.display())));
            }
            let bytes = fs::read(path).map_err(|error| failed(path, "read", &error))?;
            bytes.try_into().map_err(|bytes: Vec<u8>| refuse(path, &format!("has {} bytes instead of 32", bytes.len())))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let key: [u8; 32] = env.random();
            make(path, &key).map_err(|error| failed(path, "made", &error))?;
            Ok(key)
        }
        Err(error) => Err(failed(path, "read", &error)),
    }
}

/// The file appears whole: a start that is cut off leaves none that is too short. Its folder is made for the owner alone when there is none.
fn make(path: &Path, key: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    let fresh = path.with_extension("key.new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
    file.write_all(key)?;
    file.sync_all()?;
    fs::rename(fresh, path)?;
    fs::File::open(folder)?.sync_all()
}

fn failed(path: &Path, what: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the key file {} cannot be {what}: {error}", path.display()))
}

fn refuse(path: &Path, what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the key file {} {what}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_is_made_for_its_owner_alone() {
        let env = Env::for_tests(1);
        let place = tempfile::tempdir().expect("a folder can be made");
        let path = place.path().join("keys").join("network.key");
        let key = load_or_create(&path, &env).expect("folder and file are made");
        assert_eq!(load_or_create(&path, &env).expect("it is read"), key);
        let mode = fs::metadata(place.path().join("keys")).expect("it is there").permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}
