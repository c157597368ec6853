//! A copy of the database while it is in use: what was committed when it began, as a file of its own.

use crate::failure::why;
use crate::schema;
use crate::settings::Settings;
use playhouse_core::os;
use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Nothing is overwritten.
    #[error("{} is there already. Name a file that is not, or remove it", .0.display())]
    Exists(PathBuf),
    /// The file.
    #[error("{} can't be written: {why}. Look at the rights of its folder and the space on the disk", file.display())]
    File {
        /// The copy.
        file: PathBuf,
        /// In words.
        why: String,
    },
    /// The database.
    #[error("the database is closed, or has too much to do")]
    Closed,
    /// There is nothing to copy.
    #[error("there is no database in {}: name the folder of a node that keeps actors (`data_dir`)", .0.display())]
    Nothing(PathBuf),
}

/// Copies the database in a node's folder (`data_dir`), whether the node runs or not: all that is committed now, as a
/// database of its own, for the eyes of this user alone. The file appears when it is whole and on disk. Blocks.
///
/// # Errors
/// There is nothing to copy, there is such a file, or it can't be written.
pub fn backup(dir: &Path, file: &Path) -> Result<(), BackupError> {
    let from = Settings::new(dir).file();
    if !from.exists() {
        return Err(BackupError::Nothing(dir.to_owned()));
    }
    copy(&from, file)
}

/// Copies the database `from` into a new file, which has its name when it is whole.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<(), BackupError> {
    if to.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let unfit = |why: String| BackupError::File { file: to.to_owned(), why };
    let part = part_of(to).ok_or_else(|| unfit("it has no name".to_owned()))?;
    // One that an earlier end left behind.
    let _ = fs::remove_file(&part);
    os::make_private_file(&part).map_err(|error| unfit(error.to_string()))?;
    let done = copy_all(from, &part).map_err(|error| unfit(why(&error)));
    let done = done.and_then(|()| appear(&part, to).map_err(|error| unfit(error.to_string())));
    if done.is_err() {
        let _ = fs::remove_file(&part);
    }
    done
}

/// `name.part`, beside it.
fn part_of(to: &Path) -> Option<PathBuf> {
    let mut name = OsString::from(to.file_name()?);
    name.push(".part");
    Some(to.with_file_name(name))
}

/// In one step, which reads all of it as it stood at one moment. The writer goes on meanwhile; its log only grows.
fn copy_all(from: &Path, part: &Path) -> rusqlite::Result<()> {
    let from = schema::open_to_read(from)?;
    let mut to = Connection::open(part)?;
    let copied = Backup::new(&from, &mut to)?.step(-1)?;
    if copied != StepResult::Done {
        let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
        return Err(rusqlite::Error::SqliteFailure(busy, Some("another program has the file".to_owned())));
    }
    to.close().map_err(|(_, error)| error)
}

/// On disk first, then under its name.
fn appear(part: &Path, to: &Path) -> io::Result<()> {
    File::open(part)?.sync_all()?;
    fs::rename(part, to)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // So that the name lasts too; not every system lets a folder be opened.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}
