//! What a group must do and must refuse, on both suites, through the public interface alone.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod blob;
mod commits;
mod content;
mod hostile;
mod life;
mod state;
mod world;
