//! The demo: an application with everything that a generated `ActionHero` application has. `cargo run` starts it, and
//! the conformance tests run against it.
//!
//! Owns the program: its allocator, and where its configuration is found. What it can do is in `app`.

mod actions;
mod actors;
mod app;

use playhouse::prelude::*;
use std::path::{Path, PathBuf};

/// Messages are small and short-lived; this allocator is made for that. The choice is a program's, not a library's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    app::app().config_file(config_file()).run()
}

/// The configuration, whether the program is started in its own folder, from the repository's root, or from
/// anywhere else on the machine that built it.
fn config_file() -> PathBuf {
    let near = ["playhouse.toml", "demo/playhouse.toml"].map(PathBuf::from);
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("playhouse.toml");
    near.into_iter().find(|file| file.exists()).unwrap_or(built)
}
