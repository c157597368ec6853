//! The log: lines on standard error, so that standard output stays for what was asked for.

use playhouse_core::config::{Log, LogFormat};
use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

/// Sets up the log of this process. Where there is one already, such as in a test, that one stays.
///
/// # Errors
/// A filter that can't be read.
pub(super) fn start(settings: &Log) -> Result<(), String> {
    let filter = EnvFilter::try_new(&settings.filter);
    let filter =
        filter.map_err(|error| format!("`log.filter = \"{}\"` can't be read: {error}", settings.filter))?;
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match settings.format {
        LogFormat::Text => lines.with_ansi(std::io::stderr().is_terminal()).try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    // An error means that somebody else logs already.
    drop(started);
    Ok(())
}
