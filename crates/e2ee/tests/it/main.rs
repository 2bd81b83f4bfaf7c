//! What a group must do and must refuse, on both suites, through the public interface alone.
mod commits;
mod content;
mod hostile;
mod life;
mod state;
mod world;
