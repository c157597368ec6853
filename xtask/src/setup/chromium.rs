//! The browser that the pages are shown in.

use std::env;
use std::ffi::OsStr;
use std::path::PathBuf;

use super::{Ground, apt, works};
use crate::log::Log;
use crate::place::Place;
use crate::run::Step;

/// The names it has on PATH in the distributions we know.
const NAMES: &[&str] = &["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
/// Without any font a page shows boxes instead of letters, and its screenshots say nothing.
const PACKAGES: &[&str] = &["chromium", "fonts-dejavu-core"];

/// The Chromium to use: what the variable `CHROMIUM` names, else the first on PATH that starts.
pub(crate) fn find(place: &Place) -> Option<PathBuf> {
    let told = env::var_os("CHROMIUM").map(PathBuf::from);
    let path = env::var_os("PATH").unwrap_or_default();
    let found = NAMES.iter().flat_map(|name| on_path(&path, name));
    // Ubuntu's `chromium-browser` may be a note that one should use snap: only what starts counts.
    told.into_iter().chain(found).find(|path| works(&Step::new(place, path).args(["--version"])))
}

/// Installs Debian's, unless there is one.
pub(super) fn install(ground: Ground<'_>, log: &mut Log) -> Result<(), String> {
    if find(ground.place).is_some() {
        return Ok(());
    }
    apt::packages(ground, log, "Chromium", PACKAGES)?;
    find(ground.place)
        .map(drop)
        .ok_or_else(|| "Chromium is installed but does not start; try `chromium --version`".into())
}

fn on_path(path: &OsStr, name: &str) -> Vec<PathBuf> {
    env::split_paths(path).map(|dir| dir.join(name)).filter(|file| file.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_along_the_path() {
        assert_eq!(on_path(OsStr::new("/nowhere:/bin"), "sh"), [PathBuf::from("/bin/sh")]);
        assert!(on_path(OsStr::new(""), "no-such-program").is_empty());
    }
}
