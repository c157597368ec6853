//! The port by which a connection reads the public folder; fulfilled by `server`.

use playhouse_core::Later;
use playhouse_core::event::FileContent;
use std::fmt;

/// Reads files of the public folder.
pub trait Files: Send + Sync + 'static {
    /// Reads a file by its path in the public folder, taken literally; a folder means its index file.
    /// Nothing outside the folder is ever read, whatever the path says.
    fn read(&self, path: &str) -> Later<'_, Result<FileContent, NoFile>>;
}

/// Why there is no file. The client hears the same for all; the log has the difference.
#[derive(Debug, PartialEq, Eq)]
pub enum NoFile {
    /// No path was given.
    NotProvided,
    /// There is none, or it lies outside the public folder.
    NotFound,
    /// It could not be read.
    Unreadable(String),
}

impl fmt::Display for NoFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotProvided => f.write_str("file is a required param to send a file"),
            Self::NotFound => f.write_str("that file is not found"),
            Self::Unreadable(cause) => write!(f, "error reading file: {cause}"),
        }
    }
}
