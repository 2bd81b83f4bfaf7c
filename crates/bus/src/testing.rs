//! A NATS server for tests.
use crate::Address;
use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

/// A server of the test's own, which stops with it.
#[derive(Debug)]
pub struct NatsServer {
    folder: PathBuf,
    url: String,
}

impl NatsServer {
    /// Starts a server that is open to everybody on this machine.
    ///
    /// # Panics
    /// When it cannot be started; the message says what to install.
    pub fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a server whose folder holds these files; one of them may be `nats.conf`. Where the configuration says `FOLDER`, its folder is meant.
    ///
    /// # Panics
    /// As [`NatsServer::start`].
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::Builder::new().prefix("suki-nats").tempdir().expect("a temporary folder can be made").keep();
        for (name, text) in files {
            fs::write(folder.join(name), text.replace("FOLDER", &folder.to_string_lossy())).expect("a file can be written");
        }
        let url = script(&["start", &folder.to_string_lossy(), &std::process::id().to_string()]);
        Self { folder, url }
    }

    /// Its address, `nats://127.0.0.1:PORT`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its address, as the bus takes it.
    pub fn address(&self) -> Address {
        self.url.parse().expect("the script prints an address")
    }

    /// The folder with its files.
    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    /// Stops it.
    pub fn stop(&self) {
        script(&["stop", &self.folder.to_string_lossy()]);
    }

    /// Starts it again on the same port.
    pub fn start_again(&self) {
        assert_eq!(script(&["start", &self.folder.to_string_lossy()]), self.url, "the port stays");
    }

    /// Holds it as it is: connections stay open and carry nothing.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = fs::read_to_string(self.folder.join("pid")).expect("the server runs");
        let status = Command::new("kill").args([signal, pid.trim()]).status().expect("kill can be run");
        assert!(status.success(), "the server can be signalled");
    }
}

impl Drop for NatsServer {
    fn drop(&mut self) {
        // The folder goes with the process.
        let _ = command(&["stop", &self.folder.to_string_lossy()]).status();
    }
}

/// Three servers that are one cluster, of the test's own.
#[derive(Debug)]
pub struct NatsCluster {
    folder: PathBuf,
    urls: String,
}

impl NatsCluster {
    /// Starts them.
    ///
    /// # Panics
    /// As [`NatsServer::start`].
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("suki-nats").tempdir().expect("a temporary folder can be made").keep();
        let urls = script(&["cluster", &folder.to_string_lossy(), &std::process::id().to_string()]);
        Self { folder, urls }
    }

    /// Their addresses, separated by commas.
    pub fn urls(&self) -> &str {
        &self.urls
    }

    /// Stops one of them, numbered from 1.
    pub fn stop(&self, server: u64) {
        script(&["stop", &self.folder.join(server.to_string()).to_string_lossy()]);
    }

    /// Starts one of them again.
    pub fn start_again(&self, server: u64) {
        script(&["start", &self.folder.join(server.to_string()).to_string_lossy()]);
    }
}

impl Drop for NatsCluster {
    fn drop(&mut self) {
        // The folder goes with the process.
        let _ = command(&["stop", &self.folder.to_string_lossy()]).status();
    }
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/nats"));
    command.args(arguments);
    command
}

fn script(arguments: &[&str]) -> String {
    let output = command(arguments).stderr(Stdio::inherit()).output().expect("scripts/nats can be run");
    assert!(output.status.success(), "scripts/nats {} failed; it says above what is missing", arguments[0]);
    String::from_utf8(output.stdout).expect("an address is text").trim().to_owned()
}
