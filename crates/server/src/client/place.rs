//! Puts generated files into the public folder. What can't be written is told once and harms nobody, as the files are
//! served from memory; what somebody wrote by hand is never written over.

use super::Generated;
use super::script::MARK;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// Writes what has changed; `by` is the node, as several may write the same file at once. Returns the paths of files that
/// somebody wrote by hand, which are served as they are.
pub(super) fn put(root: &Path, files: &[Generated], by: &str) -> Vec<String> {
    let mut kept = Vec::new();
    let mut refused: Option<(PathBuf, io::Error)> = None;
    for file in files {
        let path = root.join(&file.path);
        match write(root, &path, &file.text, by) {
            Ok(Written::Same) => {}
            Ok(Written::Anew) => tracing::debug!("{} was written", path.display()),
            Ok(Written::NotOurs) => {
                tell_kept(&path);
                kept.push(file.path.clone());
            }
            Err(error) => refused = refused.or(Some((path, error))),
        }
    }
    if let Some((path, error)) = refused {
        tell_refused(&path, &error);
    }
    kept
}

enum Written {
    Anew,
    Same,
    NotOurs,
}

fn tell_kept(path: &Path) {
    tracing::warn!(
        "{} was not made by a server, so it is left and served as it is. If pages should get the generated client \
         there, remove the file; else choose another `websocket.client_js_name`",
        path.display()
    );
}

fn tell_refused(path: &Path, error: &io::Error) {
    tracing::warn!(
        "the generated client can't be written to {}: {error}. Pages get it from memory under the same URL. For the \
         files, let this process write there, or choose another `websocket.client_js_path`; with \
         `client_js_name = false` there is no client",
        path.display()
    );
}

fn write(root: &Path, path: &Path, text: &str, by: &str) -> io::Result<Written> {
    let folder = path.parent().unwrap_or(root);
    make_inside(root, folder)?;
    match read(path) {
        Ok(there) if there == text.as_bytes() => return Ok(Written::Same),
        Ok(there) if !is_generated(&there) => return Ok(Written::NotOurs),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    replace(folder, path, text, by)?;
    Ok(Written::Anew)
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    // Looked at before it is opened: a pipe would wait for its writer.
    if fs::metadata(path)?.is_file() {
        fs::read(path)
    } else {
        Err(io::Error::other("something that is no file stands there"))
    }
}

/// Whoever reads the file meanwhile, such as another node, finds the old one or the new one. Hidden names are never
/// served, so the new one can't be seen half-written either.
fn replace(folder: &Path, path: &Path, text: &str, by: &str) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // Other nodes may write the same file now, on this machine or on one that shares the folder.
    let beside = folder.join(format!(".{name}.{by}"));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, path));
    if written.is_err() {
        // What is left of it is in nobody's way; the error that counts is the first.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Makes a folder that lies in `root`, also where symbolic links lead about: nothing outside is served, so nothing is
/// written there.
fn make_inside(root: &Path, folder: &Path) -> io::Result<()> {
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(root);
    if !there.canonicalize()?.starts_with(root) {
        return Err(io::Error::other("the folder leads out of the public folder"));
    }
    fs::create_dir_all(folder)
}

/// Whether a server made this file: ours, or ActionHero's, which joins the Primus library and its own class.
fn is_generated(content: &[u8]) -> bool {
    let text = String::from_utf8_lossy(content);
    let of_actionhero = text.contains("primus::")
        && ["ActionheroWebsocketClient", "ActionheroClient"].iter().any(|class| text.contains(class));
    text.trim().is_empty() || text.starts_with(MARK.trim_end()) || of_actionhero
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Folder;

    const PATH: &str = "javascript/client.js";

    fn generated(text: &str) -> [Generated; 1] {
        [Generated { path: PATH.into(), text: format!("{MARK}{text}"), mime: "" }]
    }

    fn read(folder: &Folder) -> String {
        fs::read_to_string(folder.path().join(PATH)).unwrap()
    }

    #[test]
    fn what_has_not_changed_is_not_written() {
        let folder = Folder::new();
        assert!(put(&folder.path(), &generated("1"), "node").is_empty());
        assert_eq!(read(&folder), format!("{MARK}1"));
        let place = folder.path().join(PATH);
        let old = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000);
        fs::File::options().write(true).open(&place).unwrap().set_modified(old).unwrap();
        put(&folder.path(), &generated("1"), "node");
        assert_eq!(fs::metadata(&place).unwrap().modified().unwrap(), old);
        put(&folder.path(), &generated("2"), "node");
        assert_eq!(read(&folder), format!("{MARK}2"));
        let names = fs::read_dir(place.parent().unwrap()).unwrap().count();
        assert_eq!(names, 1, "nothing else is left there");
    }

    #[test]
    fn only_what_servers_made_is_written_over() {
        let by_hand = "window.client = new ActionheroWebsocketClient()";
        let of_actionhero =
            "(function Primus(){ 'primus::ping::' })();;;;(function(exports){ var ActionheroClient";
        for (there, is_kept) in [("", false), (MARK, false), (of_actionhero, false), (by_hand, true)] {
            let folder = Folder::new();
            fs::create_dir(folder.path().join("javascript")).unwrap();
            folder.write(PATH, there.as_bytes());
            let kept = put(&folder.path(), &generated("new"), "node");
            assert_eq!(kept == [PATH], is_kept, "{there}");
            assert_eq!(read(&folder) == there, is_kept, "{there}");
        }
    }

    #[test]
    fn a_file_in_the_folders_place_harms_nobody() {
        let folder = Folder::new();
        folder.write("javascript", b"a file");
        assert!(put(&folder.path(), &generated("1"), "node").is_empty());
        assert_eq!(fs::read(folder.path().join("javascript")).unwrap(), b"a file");
    }

    #[test]
    fn a_folder_in_the_files_place_harms_nobody() {
        let folder = Folder::new();
        fs::create_dir_all(folder.path().join(PATH)).unwrap();
        assert!(put(&folder.path(), &generated("1"), "node").is_empty());
        let names = fs::read_dir(folder.path().join("javascript")).unwrap().count();
        assert_eq!(names, 1, "nothing else is left there");
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_outside() {
        let folder = Folder::new();
        let outside = folder.path().with_file_name("outside");
        fs::create_dir(&outside).unwrap();
        std::os::unix::fs::symlink(&outside, folder.path().join("javascript")).unwrap();
        assert!(put(&folder.path(), &generated("1"), "node").is_empty());
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    }
}
