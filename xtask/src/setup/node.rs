//! Node and the packages that a lock file names.

use super::stamp::Stamp;
use super::{Ground, install, printed};
use crate::log::Log;
use crate::run::Step;

/// The oldest Node the tests run on: the oldest that was maintained when they were written.
const NODE_MIN: u32 = 20;

/// Installs exactly what `<folder>/package-lock.json` names, unless it is there already.
pub(super) fn packages(ground: Ground<'_>, log: &mut Log, folder: &str) -> Result<(), String> {
    let version = node_version(ground)?;
    let dir = ground.place.root.join(folder);
    let lock = dir.join("package-lock.json");
    let stamp = Stamp::new(&dir.join("node_modules"), &lock, &version)
        .map_err(|e| format!("{folder}/package-lock.json cannot be read: {e}"))?;
    if stamp.holds() {
        return Ok(());
    }
    let npm = Step::new(ground.place, "npm").args(["ci", "--no-audit", "--no-fund"]).dir(dir);
    install(ground, log, &npm)?;
    stamp.set()
}

fn node_version(ground: Ground<'_>) -> Result<String, String> {
    let version = printed(&Step::new(ground.place, "node").args(["--version"]))
        .ok_or_else(|| format!("there is no Node here: install Node {NODE_MIN} or newer, with npm"))?;
    judged(&version)
}

/// The version if it is new enough: `v20.1.0` is, `v18.19.0` is not.
fn judged(version: &str) -> Result<String, String> {
    let major = version.trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    match major {
        Some(major) if major >= NODE_MIN => Ok(version.to_owned()),
        _ => Err(format!("Node here is {version}: the tests need Node {NODE_MIN} or newer")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_node_is_refused_with_a_sentence() {
        assert_eq!(judged("v20.20.2"), Ok("v20.20.2".into()));
        assert_eq!(judged("v18.19.0"), Err("Node here is v18.19.0: the tests need Node 20 or newer".into()));
        assert!(judged("what").is_err());
    }
}
