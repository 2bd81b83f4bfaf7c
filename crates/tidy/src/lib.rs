//! The repository's own checks: house rules are machines.
//!
//! Each check is a file; it takes a [`Tree`] and gives [`Finding`]s. `tests/repository.rs` runs them all. What has to stay as it is stands in
//! [`exceptions::EXCEPTIONS`], and that list may only shrink: an exception that nothing needs any more is a finding itself.
pub mod crates;
pub mod documents;
pub mod exceptions;
pub mod licences;
pub mod markup;
pub mod migrations;
pub mod rust_code;
pub mod script;
pub mod script_code;
pub mod web;
pub mod words;

use std::{fmt, fs, io, path::Path};

/// The most lines of code of a function.
pub const FUNCTION_LINES: usize = 70;
/// The most lines of code of a file, tests and comments not counted.
pub const FILE_LINES: usize = 500;

/// A text file of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path from the root, with slashes.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl SourceFile {
    /// What follows the last dot of its name; empty without one.
    pub fn extension(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Whether it holds tests and what only tests use.
    pub fn is_test(&self) -> bool {
        let parts: Vec<&str> = self.path.split('/').collect();
        let (name, folders) = parts.split_last().unwrap_or((&"", &[]));
        folders.iter().any(|folder| matches!(*folder, "tests" | "e2e" | "testing"))
            || *name == "tests.rs"
            || name.contains(".test.")
            || name.contains(".spec.")
    }

    /// Whether a tool wrote it: it says so in its first lines.
    pub fn is_generated(&self) -> bool {
        let mark = concat!("@gen", "erated");
        self.text.lines().take(20).any(|line| line.contains(mark))
    }
}

/// The repository's text files, sorted by path, without what git ignores.
#[derive(Debug, Clone, Default)]
pub struct Tree(pub Vec<SourceFile>);

impl Tree {
    /// Reads a checkout. Files that are not UTF-8 are pictures and the like, and left out.
    ///
    /// # Errors
    /// When a folder or a file cannot be read.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        let walk = ignore::WalkBuilder::new(root).hidden(false).require_git(false).filter_entry(|entry| entry.file_name() != ".git").build();
        for entry in walk {
            let entry = entry.map_err(io::Error::other)?;
            if !entry.file_type().is_some_and(|kind| kind.is_file()) {
                continue;
            }
            let bytes = match fs::read(entry.path()) {
                // Somebody is at work in the checkout: a file may go while the tree is read.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                other => other?,
            };
            let Ok(text) = String::from_utf8(bytes) else { continue };
            let path = entry.path().strip_prefix(root).map_err(io::Error::other)?;
            let path = path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/");
            files.push(SourceFile { path, text });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(Self(files))
    }

    /// The file at a path.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.0.iter().find(|file| file.path == path)
    }

    /// The files with an extension, generated ones left out.
    pub fn written<'a>(&'a self, extension: &'a str) -> impl Iterator<Item = &'a SourceFile> {
        self.0.iter().filter(move |file| file.extension() == extension && !file.is_generated())
    }

    /// The names of the folders directly under `crates`, each with its manifest.
    pub fn crates(&self) -> impl Iterator<Item = (&str, &SourceFile)> {
        self.0.iter().filter_map(|file| {
            let name = file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml")?;
            (!name.contains('/')).then_some((name, file))
        })
    }
}

/// Something that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check that found it.
    pub check: &'static str,
    /// Where: a path, with `::` and a name where that helps. Exceptions name this.
    pub place: String,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl Finding {
    /// A finding.
    pub fn new(check: &'static str, place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { check, place: place.into(), problem: problem.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} [{}]", self.place, self.problem, self.check)
    }
}

/// A function or a file that is too long.
pub(crate) fn too_long(check: &'static str, place: String, lines: usize, most: usize) -> Option<Finding> {
    let problem = format!("{lines} lines of code; at most {most}: give its parts names of their own");
    (lines > most).then(|| Finding::new(check, place, problem))
}
