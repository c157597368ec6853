//! `playhouse backup`: copies what a node's actors keep, whether the node runs or not.

use playhouse_core::config::{Config, Sources};
use std::path::PathBuf;

/// What is copied, and whereto.
#[derive(Debug, clap::Args)]
pub(crate) struct Wanted {
    /// The copy: a new file. Put it into an empty folder as `playhouse.db`, and that is a `data_dir`
    file: PathBuf,
    /// The node's folder [default: `data_dir` of ./playhouse.toml and the environment, or ./data]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
}

pub(crate) fn run(wanted: &Wanted) -> Result<(), String> {
    let folder = match &wanted.data_dir {
        Some(folder) => folder.clone(),
        None => configured()?,
    };
    playhouse_sqlite::backup(&folder, &wanted.file).map_err(|error| error.to_string())?;
    println!("{} is a copy of what is in {}", wanted.file.display(), folder.display());
    Ok(())
}

/// The folder of the application in this one.
fn configured() -> Result<PathBuf, String> {
    let file = Some(PathBuf::from("playhouse.toml")).filter(|file| file.exists());
    let sources = Sources { file, env: Sources::process_env(), set: Vec::new() };
    let loaded = Config::load(&sources).map_err(|error| error.to_string())?;
    Ok(loaded.config.data_dir)
}
