//! A mark in an installed folder that says what it was installed from, so that a warm run installs
//! nothing. It lies inside the folder: who deletes the folder deletes the mark.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

/// The mark for one folder and what it stems from.
#[derive(Debug)]
pub(crate) struct Stamp {
    file: PathBuf,
    text: String,
}

impl Stamp {
    /// For `folder`, installed from the file `source` with a tool of this version.
    pub(crate) fn new(folder: &Path, source: &Path, version: &str) -> io::Result<Stamp> {
        let mut hasher = DefaultHasher::new();
        fs::read(source)?.hash(&mut hasher);
        let text = format!("{version} {:016x}\n", hasher.finish());
        Ok(Stamp { file: folder.join(".xtask-stamp"), text })
    }

    /// Whether the folder is what the source says.
    pub(crate) fn holds(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|text| text == self.text)
    }

    /// Marks the folder, once everything in it is there.
    pub(crate) fn set(&self) -> Result<(), String> {
        fs::write(&self.file, &self.text)
            .map_err(|e| format!("{} cannot be written: {e}", self.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    #[test]
    fn holds_until_source_tool_or_folder_change() {
        let dir = Place::find().unwrap().kept("tests").join(format!("stamp-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let source = dir.join("lock.json");
        fs::write(&source, "one").unwrap();
        let stamp = |version: &str| Stamp::new(&dir, &source, version).unwrap();

        assert!(!stamp("v20").holds());
        stamp("v20").set().unwrap();
        assert!(stamp("v20").holds());
        assert!(!stamp("v22").holds());
        fs::write(&source, "two").unwrap();
        assert!(!stamp("v20").holds());
        fs::remove_dir_all(&dir).unwrap();
    }
}
