//! A server that cannot start says why, and what to do.
use crate::server::{PATIENCE, Server, suki};
use std::{
    ffi::OsStr,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};
use tempfile::tempdir;

/// What `suki serve` says when it does not start.
async fn refusal(arguments: &[&OsStr]) -> String {
    let running = suki().arg("serve").args(arguments).output();
    let output = tokio::time::timeout(PATIENCE, running).await.expect("it ends in time").expect("suki starts");
    assert_eq!(output.status.code(), Some(1), "it started, or crashed: {}", String::from_utf8_lossy(&output.stderr));
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(words.contains("suki: ") && !words.contains("panicked"), "{words}");
    words
}

async fn refusal_in(data: &Path, more: &[&OsStr]) -> String {
    let mut arguments = vec![OsStr::new("--listen"), OsStr::new("127.0.0.1:0"), OsStr::new("--data"), data.as_os_str()];
    arguments.extend(more);
    refusal(&arguments).await
}

#[tokio::test]
async fn key_files_are_the_owners_alone() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let mut server = Server::start(&data, "127.0.0.1:0").await;
    server.stop().await;
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&data), 0o700);
    for name in ["network.key", "endpoint.key", "demo.json"] {
        assert_eq!(mode(&data.join(name)), 0o600, "{name}");
    }
    for (name, wrong) in [("network.key", 0o640), ("endpoint.key", 0o604), ("endpoint.key", 0o660)] {
        let path = data.join(name);
        fs::set_permissions(&path, Permissions::from_mode(wrong)).expect("it is ours");
        let words = refusal_in(&data, &["--demo".as_ref()]).await;
        let expected = format!("the key file {0} may be read by others (mode {wrong:o}); run: chmod 600 {0}", path.display());
        assert!(words.contains(&expected), "{words}");
        fs::set_permissions(&path, Permissions::from_mode(0o600)).expect("it is ours");
    }
    server.start_again().await;
}

#[tokio::test]
async fn a_key_file_that_is_cut_short_is_not_used() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    let mut server = Server::start(&data, "127.0.0.1:0").await;
    server.stop().await;
    fs::write(data.join("endpoint.key"), [7; 31]).expect("it is ours");
    let words = refusal_in(&data, &["--demo".as_ref()]).await;
    assert!(words.contains("endpoint.key has 31 bytes instead of 32"), "{words}");
}

#[tokio::test]
async fn a_data_folder_that_cannot_be_made_or_written_is_named() {
    let folder = tempdir().expect("a folder can be made");
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").expect("it is ours");
    let words = refusal_in(&file.join("data"), &[]).await;
    assert!(words.contains("cannot make the data folder") && words.contains("file/data"), "{words}");
    let words = refusal_in(Path::new("/proc/suki"), &[]).await;
    assert!(words.contains("cannot make the data folder /proc/suki"), "{words}");
    // Not even root may make files there.
    let words = refusal_in(Path::new("/proc"), &[]).await;
    assert!(words.contains("cannot open /proc/network.db"), "{words}");
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let folder = tempdir().expect("a folder can be made");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it is bound").to_string();
    let data = folder.path().join("data");
    let words = refusal(&[OsStr::new("--data"), data.as_os_str(), OsStr::new("--listen"), OsStr::new(&address)]).await;
    assert!(words.contains(&format!("cannot listen on {address}: Address already in use")), "{words}");
    assert!(!data.exists(), "nothing was made for a server that cannot start");
}

#[tokio::test]
async fn development_tls_is_for_this_machine_alone() {
    let folder = tempdir().expect("a folder can be made");
    let data = folder.path().join("data");
    for (address, more) in [
        ("0.0.0.0:8443", &["--listen", "127.0.0.1:0"][..]),
        ("[::]:8443", &["--listen", "127.0.0.1:0"]),
        ("192.0.2.1:443", &["--listen", "127.0.0.1:0"]),
        ("127.0.0.1:0", &["--listen", "0.0.0.0:0"]),
    ] {
        let mut arguments = vec!["--data".as_ref(), data.as_os_str(), OsStr::new("--dev-tls"), OsStr::new(address)];
        arguments.extend(more.iter().map(OsStr::new));
        let words = refusal(&arguments).await;
        assert!(words.contains("it is for this machine alone") && words.contains("has to be a loopback address"), "{words}");
    }
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = taken.local_addr().expect("it is bound").to_string();
    let words = refusal_in(&data, &["--dev-tls".as_ref(), address.as_ref()]).await;
    assert!(words.contains(&format!("--dev-tls cannot listen on {address}: Address already in use")), "{words}");
    let words = refusal_in(&data, &["--dev-tls".as_ref(), "127.0.0.1:0".as_ref(), "--role".as_ref(), "network".as_ref()]).await;
    assert!(words.contains("--role network has none: give it to the endpoint"), "{words}");
    assert!(!data.exists(), "nothing was made for a server that cannot start");
}

#[tokio::test]
async fn a_mistake_in_a_policy_is_named_with_its_file_line_and_field() {
    let folder = tempdir().expect("a folder can be made");
    let shipped = include_str!("../../../../policies/meta-2026.toml");
    let place = shipped.lines().position(|line| line.trim_start().starts_with("length")).expect("the window has a length");
    let mistaken: Vec<String> =
        shipped.lines().enumerate().map(|(at, line)| if at == place { line.replacen("length", "lenght", 1) } else { line.into() }).collect();
    let policy = folder.path().join("ours.toml");
    fs::write(&policy, mistaken.join("\n")).expect("it is ours");
    let words = refusal_in(&folder.path().join("data"), &[OsStr::new("--policy"), policy.as_os_str()]).await;
    assert!(words.contains("ours.toml") && words.contains(&(place + 1).to_string()) && words.contains("lenght"), "{words}");
    let words = refusal_in(&folder.path().join("data"), &[OsStr::new("--policy"), OsStr::new("meta-2025")]).await;
    assert!(words.contains("the policy meta-2025 is neither meta-2026 nor classic, nor a file that can be read"), "{words}");
}
