//! The engine for one machine: `Store` and `Cache` in one SQLite file, which one process holds at a time.
//!
//! One thread writes (`writer`): it takes all that waits into one transaction, and so into one fsync. Others read beside it
//! (`readers`), each what was committed when it began. Owns the folder with the file and its lock (`lock`), and the form of
//! what stands in it (`schema`). Knows neither what a state means nor who asks.

mod backup;
mod cache;
mod failure;
mod line;
mod lock;
mod readers;
mod reply;
mod schema;
mod settings;
mod store;
mod threads;
mod writer;

pub use backup::{BackupError, backup};
pub use settings::{Durability, OpenError, Parts, Settings};

use cache::Cache;
use line::Line;
use lock::Lock;
use playhouse_core::clock::Clock;
use readers::Read;
use reply::Reply;
use std::path::Path;
use std::sync::{Arc, Mutex};
use store::Store;
use writer::Write;

/// How many threads read. What is read is small; a second one is for the moment in which somebody wants a long list.
const READERS: usize = 2;

/// The engine. Ends with its last clone, store and cache; what waits to be written then is still written.
#[derive(Clone)]
pub struct Sqlite(Arc<Doors>);

/// How work comes to the threads.
struct Doors {
    writes: Arc<Line<Write>>,
    reads: Arc<Line<Read>>,
    clock: Clock,
    ends: Mutex<Ends>,
}

/// Resolve when the threads have let go of the file.
struct Ends {
    readers: Vec<Reply<()>>,
    writer: Option<Reply<()>>,
}

impl Sqlite {
    /// Makes the folder where there is none, takes its lock, and brings what stands there into today's form. Blocks.
    ///
    /// # Errors
    /// The folder or the file can't be used, or somebody else does: a sentence for the person who started the node.
    pub fn open(settings: &Settings, parts: Parts) -> Result<Self, OpenError> {
        let lock = Arc::new(Lock::take(&settings.dir, &parts.clock)?);
        let file = settings.file();
        let writing = schema::open(&file, settings)?;
        let (writes, reads) = (Arc::new(Line::new(settings.waiting)), Arc::new(Line::new(settings.waiting)));
        let clock = parts.clock.clone();
        let writer = writer::start(writing, parts, settings.cache_limit, &writes, lock.clone());
        let writer = writer.map_err(|error| OpenError::of(&file, &error))?;
        let doors = Doors {
            writes: writes.clone(),
            reads: reads.clone(),
            clock,
            ends: Mutex::new(Ends { readers: Vec::new(), writer: Some(writer) }),
        };
        let opened = Self(Arc::new(doors));
        for _ in 0..READERS {
            let reader = readers::start(&file, &reads, &writes, lock.clone());
            opened.ends().readers.push(reader.map_err(|error| OpenError::of(&file, &error))?);
        }
        Ok(opened)
    }

    fn ends(&self) -> std::sync::MutexGuard<'_, Ends> {
        self.0.ends.lock().expect("nothing panics while it holds the ends")
    }

    /// The actors.
    #[must_use]
    pub fn store(&self) -> Arc<dyn playhouse_core::store::Store> {
        Arc::new(Store::new(self.0.clone()))
    }

    /// The application's cache.
    #[must_use]
    pub fn cache(&self) -> Arc<dyn playhouse_core::cache::Cache> {
        Arc::new(Cache::new(self.0.clone(), self.0.clock.clone()))
    }

    /// Copies all that is committed now into a new file, which is a database of its own, while everything goes on. The
    /// file appears when it is whole and on disk.
    ///
    /// # Errors
    /// There is such a file, or it can't be written.
    pub async fn backup(&self, file: impl AsRef<Path>) -> Result<(), BackupError> {
        let file = file.as_ref().to_owned();
        let answer = self.0.reads.ask(|answer| Read::Backup(file, answer));
        match answer {
            Ok(reply) => reply.await.unwrap_or(Err(BackupError::Closed)),
            Err(_refused) => Err(BackupError::Closed),
        }
    }

    /// The orderly end: what waits is written, the file is closed, its lock is free when this resolves. Nothing works after
    /// it.
    pub async fn close(&self) {
        // Readers first: they may have something to hand on, and who closes last tidies up the file.
        self.0.reads.close();
        let (readers, writer) = {
            let mut ends = self.ends();
            (std::mem::take(&mut ends.readers), ends.writer.take())
        };
        for reader in readers {
            let _ = reader.await;
        }
        self.0.writes.close();
        if let Some(writer) = writer {
            let _ = writer.await;
        }
    }
}

impl Drop for Doors {
    fn drop(&mut self) {
        self.reads.close();
        self.writes.close();
    }
}
