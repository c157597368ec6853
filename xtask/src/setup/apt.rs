//! Debian packages. The lists are fetched once per run, and only if something is to be installed.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Ground, install, works};
use crate::log::Log;
use crate::os;
use crate::run::Step;

static UPDATED: AtomicBool = AtomicBool::new(false);

/// Installs packages, or says what the person has to install and why we cannot.
pub(super) fn packages(ground: Ground<'_>, log: &mut Log, what: &str, names: &[&str]) -> Result<(), String> {
    // Without this a package of a server may start it at once: on a port that is somebody else's, or not at all, which
    // fails the whole installation. Tests start their own.
    let apt = Step::new(ground.place, "apt-get")
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("SYSTEMD_OFFLINE", "1");
    if !works(&apt.clone().args(["--version"])) {
        return Err(format!(
            "{what} is missing and there is no apt-get here: install it your system's way, then run this again"
        ));
    }
    if !os::is_root() {
        return Err(format!(
            "{what} is missing and only root may install it: run `sudo apt-get install {}`",
            names.join(" ")
        ));
    }
    if !UPDATED.load(Ordering::Relaxed) {
        install(ground, log, &apt.clone().args(["update", "-q"]))?;
        UPDATED.store(true, Ordering::Relaxed);
    }
    install(ground, log, &apt.args(["install", "-q", "-y", "--no-install-recommends"]).args(names))
}
