//! What differs between operating systems: process groups and being told to stop.
//! Everything else in xtask is the same everywhere.

use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Gives the process a group of its own, so that it can be killed with all its descendants.
pub(crate) fn own_group(command: &mut Command) {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        command.process_group(0);
    }
    #[cfg(not(unix))]
    let _ = command;
}

/// Kills a process started after `own_group`, and on Unix everything that is still in its group,
/// also when the process itself has ended already.
pub(crate) fn kill_group(child: &mut Child) {
    if cfg!(unix) {
        // The shell's own `kill`: a slim image has no such program.
        let _ = Command::new("sh")
            .args(["-c", "kill -s KILL -- \"-$1\"", "sh", &child.id().to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
    }
    let _ = child.kill();
}

/// A flag that is raised by Ctrl-C and SIGTERM instead of our end, since suites in groups of their
/// own would outlive us.
pub(crate) fn stop_flag() -> Arc<AtomicBool> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
        // Without the flag a stop merely leaves the running suite behind: no reason not to start.
        let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
    }
    flag
}

/// Whether this process may install system packages.
pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").stderr(Stdio::null()).output();
    id.is_ok_and(|told| told.stdout.trim_ascii() == b"0")
}
