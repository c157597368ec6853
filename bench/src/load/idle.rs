//! What a connection costs in memory that does nothing: the growth of the server's resident set.
//!
//! The kernel's socket buffers are not in it; they are the same for every server.

use std::fs;
use std::io;
use std::thread;
use std::time::Duration;

use crate::load::crowd::Crowd;
use crate::load::{Failure, Sample, Target};

/// Opened before the first look, so that what a server sets up once is not counted.
const FIRST: u32 = 200;
const CONNECTIONS: u32 = 10_000;
/// Descriptors either side needs besides: listeners, epoll, standard streams, databases.
const OTHER_FILES: u64 = 64;

/// Pause between two looks at the resident set, and how many looks at most until two are the same.
const PAUSE: Duration = Duration::from_millis(100);
const LOOKS_MAX: usize = 30;

/// Measures KiB of resident memory per connection, `open` so many more of which it is told.
pub(super) fn run(
    target: &Target,
    mut open: impl FnMut(&mut Crowd, usize) -> Result<(), Failure>,
) -> Result<Sample, Failure> {
    let need = u64::from(FIRST + CONNECTIONS) + OTHER_FILES;
    if target.files_max < need {
        return Err(Failure::Files(need, target.files_max));
    }
    let mut crowd = Crowd::empty()?;
    open(&mut crowd, FIRST as usize)?;
    let before = settled_kib(target.pid)?;
    open(&mut crowd, CONNECTIONS as usize)?;
    let after = settled_kib(target.pid)?;
    let value = (after - before) / f64::from(CONNECTIONS);
    Ok(Sample { value, server_busy: 0.0, load_busy: 0.0 })
}

/// The resident set once two looks agree, in KiB.
pub(crate) fn settled_kib(pid: u32) -> Result<f64, Failure> {
    let look = || resident_kib(pid).map_err(Failure::while_("reading the server's memory"));
    let mut last = look()?;
    for _ in 0..LOOKS_MAX {
        thread::sleep(PAUSE);
        let now = look()?;
        if now == last {
            break;
        }
        last = now;
    }
    Ok(f64::from(last))
}

fn resident_kib(pid: u32) -> io::Result<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    parse_resident(&status).ok_or_else(|| io::Error::other("no VmRSS line"))
}

fn parse_resident(status: &str) -> Option<u32> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resident_set_is_read() {
        assert_eq!(parse_resident("Name:\tx\nVmRSS:\t    1234 kB\nVmData:\t 5 kB\n"), Some(1234));
        assert_eq!(parse_resident("Name:\tx\n"), None);
        assert!(resident_kib(std::process::id()).unwrap() > 0);
    }
}
