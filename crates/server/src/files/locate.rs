//! Which file a path names, and that it lies in the public folder.

use playhouse_node::files::NoFile;
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};
use std::time::UNIX_EPOCH;

/// A file that may be read.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    /// Bytes.
    pub(super) size: u64,
    /// Last change, in milliseconds since 1970; 0 where the system does not know.
    pub(super) modified_ms: u64,
    /// The media type by the extension, without a charset.
    pub(super) mime: &'static str,
}

/// Opens the file that `path` names below `root`; a folder means its file `index`. `root` must be canonical.
/// May block.
///
/// # Errors
/// [`NoFile::NotFound`] also for every path that leads out of `root`: over `..`, from the root of the file
/// system, over a symbolic link; for hidden names; and for a file's name with a slash behind it.
pub(super) fn locate(root: &Path, path: &str, index: &str) -> Result<Opened, NoFile> {
    let below = plain(path).ok_or(NoFile::NotFound)?;
    let found = inside(root, &root.join(below))?;
    let metadata = found.metadata().map_err(|error| why(&error))?;
    if !metadata.is_dir() {
        if path.ends_with('/') {
            return Err(NoFile::NotFound);
        }
        return open(&found, &metadata);
    }
    let found = inside(root, &found.join(index))?;
    let metadata = found.metadata().map_err(|error| why(&error))?;
    open(&found, &metadata)
}

/// The one hidden folder that is meant to be read (RFC 8615).
const WELL_KNOWN: &str = ".well-known";

/// A path of nothing but names; `..` takes back the name before it and never leads above the folder. On
/// Windows a colon would name a drive or a stream.
pub(super) fn plain(path: &str) -> Option<PathBuf> {
    if path.contains('\0') || (cfg!(windows) && path.contains(':')) {
        return None;
    }
    let mut below = PathBuf::new();
    for part in Path::new(path).components() {
        match part {
            Component::Normal(name) => below.push(name),
            Component::CurDir => {}
            Component::ParentDir if below.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    (!below.iter().any(is_hidden)).then_some(below)
}

/// What tools keep to themselves: `.git`, `.env` and the like.
fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".") && name != WELL_KNOWN
}

/// Follows all links; what is then outside of the root is not there.
fn inside(root: &Path, path: &Path) -> Result<PathBuf, NoFile> {
    let found = path.canonicalize().map_err(|error| why(&error))?;
    if found.starts_with(root) { Ok(found) } else { Err(NoFile::NotFound) }
}

fn open(path: &Path, metadata: &Metadata) -> Result<Opened, NoFile> {
    // Looked at before it is opened: opening a pipe would wait for its writer.
    if !metadata.is_file() {
        return Err(NoFile::NotFound);
    }
    let file = File::open(path).map_err(|error| why(&error))?;
    // Asked again of the open file, which may be another one than a moment ago.
    let metadata = file.metadata().map_err(|error| why(&error))?;
    let age = metadata.modified().ok().and_then(|modified| modified.duration_since(UNIX_EPOCH).ok());
    let modified_ms = age.and_then(|age| u64::try_from(age.as_millis()).ok()).unwrap_or(0);
    Ok(Opened { file, size: metadata.len(), modified_ms, mime: mime_of(path) })
}

fn why(error: &io::Error) -> NoFile {
    match error.kind() {
        ErrorKind::NotFound
        | ErrorKind::NotADirectory
        | ErrorKind::InvalidFilename
        | ErrorKind::InvalidInput => NoFile::NotFound,
        _ => NoFile::Unreadable(error.to_string()),
    }
}

/// The media type by the extension. Scripts keep the name that `ActionHero` gives them.
fn mime_of(path: &Path) -> &'static str {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    if ["js", "mjs", "cjs"].iter().any(|script| extension.eq_ignore_ascii_case(script)) {
        return "application/javascript";
    }
    // By their extension alone these would be films.
    if extension.eq_ignore_ascii_case("ts") {
        return "application/typescript";
    }
    mime_guess::from_ext(extension).first_raw().unwrap_or("application/octet-stream")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::fs;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// A folder of a test's own, gone with it.
    pub(crate) struct Folder(PathBuf);

    impl Folder {
        pub(crate) fn new() -> Self {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let nth = NEXT.fetch_add(1, Ordering::Relaxed);
            let name = format!("playhouse-files-{}-{nth}", std::process::id());
            let path = std::env::temp_dir().join(name);
            fs::create_dir_all(path.join("public/sub")).unwrap();
            Self(path)
        }

        /// The public folder in it, without symbolic links.
        pub(crate) fn path(&self) -> PathBuf {
            self.0.join("public").canonicalize().unwrap()
        }

        pub(crate) fn write(&self, name: &str, content: &[u8]) {
            fs::write(self.path().join(name), content).unwrap();
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn found(folder: &Folder, path: &str) -> Option<u64> {
        match locate(&folder.path(), path, "index.html") {
            Ok(opened) => Some(opened.size),
            Err(NoFile::NotFound) => None,
            Err(other) => panic!("{path}: {other}"),
        }
    }

    /// What lies beside the folder and what is hidden in it; of these only `.well-known/a` is for everybody.
    fn write_unseen(folder: &Folder) {
        folder.write("../secret", b"123");
        folder.write(".env", b"1");
        fs::create_dir(folder.path().join(".git")).unwrap();
        folder.write(".git/config", b"1");
        fs::create_dir(folder.path().join(".well-known")).unwrap();
        folder.write(".well-known/a", b"1234");
        folder.write(".well-known/.b", b"1");
    }

    #[test]
    fn nothing_outside_is_found() {
        let folder = Folder::new();
        folder.write("index.html", b"12345");
        folder.write("sub/a b.txt", b"1");
        write_unseen(&folder);
        for (path, size) in [
            ("", Some(5)),
            ("index.html", Some(5)),
            ("./index.html", Some(5)),
            ("sub//a b.txt", Some(1)),
            ("sub", None),
            ("sub/none", None),
            ("index.html/x", None),
            ("index.html/", None),
            ("./", Some(5)),
            (".env", None),
            ("sub/../.env", None),
            (".git/config", None),
            (".git/../index.html", Some(5)),
            (".well-known/a", Some(4)),
            (".well-known/.b", None),
            ("../secret", None),
            ("sub/../index.html", Some(5)),
            ("sub/../../secret", None),
            ("..", None),
            ("/etc/passwd", None),
            ("/", None),
            ("index.html\0", None),
            ("\0", None),
        ] {
            assert_eq!(found(&folder, path), size, "{path:?}");
        }
        assert_eq!(found(&folder, &"x".repeat(10_000)), None);
        assert_eq!(found(&folder, &"x/".repeat(10_000)), None);
    }

    #[cfg(unix)]
    #[test]
    fn links_may_lead_about_inside_and_not_out() {
        use std::os::unix::fs::symlink;
        let folder = Folder::new();
        folder.write("a.txt", b"1");
        write_unseen(&folder);
        let at = |name: &str| folder.path().join(name);
        symlink(at("a.txt"), at("inner")).unwrap();
        symlink(at("../secret"), at("outer")).unwrap();
        symlink("../secret", at("sub/index.html")).unwrap();
        symlink("/", at("all")).unwrap();
        symlink("loop", at("loop")).unwrap();
        assert_eq!(found(&folder, "inner"), Some(1));
        for path in ["outer", "sub", "sub/index.html", "all", "all/etc/passwd"] {
            assert_eq!(found(&folder, path), None, "{path}");
        }
        assert!(matches!(locate(&folder.path(), "loop", "index.html"), Err(NoFile::Unreadable(_))));
        assert_eq!(found(&folder, "sub/none"), None);
    }

    #[test]
    fn a_folder_beside_with_a_longer_name_is_outside() {
        let folder = Folder::new();
        let beside = folder.path().with_file_name("public2");
        fs::create_dir(&beside).unwrap();
        fs::write(beside.join("x"), b"1").unwrap();
        assert_eq!(inside(&folder.path(), &beside.join("x")), Err(NoFile::NotFound));
    }

    #[test]
    fn media_types_by_extension() {
        for (name, mime) in [
            ("a.html", "text/html"),
            ("a.css", "text/css"),
            ("a.JS", "application/javascript"),
            ("a.mjs", "application/javascript"),
            ("a.d.ts", "application/typescript"),
            ("a.json", "application/json"),
            ("a.png", "image/png"),
            ("a.txt", "text/plain"),
            ("a.svg", "image/svg+xml"),
            ("a.unknown", "application/octet-stream"),
            ("none", "application/octet-stream"),
        ] {
            assert_eq!(mime_of(Path::new(name)), mime, "{name}");
        }
    }
}
