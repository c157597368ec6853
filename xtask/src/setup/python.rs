//! A Python environment of our own under the target directory, so that nothing is installed into
//! the system's.

use std::path::PathBuf;

use super::stamp::Stamp;
use super::{Ground, apt, install, printed, works};
use crate::log::Log;
use crate::place::Place;
use crate::run::Step;

const REQUIREMENTS: &str = "tests/autobahn/requirements.txt";

/// The environment's own `python`.
pub(crate) fn program(place: &Place) -> PathBuf {
    place.kept("venv").join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Creates the environment with all that the requirements name, unless it is there already.
pub(super) fn environment(ground: Ground<'_>, log: &mut Log) -> Result<(), String> {
    let python = Step::new(ground.place, "python3");
    // Debian splits what makes an environment off Python itself.
    if !works(&python.clone().args(["-c", "import venv, ensurepip"])) {
        apt::packages(ground, log, "Python with its venv module", &["python3", "python3-venv"])?;
    }
    let version = printed(&python.clone().args(["--version"])).ok_or("python3 does not start")?;
    let dir = ground.place.kept("venv");
    let requirements = ground.place.root.join(REQUIREMENTS);
    let stamp = Stamp::new(&dir, &requirements, &version)
        .map_err(|e| format!("{REQUIREMENTS} cannot be read: {e}"))?;
    if stamp.holds() {
        return Ok(());
    }
    install(ground, log, &python.args(["-m", "venv", "--clear"]).args([&dir]))?;
    let pip = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "-r"];
    install(ground, log, &Step::new(ground.place, program(ground.place)).args(pip).args([&requirements]))?;
    stamp.set()
}
