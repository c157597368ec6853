//! Which files matter, and when something changed in them. A burst of changes, as of an editor or of git, is one.

use notify::{Event, RecursiveMode, Watcher as _};
use playhouse_core::clock::Clock;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc;

/// A burst is over when nothing changed for this long.
const QUIET: Duration = Duration::from_millis(150);

/// Changes that are told before they are asked for. What is more says nothing new.
const AHEAD: usize = 64;

/// Files of the application's folder itself that matter.
const FILES: [&str; 3] = ["Cargo.toml", "build.rs", SETTINGS];

/// The configuration: read at the start, so that nothing has to be built for it.
const SETTINGS: &str = "playhouse.toml";

/// What changed. The larger contains the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Changed {
    Settings,
    Sources,
}

/// Watches files.
pub(super) struct Watch {
    changes: mpsc::Receiver<Changed>,
    clock: Clock,
    /// Ends the watch when it is dropped.
    _watcher: notify::RecommendedWatcher,
}

impl Watch {
    /// Watches an application's folder and what else was named.
    pub(super) fn of(folder: &Path, others: &[PathBuf], clock: Clock) -> Result<Self, String> {
        let (tell, changes) = mpsc::channel(AHEAD);
        let places = Places::of(folder, others)?;
        let seen = places.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if let Some(changed) = seen.changed_by(&event) {
                // A full queue has told enough, and nobody waits for a closed one.
                let _ = tell.try_send(changed);
            }
        });
        let failed = |error: notify::Error| format!("{} can't be watched: {error}", folder.display());
        let mut watcher = watcher.map_err(failed)?;
        for (place, mode) in places.all() {
            let watched = watcher.watch(place, mode);
            watched.map_err(|error| format!("{} can't be watched: {error}", place.display()))?;
        }
        Ok(Self { changes, clock, _watcher: watcher })
    }

    /// Resolves when something has changed and a moment has passed without another change.
    pub(super) async fn next(&mut self) -> Result<Changed, String> {
        let over = || "nothing is watched any more".to_owned();
        let mut changed = self.changes.recv().await.ok_or_else(over)?;
        while let Ok(more) = self.clock.timeout(QUIET, self.changes.recv()).await {
            changed = changed.max(more.ok_or_else(over)?);
        }
        Ok(changed)
    }
}

/// What is watched.
#[derive(Clone)]
struct Places {
    folder: PathBuf,
    sources: PathBuf,
    others: Vec<PathBuf>,
}

impl Places {
    fn of(folder: &Path, others: &[PathBuf]) -> Result<Self, String> {
        let real = |path: &Path| {
            path.canonicalize().map_err(|error| format!("{} can't be watched: {error}", path.display()))
        };
        let folder = real(folder)?;
        let others = others.iter().map(|path| real(path)).collect::<Result<_, _>>()?;
        Ok(Self { sources: real(&folder.join("src"))?, folder, others })
    }

    /// The folder itself too, as editors replace files by others of the same name.
    fn all(&self) -> impl Iterator<Item = (&Path, RecursiveMode)> {
        let own = [(&*self.folder, RecursiveMode::NonRecursive), (&*self.sources, RecursiveMode::Recursive)];
        own.into_iter().chain(self.others.iter().map(|path| (&**path, RecursiveMode::Recursive)))
    }

    fn changed_by(&self, event: &notify::Result<Event>) -> Option<Changed> {
        match event {
            // Cargo reads all of them, which changes nothing.
            Ok(event) if event.kind.is_access() => None,
            Ok(event) => event.paths.iter().filter_map(|path| self.what(path)).max(),
            // Something was missed.
            Err(_) => Some(Changed::Sources),
        }
    }

    fn what(&self, path: &Path) -> Option<Changed> {
        if self.others.iter().any(|other| path.starts_with(other)) {
            return Some(Changed::Sources);
        }
        if let Ok(below) = path.strip_prefix(&self.sources) {
            return below.components().all(is_source).then_some(Changed::Sources);
        }
        let name = path.strip_prefix(&self.folder).ok()?.to_str()?;
        let changed = if name == SETTINGS { Changed::Settings } else { Changed::Sources };
        FILES.contains(&name).then_some(changed)
    }
}

/// Not what an editor keeps for itself while a file is open.
fn is_source(part: Component<'_>) -> bool {
    let name = part.as_os_str().to_string_lossy();
    let is_vims_probe = !name.is_empty() && name.chars().all(|letter| letter.is_ascii_digit());
    !name.starts_with(['.', '#']) && !name.ends_with('~') && !is_vims_probe
}

#[cfg(test)]
mod tests {
    use super::*;
    use notify::EventKind;
    use notify::event::{AccessKind, ModifyKind};

    fn places() -> Places {
        Places { folder: "/a".into(), sources: "/a/src".into(), others: vec!["/b/texts".into()] }
    }

    #[test]
    fn only_what_the_program_is_made_of_matters() {
        for (path, changed) in [
            ("/a/src/main.rs", Some(Changed::Sources)),
            ("/a/src/actions/text.html", Some(Changed::Sources)),
            ("/a/Cargo.toml", Some(Changed::Sources)),
            ("/b/texts/en.json", Some(Changed::Sources)),
            ("/a/playhouse.toml", Some(Changed::Settings)),
            ("/a/Cargo.lock", None),
            ("/a/public/index.html", None),
            ("/a/target/debug/a", None),
            ("/a/src/.main.rs.swp", None),
            ("/a/src/main.rs~", None),
            ("/a/src/4913", None),
            ("/c/main.rs", None),
        ] {
            assert_eq!(places().what(Path::new(path)), changed, "{path}");
        }
    }

    #[test]
    fn reading_is_no_change_and_a_hole_is_one() {
        let of = |kind: EventKind| Ok(Event::new(kind).add_path("/a/src/main.rs".into()));
        assert_eq!(places().changed_by(&of(EventKind::Access(AccessKind::Any))), None);
        assert_eq!(places().changed_by(&of(EventKind::Modify(ModifyKind::Any))), Some(Changed::Sources));
        assert_eq!(places().changed_by(&Err(notify::Error::generic("lost"))), Some(Changed::Sources));
    }
}
