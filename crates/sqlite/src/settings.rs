//! What the engine is told, and why it does not start.

use playhouse_core::clock::Clock;
use playhouse_core::health::Health;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of the database in its folder.
pub(crate) const FILE: &str = "playhouse.db";

/// The embedded engine's part of the configuration.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder (`data_dir`). Made where there is none, with rights for this user alone: sessions are secrets.
    pub dir: PathBuf,
    /// What an answered commit has survived.
    pub durability: Durability,
    /// The bytes that the cache may hold: keys, values, locks, and 128 for each of them.
    pub cache_limit: usize,
    /// How many requests may wait for the disk before more are refused, for writing and for reading each.
    pub waiting: usize,
    /// The bytes that the database may grow to, its log not counted; `None` for as much as the disk has.
    pub size_limit: Option<u64>,
}

/// What a commit has survived when it is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// A loss of power: it was written through to the disk.
    #[default]
    Full,
    /// The end of the process, even by force: the operating system has it. A loss of power may take the last commits, the
    /// newest first, and never leaves half of one.
    Relaxed,
}

/// What the engine stands on.
pub struct Parts {
    /// Where time comes from. What expires is measured by the date, since it outlives the process.
    pub clock: Clock,
    /// Who is told that the disk is full.
    pub health: Arc<Health>,
}

impl Settings {
    /// Everything but the folder as it is by default: full durability, a cache of 64 MiB, 16,384 waiting requests.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            durability: Durability::Full,
            cache_limit: 64 << 20,
            waiting: 16_384,
            size_limit: None,
        }
    }

    /// The database.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.dir.join(FILE)
    }
}

/// Why the engine does not start, for the person who started it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder.
    #[error("`data_dir` ({}) can't be used: {why}. Name a folder that this user may read and write", dir.display())]
    Dir {
        /// As it was named.
        dir: PathBuf,
        /// In words.
        why: String,
    },
    /// Another process has it, or another engine of this one.
    #[error(
        "`data_dir` ({}) is in use by {holder}. Stop that one first, or name another folder: two processes can't share one",
        dir.display()
    )]
    Held {
        /// As it was named.
        dir: PathBuf,
        /// As far as it said.
        holder: String,
    },
    /// It was made by a later version.
    #[error(
        "{} has form {found}, and this version of Playhouse reads forms up to {known}. It was written by a newer one: \
         start that, or restore a back-up of before. The file was left as it is",
        file.display()
    )]
    Newer {
        /// The database.
        file: PathBuf,
        /// The form it has.
        found: i64,
        /// The last form that is known here.
        known: i64,
    },
    /// It is a database, but of somebody else.
    #[error("{} is a database of another program. Name another folder as `data_dir`. The file was left as it is", file.display())]
    Foreign {
        /// The file.
        file: PathBuf,
    },
    /// It is no database, or one that was cut or scribbled into.
    #[error(
        "{} is damaged: {why}. Restore it from a back-up, or move it away to begin with nothing. The file was left as it is",
        file.display()
    )]
    Damaged {
        /// The database.
        file: PathBuf,
        /// In words.
        why: String,
    },
    /// Anything else.
    #[error("{} can't be opened: {why}. Look at the rights of the folder and its files, and at the space on the disk", file.display())]
    File {
        /// The database.
        file: PathBuf,
        /// In words.
        why: String,
    },
}

impl OpenError {
    pub(crate) fn of(file: &Path, why: &impl ToString) -> Self {
        Self::File { file: file.to_owned(), why: why.to_string() }
    }
}
