//! What not every operating system has, each beside what is done elsewhere instead: the memory of this
//! process, folders and files that others can't look into, and the wish of somebody that it ends. Knows nothing of what is done about
//! any of them.

use std::io;
use std::path::Path;
use std::task::Poll;

/// The memory of this process that is in RAM now, in bytes. Where the system does not say (it does on Linux):
/// `None`.
#[must_use]
pub fn resident_bytes() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        // In kB, so that the size of a page need not be known.
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        resident_in(&status)
    }
    #[cfg(not(target_os = "linux"))]
    None
}

/// Reads `VmRSS:     1234 kB`.
#[cfg(any(test, target_os = "linux"))]
fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Makes a folder, and those above it, for the eyes of this user alone where there are such rights. One that is there stays
/// as it is.
///
/// # Errors
/// Those of the operating system.
pub fn make_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Makes an empty file for the eyes of this user alone, where there are such rights. One that is there stays as it is.
///
/// # Errors
/// Those of the operating system.
pub fn make_private_file(path: &Path) -> io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Hears that the process is to end: Ctrl-C everywhere, and SIGTERM where there are signals.
///
/// From [`Termination::listen`] on, neither ends the process by itself any more.
pub struct Termination {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hangup: Option<tokio::signal::unix::Signal>,
}

impl Termination {
    /// Begins to listen. To be called on a tokio runtime with I/O.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn listen() -> io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let interrupt = signal(SignalKind::interrupt())?;
            Ok(Self { interrupt, terminate: signal(SignalKind::terminate())?, hangup: None })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    /// Listens to the terminal's end too, which otherwise ends a process at once, or not at all under `nohup`.
    ///
    /// # Errors
    /// Those of the operating system.
    pub fn with_hangup(mut self) -> io::Result<Self> {
        #[cfg(unix)]
        {
            self.hangup = Some(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup())?);
        }
        Ok(self)
    }

    /// Resolves when somebody wants the process to end; once for each time.
    pub async fn wanted(&mut self) {
        #[cfg(unix)]
        std::future::poll_fn(|cx| {
            // All are polled, so that all wake.
            let interrupt = self.interrupt.poll_recv(cx).is_ready();
            let terminate = self.terminate.poll_recv(cx).is_ready();
            let hangup = self.hangup.as_mut().is_some_and(|hangup| hangup.poll_recv(cx).is_ready());
            if interrupt || terminate || hangup { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            // Nobody can ask by keyboard; it goes on until it is ended in another way.
            std::future::poll_fn(|_| Poll::<()>::Pending).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_resident_memory_is_read() {
        assert_eq!(resident_in("VmSize:\t 9 kB\nVmRSS:\t    1234 kB\nThreads:\t1\n"), Some(1234 * 1024));
        assert_eq!(resident_in("VmSize:\t 9 kB\n"), None);
        assert_eq!(resident_in("VmRSS:\t x kB\n"), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_process_has_some_memory() {
        assert!(resident_bytes().is_some_and(|bytes| bytes > 100_000));
    }
}
