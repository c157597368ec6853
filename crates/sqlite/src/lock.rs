//! One process at a time: a lock of the operating system on a file beside the database, which the end of the process frees,
//! however it comes; and beside it who holds it, in a file that all can read meanwhile.

use crate::settings::OpenError;
use playhouse_core::clock::Clock;
use playhouse_core::os;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

/// Never removed: who removed it could not know who else has it open.
const LOCK: &str = "playhouse.lock";

/// A file of its own, since on some systems nobody can read one that is locked.
const HOLDER: &str = "playhouse.holder";

/// Held as long as this lives.
pub(crate) struct Lock {
    _file: File,
    holder: PathBuf,
}

impl Lock {
    pub(crate) fn take(dir: &Path, clock: &Clock) -> Result<Self, OpenError> {
        let unfit = |why: String| OpenError::Dir { dir: dir.to_owned(), why };
        if dir.exists() && !dir.is_dir() {
            return Err(unfit("it is not a folder".to_owned()));
        }
        os::make_private_dir(dir).map_err(|error| unfit(error.to_string()))?;
        let holder = dir.join(HOLDER);
        let file = File::options().create(true).truncate(false).write(true).open(dir.join(LOCK));
        let file = file.map_err(|error| unfit(error.to_string()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Held { dir: dir.to_owned(), holder: read(&holder) });
            }
            Err(TryLockError::Error(error)) => return Err(unfit(format!("it can't be locked: {error}"))),
        }
        write(&holder, clock).map_err(|error| unfit(error.to_string()))?;
        Ok(Self { _file: file, holder })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before the lock is free, so that it is not the next one's.
        let _ = fs::remove_file(&self.holder);
    }
}

fn write(holder: &Path, clock: &Clock) -> io::Result<()> {
    let now = UNIX_EPOCH + Duration::from_millis(clock.unix_ms());
    let since = humantime::format_rfc3339_seconds(now);
    fs::write(holder, format!("process {} since {since}\n", std::process::id()))
}

fn read(holder: &Path) -> String {
    let text = fs::read_to_string(holder).unwrap_or_default();
    let line = text.lines().next().unwrap_or_default().trim();
    if line.is_empty() { "another process".to_owned() } else { line.chars().take(200).collect() }
}
