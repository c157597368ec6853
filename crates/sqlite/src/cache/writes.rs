//! What changes the cache, each one step of the writer's. Frees what ended as it goes along.

use super::budget::ENTRY_BYTES;
use super::rows;
use crate::store::stored;
use crate::writer::Writer;
use bytes::Bytes;
use playhouse_core::cache::CacheError;
use rusqlite::{Connection, OptionalExtension as _, Result, params};

pub(crate) enum Ask {
    Set { key: Box<str>, value: Bytes, expires_in: Option<i64> },
    Remove { key: Box<str> },
    Increment { key: Box<str>, by: i64 },
    Take { name: Box<str>, token: Box<str>, hold: i64 },
    Release { name: Box<str>, token: Box<str> },
}

pub(crate) enum Told {
    Done,
    Was(bool),
    Sum(i64),
}

impl Told {
    pub(super) fn was(self) -> bool {
        matches!(self, Self::Was(true))
    }

    pub(super) fn sum(self) -> i64 {
        match self {
            Self::Sum(sum) => sum,
            Self::Done | Self::Was(_) => 0,
        }
    }
}

/// Ended entries that a write frees beside its own work: more than it can add, so that what ended never piles up.
const SWEPT_PER_WRITE: i64 = 8;

type Outcome<T> = std::result::Result<T, CacheError>;

pub(crate) fn run(writer: &mut Writer, ask: &Ask) -> Result<Outcome<Told>> {
    let now = stored(writer.parts.clock.unix_ms());
    sweep(writer, now, SWEPT_PER_WRITE)?;
    match ask {
        Ask::Set { key, value, expires_in } => {
            let expires_at = expires_in.map(|ms| now.saturating_add(ms));
            Ok(put(writer, key, value, now, (now, expires_at))?.map(|()| Told::Done))
        }
        Ask::Remove { key } => remove(writer, key, now).map(|was_there| Ok(Told::Was(was_there))),
        Ask::Increment { key, by } => Ok(increment(writer, key, *by, now)?.map(Told::Sum)),
        Ask::Take { name, token, hold } => Ok(take(writer, name, token, now, *hold)?.map(Told::Was)),
        Ask::Release { name, token } => {
            release(writer, name, token, now).map(|was_held| Ok(Told::Was(was_held)))
        }
    }
}

/// Sets a key with its times. What is over its limit is refused, after everything that ended was freed.
fn put(
    writer: &mut Writer,
    key: &str,
    value: &[u8],
    now: i64,
    (created_at, expires_at): (i64, Option<i64>),
) -> Result<Outcome<()>> {
    let weigh = "SELECT octet_length(key) + octet_length(value) FROM cached WHERE key = ?1";
    if let Err(full) = make_room(writer, weigh, key, key.len() + value.len(), now)? {
        return Ok(Err(full));
    }
    let mut put = writer.conn.prepare_cached(
        "INSERT INTO cached (key, value, created_at, expires_at) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (key) DO UPDATE SET value = ?2, created_at = ?3, expires_at = ?4",
    )?;
    put.execute(params![key, value, created_at, expires_at])?;
    Ok(Ok(()))
}

/// Counts so many bytes for `key` in the place of what it had.
fn make_room(writer: &mut Writer, weigh: &str, key: &str, bytes: usize, now: i64) -> Result<Outcome<()>> {
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX).saturating_add(ENTRY_BYTES);
    let more = |conn: &Connection| -> Result<i64> {
        let before = conn.prepare_cached(weigh)?.query_row([key], |row| row.get::<_, i64>(0)).optional()?;
        Ok(bytes - before.map_or(0, |before| before + ENTRY_BYTES))
    };
    let mut wanted = more(&writer.conn)?;
    if !writer.budget.has_room(wanted) {
        sweep(writer, now, i64::MAX)?;
        wanted = more(&writer.conn)?;
    }
    if !writer.budget.has_room(wanted) {
        return Ok(Err(CacheError::Full(writer.budget.limit())));
    }
    writer.budget.add(wanted);
    Ok(Ok(()))
}

fn remove(writer: &mut Writer, key: &str, now: i64) -> Result<bool> {
    let mut delete = writer.conn.prepare_cached(
        "DELETE FROM cached WHERE key = ?1
        RETURNING octet_length(key) + octet_length(value), expires_at IS NULL OR expires_at > ?2",
    )?;
    let removed = delete.query_row(params![key, now], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)));
    let Some((bytes, was_there)) = removed.optional()? else { return Ok(false) };
    writer.budget.add(-(bytes + ENTRY_BYTES));
    Ok(was_there)
}

fn increment(writer: &mut Writer, key: &str, by: i64, now: i64) -> Result<Outcome<i64>> {
    let found = rows::get(&writer.conn, key, now)?;
    let (before, times) = match found {
        Some(cached) => (number(&cached.value), (stored(cached.created_at), cached.expires_at.map(stored))),
        None => (Some(0), (now, None)),
    };
    let Some(sum) = before.and_then(|before| before.checked_add(by)) else {
        return Ok(Err(CacheError::NoNumber(key.to_owned())));
    };
    Ok(put(writer, key, sum.to_string().as_bytes(), now, times)?.map(|()| sum))
}

/// A decimal number, as `increment` writes it.
fn number(value: &[u8]) -> Option<i64> {
    std::str::from_utf8(value).ok()?.parse().ok()
}

fn take(writer: &mut Writer, name: &str, token: &str, now: i64, hold: i64) -> Result<Outcome<bool>> {
    let holder = holder(&writer.conn, name, now)?;
    if holder.is_some_and(|holder| holder != token) {
        return Ok(Ok(false));
    }
    let weigh = "SELECT octet_length(name) + octet_length(token) FROM locks WHERE name = ?1";
    if let Err(full) = make_room(writer, weigh, name, name.len() + token.len(), now)? {
        return Ok(Err(full));
    }
    let mut put = writer.conn.prepare_cached(
        "INSERT INTO locks (name, token, expires_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (name) DO UPDATE SET token = ?2, expires_at = ?3",
    )?;
    put.execute(params![name, token, now.saturating_add(hold)])?;
    Ok(Ok(true))
}

fn release(writer: &mut Writer, name: &str, token: &str, now: i64) -> Result<bool> {
    let is_holder = holder(&writer.conn, name, now)?.is_some_and(|holder| holder == token);
    if is_holder {
        writer.conn.prepare_cached("DELETE FROM locks WHERE name = ?1")?.execute([name])?;
        writer.budget.add(-(i64::try_from(name.len() + token.len()).unwrap_or(i64::MAX) + ENTRY_BYTES));
    }
    Ok(is_holder)
}

fn holder(conn: &Connection, name: &str, now: i64) -> Result<Option<String>> {
    let mut select = conn.prepare_cached("SELECT token FROM locks WHERE name = ?1 AND expires_at > ?2")?;
    select.query_row(params![name, now], |row| row.get(0)).optional()
}

/// Frees at most so many of each kind whose time is over.
fn sweep(writer: &mut Writer, now: i64, most: i64) -> Result<()> {
    let mut freed = 0;
    for sql in [
        "DELETE FROM cached WHERE rowid IN (SELECT rowid FROM cached WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
        RETURNING octet_length(key) + octet_length(value)",
        "DELETE FROM locks WHERE rowid IN (SELECT rowid FROM locks WHERE expires_at <= ?1 ORDER BY expires_at LIMIT ?2)
        RETURNING octet_length(name) + octet_length(token)",
    ] {
        let mut delete = writer.conn.prepare_cached(sql)?;
        let mut swept = delete.query([now, most])?;
        while let Some(row) = swept.next()? {
            freed += row.get::<_, i64>(0)? + ENTRY_BYTES;
        }
    }
    writer.budget.add(-freed);
    Ok(())
}
