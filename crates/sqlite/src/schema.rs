//! The form of what stands in the file, and how an older form becomes today's.
//!
//! - `actors`: what an actor is, which never changes; `states`: what each commit writes, one short row for each actor, so
//!   that a batch touches few pages and no index. Rows are never given again (`AUTOINCREMENT`).
//! - `tags`: for each tag of an actor its name, tag and value; and one with two empty blobs, which stands for all of a name
//!   that were made by tags.
//! - `alarms` and `seats`, by a number of their own in order of their making.
//! - `epochs`: the last one. `cached` and `locks`: the cache, with times by the date in milliseconds.

use crate::failure::why;
use crate::settings::{Durability, OpenError, Settings};
use playhouse_core::os;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// What makes each form of the one before; the first, of an empty file.
const FORMS: &[&str] = &["
    CREATE TABLE actors (
        row INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        key TEXT,
        tags TEXT,
        created_at INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX actors_by_key ON actors (name, key) WHERE key IS NOT NULL;
    CREATE INDEX actors_by_name ON actors (name);
    CREATE TABLE states (
        row INTEGER PRIMARY KEY,
        version INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        counter INTEGER NOT NULL,
        form INTEGER,
        input BLOB,
        state BLOB
    ) STRICT;
    CREATE TABLE tags (
        name TEXT NOT NULL, tag ANY NOT NULL, value ANY NOT NULL, row INTEGER NOT NULL,
        PRIMARY KEY (name, tag, value, row)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE alarms (
        sequence INTEGER PRIMARY KEY,
        row INTEGER NOT NULL,
        number INTEGER NOT NULL,
        due INTEGER NOT NULL,
        failures INTEGER NOT NULL,
        given_up INTEGER NOT NULL,
        action TEXT NOT NULL,
        args BLOB NOT NULL,
        error TEXT
    ) STRICT;
    CREATE UNIQUE INDEX alarms_by_actor ON alarms (row, number);
    CREATE INDEX alarms_by_time ON alarms (due) WHERE given_up = 0;
    CREATE TABLE seats (
        place INTEGER PRIMARY KEY,
        row INTEGER NOT NULL,
        id TEXT NOT NULL,
        epoch INTEGER NOT NULL,
        bytes BLOB NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX seats_by_actor ON seats (row, id);
    CREATE TABLE epochs (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL) STRICT;
    INSERT INTO epochs VALUES (1, 0);
    CREATE TABLE cached (
        key TEXT PRIMARY KEY,
        created_at INTEGER NOT NULL,
        expires_at INTEGER,
        value BLOB NOT NULL
    ) STRICT;
    CREATE INDEX cached_by_end ON cached (expires_at) WHERE expires_at IS NOT NULL;
    CREATE TABLE locks (name TEXT PRIMARY KEY, expires_at INTEGER NOT NULL, token TEXT NOT NULL) STRICT;
    CREATE INDEX locks_by_end ON locks (expires_at);
"];

/// `Play`, in the file's head: says whose it is.
const OURS: i64 = 0x506c_6179;

/// Bytes of a page of a new file.
const PAGE: i64 = 4_096;

/// Pages that the log gathers before they are put in their places, 16 MB. With the usual 1,000 each batch of many actors that
/// lie far apart was followed by a checkpoint; with 4,000 a machine of two cores wrote 40 % more of those, and 7 % less of
/// what lies together. Pages of 2,048 or 8,192 bytes were better at one and worse at the other.
const CHECKPOINT: i64 = 4_000;

/// Bytes of pages that a connection keeps in memory.
const KEPT: i64 = 16 << 20;

/// What the log may keep of the disk after a burst.
const LOG_KEPT: i64 = 64 << 20;

/// How long somebody else may have the file (a person with a shell) before a write fails.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens the file to be written, in today's form.
pub(crate) fn open(file: &Path, settings: &Settings) -> Result<Connection, OpenError> {
    // Sessions are in it. What SQLite makes beside it gets the same rights.
    if !file.exists() {
        os::make_private_file(file).map_err(|error| OpenError::of(file, &error))?;
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(file, flags);
    let mut conn = conn.map_err(|error| OpenError::of(file, &why(&error)))?;
    let opened = form(&conn).map_err(|error| opening(file, &error))?;
    let known = i64::try_from(FORMS.len()).expect("there are few forms");
    match opened {
        Form::Foreign => return Err(OpenError::Foreign { file: file.to_owned() }),
        Form::Ours(found) if found > known => {
            return Err(OpenError::Newer { file: file.to_owned(), found, known });
        }
        Form::Ours(found) => {
            let prepared = set_up(&conn, settings).and_then(|()| migrate(&mut conn, found));
            prepared.map_err(|error| opening(file, &error))?;
        }
    }
    Ok(conn)
}

/// Opens it once more, to be read.
pub(crate) fn open_to_read(file: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    conn.busy_timeout(PATIENCE)?;
    conn.pragma_update(None, "cache_size", -(KEPT / 1_024))?;
    keep_statements(&conn)?;
    Ok(conn)
}

/// Statements are prepared once for all values. By default SQLite plans those anew of which a value might tell it something,
/// at each use, which made it six times as dear to load an actor.
fn keep_statements(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// More than there are: none is prepared twice.
const STATEMENTS: usize = 64;

enum Form {
    /// Of so many changes; 0 for an empty file.
    Ours(i64),
    Foreign,
}

/// Looks, and changes nothing.
fn form(conn: &Connection) -> rusqlite::Result<Form> {
    conn.busy_timeout(PATIENCE)?;
    let number = |pragma: &str| conn.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let (owner, form) = (number("application_id")?, number("user_version")?);
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let is_empty = (owner, form, tables) == (0, 0, 0);
    Ok(if owner == OURS || is_empty { Form::Ours(form) } else { Form::Foreign })
}

fn set_up(conn: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    // Has an effect on an empty file only, and must come before the log.
    conn.pragma_update(None, "page_size", PAGE)?;
    conn.query_row("PRAGMA journal_mode = wal", [], |_| Ok(()))?;
    let synchronous = match settings.durability {
        Durability::Full => "FULL",
        Durability::Relaxed => "NORMAL",
    };
    conn.pragma_update(None, "synchronous", synchronous)?;
    conn.pragma_update(None, "cache_size", -(KEPT / 1_024))?;
    conn.pragma_update(None, "temp_store", "memory")?;
    conn.query_row(&format!("PRAGMA wal_autocheckpoint = {CHECKPOINT}"), [], |_| Ok(()))?;
    conn.query_row(&format!("PRAGMA journal_size_limit = {LOG_KEPT}"), [], |_| Ok(()))?;
    if let Some(bytes) = settings.size_limit {
        let page: i64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page;
        conn.query_row(&format!("PRAGMA max_page_count = {}", pages.max(1)), [], |_| Ok(()))?;
    }
    keep_statements(conn)
}

/// One form after the other, each whole or not at all.
fn migrate(conn: &mut Connection, found: i64) -> rusqlite::Result<()> {
    for (form, change) in (0..).zip(FORMS).skip_while(|(form, _)| *form < found) {
        let change_all = conn.transaction()?;
        change_all.execute_batch(change)?;
        change_all.pragma_update(None, "application_id", OURS)?;
        change_all.pragma_update(None, "user_version", form + 1)?;
        change_all.commit()?;
    }
    Ok(())
}

fn opening(file: &Path, error: &rusqlite::Error) -> OpenError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
            OpenError::Damaged { file: file.to_owned(), why: why(error) }
        }
        _ => OpenError::of(file, &why(error)),
    }
}
