//! Python environments of our own under the target directory, so that nothing is installed into
//! the system's. Each suite has its own: what one needs may not fit what another does.

use std::path::PathBuf;

use super::stamp::Stamp;
use super::{Ground, apt, install, printed, works};
use crate::log::Log;
use crate::place::Place;
use crate::run::Step;

/// The environment of a suite: the name of its folder in `tests`.
pub(crate) const AUTOBAHN: &str = "autobahn";
/// The same.
pub(crate) const SCHEMA: &str = "schema";

fn folder(place: &Place, suite: &str) -> PathBuf {
    place.kept(&format!("venv-{suite}"))
}

/// An environment's own `python`.
pub(crate) fn program(place: &Place, suite: &str) -> PathBuf {
    folder(place, suite).join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Creates an environment with all that the suite's `requirements.txt` names, unless it is there already.
pub(super) fn environment(ground: Ground<'_>, log: &mut Log, suite: &str) -> Result<(), String> {
    let python = Step::new(ground.place, "python3");
    // Debian splits what makes an environment off Python itself.
    if !works(&python.clone().args(["-c", "import venv, ensurepip"])) {
        apt::packages(ground, log, "Python with its venv module", &["python3", "python3-venv"])?;
    }
    let version = printed(&python.clone().args(["--version"])).ok_or("python3 does not start")?;
    let dir = folder(ground.place, suite);
    let name = format!("tests/{suite}/requirements.txt");
    let requirements = ground.place.root.join(&name);
    let stamp =
        Stamp::new(&dir, &requirements, &version).map_err(|e| format!("{name} cannot be read: {e}"))?;
    if stamp.holds() {
        return Ok(());
    }
    install(ground, log, &python.args(["-m", "venv", "--clear"]).args([&dir]))?;
    let pip = ["-m", "pip", "install", "--disable-pip-version-check", "--quiet", "-r"];
    install(
        ground,
        log,
        &Step::new(ground.place, program(ground.place, suite)).args(pip).args([&requirements]),
    )?;
    stamp.set()
}
