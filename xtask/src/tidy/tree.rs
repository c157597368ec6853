//! The files that the rules look at: what git tracks or would track, as text. Knows which files are
//! tests as a whole, but no rule.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::source::Source;

/// Folders that hold nothing of ours, for a copy without git.
const NOT_OURS: &[&str] = &["target", "node_modules", ".git", ".venv", "data"];

/// All files of the repository that are text.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
}

/// One file.
#[derive(Debug)]
pub(super) struct File {
    /// From the repository's root, with `/` between the parts.
    pub(super) path: String,
    pub(super) text: String,
    /// For a `.rs` file what it says, or the line and the reason why that cannot be told.
    pub(super) rust: Option<Result<Source, (usize, String)>>,
    /// Whether all of it is test.
    pub(super) is_test: bool,
}

impl Tree {
    /// Reads the repository under `root`.
    pub(super) fn read(root: &Path) -> Result<Tree, String> {
        let paths = tracked(root).map_or_else(|| walked(root), Ok)?;
        // What is listed but cannot be read as text is deleted, an image, or a link to nowhere.
        let text = |path: &String| Some((path.clone(), fs::read_to_string(root.join(path)).ok()?));
        Ok(Tree::new(paths.iter().filter_map(text)))
    }

    /// A tree for the tests of rules.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Tree {
        Tree::new(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())))
    }

    /// Every Rust file that parses.
    pub(super) fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files.iter().filter_map(|file| Some((file, file.rust.as_ref()?.as_ref().ok()?)))
    }

    fn new(texts: impl Iterator<Item = (String, String)>) -> Tree {
        let mut files: Vec<File> = texts.map(|(path, text)| File::new(path, text)).collect();
        let modules: BTreeSet<String> = files.iter().flat_map(test_modules).collect();
        for file in &mut files {
            let inside = |module: &String| {
                let rest = file.path.strip_prefix(module.as_str());
                rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            };
            file.is_test |= modules.iter().any(inside);
        }
        Tree { files }
    }
}

impl File {
    fn new(path: String, text: String) -> File {
        let rust = path.ends_with(".rs").then(|| Source::parse(&text));
        let whole = matches!(&rust, Some(Ok(source)) if source.is_test());
        let is_test = whole || is_test_path(&path);
        File { path, text, rust, is_test }
    }
}

/// Folders and files that are tests by their place. The contract suites are: every engine runs them.
fn is_test_path(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs")
        || path.starts_with("crates/core/src/contract")
}

/// The modules that a file declares as tests and that stand elsewhere (`#[cfg(test)] mod sim;`), as
/// paths without ending.
fn test_modules(file: &File) -> Vec<String> {
    let Some(Ok(source)) = &file.rust else { return Vec::new() };
    let stem = file.path.trim_end_matches(".rs");
    let (parent, name) = stem.rsplit_once('/').unwrap_or(("", stem));
    let dir = if matches!(name, "mod" | "lib" | "main") { parent } else { stem };
    source.outside_test_modules().map(|module| format!("{dir}/{module}")).collect()
}

/// What git tracks, and what it would track; none without git.
fn tracked(root: &Path) -> Option<Vec<String>> {
    let args = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    let told = Command::new("git")
        .args(args)
        .current_dir(root)
        .output()
        .ok()
        .filter(|told| told.status.success())?;
    let paths: BTreeSet<String> = String::from_utf8_lossy(&told.stdout)
        .split('\0')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect();
    Some(paths.into_iter().collect()).filter(|paths: &Vec<String>| !paths.is_empty())
}

fn walked(root: &Path) -> Result<Vec<String>, String> {
    let mut folders = vec![PathBuf::new()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let dir = root.join(&folder);
        let entries = fs::read_dir(&dir).map_err(|e| format!("{} cannot be read: {e}", dir.display()))?;
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            match entry.file_type() {
                Ok(kind) if kind.is_file() => files.push(path.to_string_lossy().replace('\\', "/")),
                Ok(kind) if kind.is_dir() && !NOT_OURS.iter().any(|name| path.ends_with(name)) => {
                    folders.push(path);
                }
                _ => {}
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    fn test_files(files: &[(&str, &str)]) -> Vec<String> {
        Tree::of(files).files.into_iter().filter(|file| file.is_test).map(|file| file.path).collect()
    }

    #[test]
    fn knows_which_files_are_tests() {
        let files = [
            ("crates/node/tests/a.rs", ""),
            ("crates/node/src/room.rs", "#[cfg(test)] mod sim; mod tests;"),
            ("crates/node/src/room/sim.rs", ""),
            ("crates/node/src/room/sim/link.rs", ""),
            ("crates/node/src/room/simple.rs", ""),
            ("crates/node/src/room/tests.rs", ""),
            ("crates/node/src/hub.rs", "#![cfg(test)]"),
            ("crates/core/src/contract/broker.rs", ""),
        ];
        let tests = test_files(&files);
        let expected = [0, 2, 3, 5, 6, 7].map(|n| files[n].0);
        assert_eq!(tests, expected);
    }

    #[test]
    fn with_and_without_git_it_is_the_same_house() {
        let root = Place::find().unwrap().root;
        let walked = walked(&root).unwrap();
        let here = String::from("xtask/src/tidy/tree.rs");
        assert!(walked.contains(&here));
        assert!(tracked(&root).is_none_or(|paths| paths.contains(&here)));
    }
}
