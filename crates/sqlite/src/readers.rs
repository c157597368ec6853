//! The threads that read. Each takes a few that wait into one look at the file, since to begin a look costs more than most
//! of what is looked for.

use crate::backup::{self, BackupError};
use crate::cache::rows as cached;
use crate::failure::Failure;
use crate::line::Line;
use crate::lock::Lock;
use crate::reply::{Answer, Reply};
use crate::store::{list, load, open};
use crate::writer::{Job, Write};
use crate::{schema, threads};
use playhouse_core::actor::ActorId;
use playhouse_core::bell::Round;
use playhouse_core::cache::{CacheError, Cached};
use playhouse_core::store::{Due, Loaded, Open, Opened, Query, Record, StoreError};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What may be asked.
pub(crate) enum Read {
    Open(Open, Answer<Result<Opened, StoreError>>),
    Load(ActorId, Answer<Result<Option<Loaded>, StoreError>>),
    List(Query, Answer<Result<Vec<Record>, StoreError>>),
    Due {
        after: (u64, u64),
        until: u64,
        n: usize,
        answer: Answer<Result<Vec<Due>, StoreError>>,
    },
    /// A key, and the time now.
    Cached(Box<str>, i64, Answer<Result<Option<Cached>, CacheError>>),
    /// How many are there now.
    Count(i64, Answer<Result<usize, CacheError>>),
    Backup(PathBuf, Answer<Result<(), BackupError>>),
}

/// Few, so that the other thread gets its share, and nobody waits for many.
const AT_ONCE: usize = 64;

pub(crate) fn start(
    file: &Path,
    reads: &Arc<Line<Read>>,
    writes: &Arc<Line<Write>>,
    lock: Arc<Lock>,
) -> Result<Reply<()>, String> {
    let conn = schema::open_to_read(file).map_err(|error| error.to_string())?;
    let (file, writes) = (file.to_owned(), writes.clone());
    let work = move |line: &Line<Read>| {
        let mut jobs = Vec::new();
        while line.take(&mut jobs, AT_ONCE) {
            look(&conn, &mut jobs, &writes, &file);
        }
    };
    threads::start("sqlite reads", reads.clone(), lock, work).map_err(|error| error.to_string())
}

/// All of it as it stood at one moment, behind everything that was answered before it was asked. Copies last, as nobody
/// should wait for them who did not ask for one.
fn look(conn: &Connection, jobs: &mut Vec<Read>, writes: &Line<Write>, file: &Path) {
    let mut round = Round::begin();
    let mut copies = Vec::new();
    // Where this fails, so does all that follows, and says so itself.
    let begun = jobs.len() > 1 && execute(conn, "BEGIN").is_ok();
    for job in jobs.drain(..) {
        match job {
            Read::Backup(to, answer) => copies.push((to, answer)),
            job => job.run(conn, writes, &mut round),
        }
    }
    if begun && let Err(error) = execute(conn, "COMMIT").or_else(|_| execute(conn, "ROLLBACK")) {
        tracing::error!(%error, "a look into the database does not end");
    }
    drop(round);
    for (to, answer) in copies {
        answer.give(backup::copy(file, &to), &mut Round::begin());
    }
}

fn execute(conn: &Connection, sql: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(sql)?.execute([]).map(drop)
}

impl Read {
    fn run(self, conn: &Connection, writes: &Line<Write>, round: &mut Round) {
        match self {
            Self::Open(open, answer) => match open::find(conn, &open) {
                // Dropped with its answer where nobody can take it.
                Ok(None) => drop(writes.push(Write::Open(Job::new(open, answer)))),
                Ok(Some(opened)) => answer.give(Ok(opened), round),
                Err(error) => answer.give(Err(Failure::before_commit(&error).into()), round),
            },
            Self::Load(id, answer) => answer.give(told(load::load(conn, &id)), round),
            Self::List(query, answer) => answer.give(told(list::list(conn, &query)), round),
            Self::Due { after, until, n, answer } => {
                answer.give(told(list::due(conn, after, until, n)), round);
            }
            Self::Cached(key, now, answer) => answer.give(told(cached::get(conn, &key, now)), round),
            Self::Count(now, answer) => answer.give(told(cached::count(conn, now)), round),
            // Not a look: it reads by itself.
            Self::Backup(..) => {}
        }
    }
}

fn told<T, E: From<Failure>>(read: rusqlite::Result<T>) -> Result<T, E> {
    read.map_err(|error| Failure::before_commit(&error).into())
}
