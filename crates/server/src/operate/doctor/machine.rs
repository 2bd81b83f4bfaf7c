//! The machine: folders, room, keys, open files.
use super::{Finding, millis};
use crate::{cli::Serve, storage::Plane, world::Stopwatch};
use rustix::{
    fs::statvfs,
    process::{Resource, getrlimit},
};
use std::{
    fs::{self, File},
    io::{self, Write as _},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};
use suki_types::Env;

/// Below so many bytes of room there is soon none.
const ROOM_BYTES: u64 = 1024 * 1024 * 1024;
/// Below so many bytes nothing works.
const LEAST_BYTES: u64 = 64 * 1024 * 1024;
/// A disk that takes longer than this to keep something holds up every message.
const SLOW: Duration = Duration::from_millis(20);
/// As many open files as a few ten thousand devices need.
const OPEN_FILES: u64 = 65_536;

/// Looks at it.
pub fn examine(serve: &Serve, env: &Env) -> Vec<Finding> {
    let data = &serve.storage.data;
    vec![folder(data), room(data), durable(data, env), keys(&[Plane::Network, Plane::Endpoint].map(|plane| serve.storage.key(plane))), open_files()]
}

fn folder(data: &Path) -> Finding {
    let check = "data folder";
    let shown = data.display();
    match fs::metadata(data) {
        Ok(found) if !found.is_dir() => Finding::failed(check, format!("{shown} is no folder"), "name a folder with --data"),
        Ok(found) => {
            let mode = found.permissions().mode() & 0o777;
            match mode & 0o077 {
                0 => Finding::ok(check, format!("{shown}, for its owner alone")),
                _ => Finding::warning(check, format!("others may look into {shown} (mode {mode:o})"), format!("run: chmod 700 {shown}")),
            }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Finding::ok(check, format!("{shown} is not there yet; suki serve makes it")),
        Err(error) => Finding::failed(check, format!("{shown}: {error}"), "run suki as the user who owns the folder"),
    }
}

/// The folder, or the nearest above it that is there.
fn nearest(path: &Path) -> &Path {
    path.ancestors().find(|folder| !folder.as_os_str().is_empty() && folder.is_dir()).unwrap_or(Path::new("."))
}

fn room(data: &Path) -> Finding {
    let check = "disk space";
    match statvfs(nearest(data)) {
        Ok(found) => {
            let free = found.f_bavail.saturating_mul(found.f_frsize);
            let words = format!("{:.1} GiB are free", free as f64 / (1024.0 * 1024.0 * 1024.0));
            let advice = "make room, or move the data to a larger disk; when it is full nothing more is accepted, and nothing is lost";
            match free {
                LEAST_BYTES.. if free >= ROOM_BYTES => Finding::ok(check, words),
                LEAST_BYTES.. => Finding::warning(check, words, advice),
                _ => Finding::failed(check, words, advice),
            }
        }
        Err(error) => Finding::warning(check, format!("the system does not say: {error}"), "look with: df -h"),
    }
}

/// How long it takes until a few bytes are on the disk.
fn durable(data: &Path, env: &Env) -> Finding {
    let check = "disk writes";
    let folder = nearest(data);
    let path = folder.join(format!(".suki-doctor-{}", hex::encode(env.random::<8>())));
    let took = keep(&path);
    drop(fs::remove_file(&path));
    match took {
        Ok(took) if took <= SLOW => Finding::ok(check, format!("4 KiB are on the disk after {}", millis(took))),
        Ok(took) => Finding::warning(
            check,
            format!("4 KiB are on the disk after {}", millis(took)),
            "every message waits for that: put the data on an SSD, not on a network drive",
        ),
        Err(error) => Finding::failed(
            check,
            format!("cannot write into {}: {error}", folder.display()),
            "run suki as the user who owns the folder, and make room",
        ),
    }
}

fn keep(path: &Path) -> io::Result<Duration> {
    let mut file = File::create_new(path)?;
    let mut longest = Duration::ZERO;
    for _ in 0..3 {
        let watch = Stopwatch::start();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        longest = longest.max(watch.elapsed());
    }
    Ok(longest)
}

fn keys(paths: &[PathBuf; 2]) -> Finding {
    let check = "key files";
    let mut there = 0;
    for path in paths.iter().filter(|path| path.exists()) {
        there += 1;
        let shown = path.display();
        match fs::metadata(path) {
            Ok(found) if found.permissions().mode() & 0o077 != 0 => {
                return Finding::failed(check, format!("others may read {shown}"), format!("run: chmod 600 {shown}"));
            }
            Ok(found) if found.len() != 32 => {
                return Finding::failed(check, format!("{shown} has {} bytes instead of 32", found.len()), "put the file back from a backup");
            }
            Ok(_) => {}
            Err(error) => return Finding::failed(check, format!("{shown}: {error}"), "run suki as the user who owns the file"),
        }
    }
    match there {
        0 => Finding::ok(check, "not there yet; suki serve makes them. Keep copies apart from the database: without them nothing sealed can be read"),
        _ => Finding::ok(check, format!("{there} of 2, for their owner alone; keep copies apart from the database")),
    }
}

fn open_files() -> Finding {
    let check = "open files";
    match getrlimit(Resource::Nofile).maximum {
        Some(most) if most < OPEN_FILES => Finding::warning(
            check,
            format!("{most} at most, and every device takes one"),
            format!("raise the limit: LimitNOFILE={OPEN_FILES} in the systemd unit, --ulimit nofile={OPEN_FILES} for a container"),
        ),
        Some(most) => Finding::ok(check, format!("{most} at most")),
        None => Finding::ok(check, "without a limit"),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    #[test]
    fn a_folder_that_others_read_and_a_key_that_is_cut_are_told() {
        let place = tempfile::tempdir().expect("a folder");
        let data = place.path().join("data");
        assert_eq!(folder(&data).state, State::Ok, "a first start has none yet");
        fs::create_dir(&data).expect("it is made");
        fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("it is ours");
        let found = folder(&data);
        assert_eq!(found.state, State::Warning);
        assert!(found.advice.starts_with("run: chmod 700 "), "{found:?}");

        let key = data.join("network.key");
        let both = [key.clone(), data.join("endpoint.key")];
        assert_eq!(keys(&both).state, State::Ok);
        fs::write(&key, [7; 31]).expect("it is written");
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).expect("it is ours");
        assert_eq!((keys(&both).state, keys(&both).advice.as_str()), (State::Failed, "put the file back from a backup"));
        fs::write(&key, [7; 32]).expect("it is written");
        assert_eq!(keys(&both).state, State::Ok);
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).expect("it is ours");
        assert_eq!(keys(&both).state, State::Failed);
    }

    #[test]
    fn a_disk_is_tried_and_nothing_is_left_behind() {
        let place = tempfile::tempdir().expect("a folder");
        let found = durable(&place.path().join("not/there/yet"), &Env::for_tests(1));
        assert_ne!(found.state, State::Failed, "{found:?}");
        assert_eq!(fs::read_dir(place.path()).expect("it is there").count(), 0);
    }
}
