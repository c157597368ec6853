//! The application's process: started, asked to end, ended.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::process::{Child, Command};

/// How long it may take to end after it was asked to: connections are closed at a pace.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// A running process.
pub(super) struct Process(Child);

impl Process {
    pub(super) fn start(program: &Path, arguments: &[String]) -> Result<Self, String> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
        // The terminal's Ctrl-C is ours alone: heard by both, it would count as the second one there.
        #[cfg(unix)]
        command.process_group(0);
        let child = command.spawn();
        child.map(Self).map_err(|error| format!("{} can't be started: {error}", program.display()))
    }

    /// Resolves when it has ended, however often it is asked.
    pub(super) async fn ended(&mut self) -> Result<ExitStatus, String> {
        self.0.wait().await.map_err(|error| format!("the application can't be waited for: {error}"))
    }

    /// As SIGTERM asks. Where there are no signals, it is ended at once.
    pub(super) fn ask_to_end(&mut self) {
        let Some(id) = self.0.id() else { return };
        let asked = cfg!(unix) && terminate(id.to_string().as_ref());
        if !asked {
            let _ = self.0.start_kill();
        }
    }

    pub(super) async fn kill(&mut self) -> Result<(), String> {
        self.0.kill().await.map_err(|error| format!("the application can't be ended: {error}"))
    }
}

/// The shell's own `kill`: a slim system has no such program.
fn terminate(id: &OsStr) -> bool {
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", "kill -s TERM \"$1\"", "sh"]).arg(id).stderr(Stdio::null());
    shell.status().is_ok_and(|status| status.success())
}
