//! A folder for what one server keeps, on the disk that this program is on (a temporary folder may be memory, where
//! nothing has to be written), and what writing there costs.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::report;

/// What one write has, and how many are taken the time of.
const WRITE_BYTES: usize = 4096;
const WRITES: u64 = 48;

/// Dropping it removes it with all that is in it.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// An empty one.
    pub(crate) fn new() -> io::Result<Self> {
        static MADE: AtomicU64 = AtomicU64::new(0);
        let nth = MADE.fetch_add(1, Ordering::Relaxed);
        let program = std::env::current_exe()?;
        let beside = program.parent().unwrap_or(Path::new("."));
        let path = beside.join(format!("bench-data-{}-{nth}", std::process::id()));
        fs::create_dir(&path)?;
        Ok(Self(path))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed is seen by whoever looks for room on the disk; there is nothing else to be done.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What it takes to write 4 KiB over what a file holds and to have them on the disk (`fdatasync`): the median, in
/// microseconds. A durable answer can't be had for less.
pub(crate) fn fsync_us() -> io::Result<f64> {
    let folder = Folder::new()?;
    let file = File::create_new(folder.path().join("written"))?;
    let block = [7; WRITE_BYTES];
    let write = |nth: u64| file.write_all_at(&block, nth * WRITE_BYTES as u64);
    (0..WRITES).try_for_each(write)?;
    file.sync_all()?;
    let timed = |nth: u64| {
        let begun = Instant::now();
        write(nth).and_then(|()| file.sync_data()).map(|()| begun.elapsed())
    };
    let times = (0..WRITES).map(timed).collect::<io::Result<Vec<Duration>>>()?;
    Ok(report::median(times.iter().map(|time| time.as_secs_f64() * 1e6)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_apart_and_go() {
        let (one, other) = (Folder::new().unwrap(), Folder::new().unwrap());
        assert_ne!(one.path(), other.path());
        let path = one.path().to_owned();
        fs::write(path.join("x"), "y").unwrap();
        drop(one);
        assert!(!path.exists() && other.path().exists());
        assert!(fsync_us().unwrap() > 0.0);
    }
}
