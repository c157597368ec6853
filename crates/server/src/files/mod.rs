//! The public folder: what it holds, for the verb `file` and over HTTP. Nothing outside of it is ever read.
//! Knows files and the conditions of HTTP; which paths mean files is decided elsewhere.

mod answer;
mod conditional;
mod locate;
mod made;
mod pieces;
mod range;

pub(crate) use conditional::is_known;
#[cfg(test)]
pub(crate) use locate::tests::Folder;
pub(crate) use made::Made;
pub(crate) use pieces::Pieces;

use crate::client::Client;
use locate::{Opened, locate, plain};
use playhouse_core::Later;
use playhouse_core::config::Config;
use playhouse_core::event::FileContent;
use playhouse_core::tasks::Tasks;
use playhouse_node::files::{Files, NoFile};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The folder whose files everybody may read. It is read on threads that may block, never on a worker's.
#[derive(Debug)]
pub(crate) struct PublicFolder {
    place: Arc<Place>,
    cache_duration: Duration,
    etag: bool,
    verb_max: u64,
    /// Known once there is a node: the folder is looked at before, so that a node without one never starts.
    tasks: OnceLock<Tasks>,
    /// What this process has made itself: it is served in the place of what the folder holds under the same names.
    client: OnceLock<Client>,
}

/// Where the files are.
#[derive(Debug)]
struct Place {
    /// Without symbolic links in it, so that what it holds can be told from what it does not. None where the
    /// application has no folder: it has no file then.
    root: Option<PathBuf>,
    index: String,
}

impl PublicFolder {
    /// Looks whether the folder is there and can be read. May block; for the start.
    ///
    /// # Errors
    /// A sentence that says which folder, why not, and what to do.
    pub(crate) fn open(config: &Config) -> Result<Self, String> {
        let settings = &config.files;
        let root = match readable(&settings.folder) {
            Ok(root) => Some(root),
            // Nobody asked for files: an application of ten lines needs no folder.
            Err(cause) if cause.kind() == io::ErrorKind::NotFound && is_default(&settings.folder) => {
                tracing::info!("there is no folder {}, so no files are served", settings.folder.display());
                None
            }
            Err(cause) => {
                let folder = settings.folder.display();
                return Err(format!(
                    "the public folder {folder} can't be read: {cause}. Make it, or name another one as \
                     `files.folder`"
                ));
            }
        };
        Ok(Self {
            place: Arc::new(Place { root, index: settings.index.clone() }),
            cache_duration: settings.cache_duration,
            etag: settings.etag,
            verb_max: settings.verb_max as u64,
            tasks: OnceLock::new(),
            client: OnceLock::new(),
        })
    }

    /// Serves the files of a generated client beside its own. The first one counts.
    pub(crate) fn serve_client(&self, make: impl FnOnce(Option<&Path>) -> Option<Client>) {
        if self.client.get().is_none()
            && let Some(client) = make(self.place.root.as_deref())
        {
            // Somebody was faster with the same client.
            let _ = self.client.set(client);
        }
    }

    /// Whether the folder holds something of this name. May block; for the start.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let held = self.place.root.as_ref().zip(plain(path)).map(|(root, path)| root.join(path));
        held.is_some_and(|held| held.exists())
    }

    /// The generated client, where there is one.
    pub(crate) fn client(&self) -> Option<&Client> {
        self.client.get()
    }

    /// The file of the generated client that a path names.
    fn made(&self, path: &str) -> Option<&Made> {
        let files = &self.client()?.files;
        let below = plain(path).filter(|_| !path.ends_with('/'))?;
        files.iter().find(|(name, _)| Path::new(name) == below).map(|(_, made)| made)
    }

    /// Says where blocking is allowed; before that nothing is read. The first to say so counts.
    pub(crate) fn read_on(&self, tasks: &Tasks) {
        self.tasks.get_or_init(|| tasks.clone());
    }

    fn tasks(&self) -> Result<&Tasks, NoFile> {
        self.tasks.get().ok_or_else(|| NoFile::Unreadable("the node has not started".to_owned()))
    }

    /// Runs `read` on a file that `path` names, where blocking is allowed.
    async fn with<T: Send + 'static>(
        &self,
        path: &str,
        read: impl FnOnce(Opened) -> io::Result<T> + Send + 'static,
    ) -> Result<T, NoFile> {
        let (place, path) = (self.place.clone(), path.to_owned());
        let work = move || {
            let root = place.root.as_deref().ok_or(NoFile::NotFound)?;
            let opened = locate(root, &path, &place.index)?;
            read(opened).map_err(|cause| NoFile::Unreadable(cause.to_string()))
        };
        let done = self.tasks()?.blocking("file", work).await;
        done.unwrap_or_else(|cause| Err(NoFile::Unreadable(cause.to_string())))
    }

    async fn content(&self, path: &str) -> Result<FileContent, NoFile> {
        let max = self.verb_max;
        if let Some(made) = self.made(path) {
            let content = made.content();
            return if content.length > max { Err(NoFile::NotFound) } else { Ok(content) };
        }
        let read = self.with(
            path,
            move |opened| if opened.size > max { Ok(None) } else { whole(opened, max).map(Some) },
        );
        read.await?.ok_or(NoFile::NotFound)
    }
}

impl Files for PublicFolder {
    fn read(&self, path: &str) -> Later<'_, Result<FileContent, NoFile>> {
        let path = path.to_owned();
        Box::pin(async move { self.content(&path).await })
    }
}

fn is_default(folder: &Path) -> bool {
    folder == Config::default().files.folder
}

fn readable(folder: &Path) -> io::Result<PathBuf> {
    let root = folder.canonicalize()?;
    // Reading its list is what needs the permission; a file in its place has none.
    root.read_dir()?;
    Ok(root)
}

/// Reads a file that may grow meanwhile, but not beyond `max`.
fn whole(opened: Opened, max: u64) -> io::Result<FileContent> {
    let mut bytes = Vec::new();
    let length = opened.file.take(max).read_to_end(&mut bytes)?;
    let text =
        String::from_utf8(bytes).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
    Ok(FileContent {
        text,
        mime: opened.mime.to_owned(),
        length: length as u64,
        modified_ms: opened.modified_ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::runtime::{Builder, Runtime};

    fn public(folder: &Folder, runtime: &Runtime, verb_max: usize) -> PublicFolder {
        let mut config = Config::default();
        (config.files.folder, config.files.verb_max) = (folder.path(), verb_max);
        let public = PublicFolder::open(&config).unwrap();
        public.read_on(&Tasks::new(runtime.handle().clone()));
        public
    }

    #[test]
    fn an_application_needs_no_folder_but_the_one_it_names() {
        let runtime = Builder::new_current_thread().build().unwrap();
        // The tests of this crate run in its folder, which has none of the default name.
        let public = PublicFolder::open(&Config::default()).unwrap();
        public.read_on(&Tasks::new(runtime.handle().clone()));
        assert_eq!(runtime.block_on(public.read("index.html")), Err(NoFile::NotFound));
        let mut config = Config::default();
        config.files.folder = "./pubilc".into();
        let said = PublicFolder::open(&config).unwrap_err();
        assert!(said.contains("./pubilc can't be read") && said.contains("Make it"), "{said}");
    }

    #[test]
    fn reads_what_a_message_carries() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let folder = Folder::new();
        folder.write("index.html", b"<p>");
        folder.write("odd.bin", b"a\xff");
        let public = public(&folder, &runtime, 3);
        let read = |path| runtime.block_on(public.read(path));
        let index = read(".").unwrap();
        assert_eq!((index.text.as_str(), index.mime.as_str(), index.length), ("<p>", "text/html", 3));
        let odd = read("odd.bin").unwrap();
        assert_eq!(
            (odd.text.as_str(), odd.mime.as_str(), odd.length),
            ("a\u{fffd}", "application/octet-stream", 2)
        );
        folder.write("large.txt", b"abcd");
        assert_eq!(read("large.txt"), Err(NoFile::NotFound));
        assert_eq!(read("none"), Err(NoFile::NotFound));
        assert_eq!(read("%69ndex.html"), Err(NoFile::NotFound), "a path is taken literally");
    }

    #[test]
    fn a_folder_that_is_not_there_is_told_in_a_sentence() {
        let folder = Folder::new();
        folder.write("file", b"");
        for name in ["none", "file"] {
            let mut config = Config::default();
            config.files.folder = folder.path().join(name);
            let text = PublicFolder::open(&config).unwrap_err();
            assert!(text.starts_with("the public folder ") && text.contains(name), "{text}");
            assert!(text.ends_with("Make it, or name another one as `files.folder`"), "{text}");
        }
    }
}
