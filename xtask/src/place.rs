//! Where things are: the repository's root, the target directory and what xtask keeps in it.
//! Knows nothing of suites and starts no process.

use std::env;
use std::path::{Path, PathBuf};

/// The folders that everything else is told relative to. All paths are absolute.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The root of the repository.
    pub(crate) root: PathBuf,
    /// Cargo's target directory: `CARGO_TARGET_DIR`, else `target` under the root.
    pub(crate) target: PathBuf,
}

impl Place {
    /// The repository that this binary was built from, or, if that was moved, the one around the
    /// current directory. The error is a sentence for the person at the keyboard.
    pub(crate) fn find() -> Result<Place, String> {
        let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf);
        let here = env::current_dir().map_err(|e| format!("the current directory cannot be read: {e}"))?;
        let root = built_in
            .filter(|root| is_root(root))
            .or_else(|| here.ancestors().find(|dir| is_root(dir)).map(Path::to_path_buf))
            .ok_or("no Playhouse repository here; run this inside a clone of it")?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(dir) => here.join(dir),
            None => root.join("target"),
        };
        Ok(Place { root, target })
    }

    /// What xtask keeps between runs: logs, screenshots, the Python environment.
    pub(crate) fn kept(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// A binary that cargo built; `profile` is the folder's name, `debug` or `release`.
    pub(crate) fn binary(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// A path as a person would write it: relative to the root where it lies under it.
    pub(crate) fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

fn is_root(dir: &Path) -> bool {
    dir.join("xtask/Cargo.toml").is_file() && dir.join("crates/core/Cargo.toml").is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_repository_it_was_built_from() {
        let place = Place::find().unwrap();
        assert!(place.root.join("rustfmt.toml").is_file());
        assert!(place.target.is_absolute());
    }

    #[test]
    fn shows_paths_from_the_root() {
        let place = Place { root: "/r".into(), target: "/t".into() };
        assert_eq!(place.shown(Path::new("/r/docs/a.md")), "docs/a.md");
        assert_eq!(place.shown(&place.kept("logs")), "/t/xtask/logs");
    }
}
