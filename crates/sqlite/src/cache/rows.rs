//! What stands in the file for the cache, read.

use crate::store::{counted, load::bytes};
use playhouse_core::cache::Cached;
use rusqlite::{Connection, OptionalExtension as _, Result, params};

/// The value of a key, unless its time is over.
pub(crate) fn get(conn: &Connection, key: &str, now: i64) -> Result<Option<Cached>> {
    let mut select = conn.prepare_cached(
        "SELECT value, created_at, expires_at FROM cached WHERE key = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
    )?;
    let cached = select.query_row(params![key, now], |row| {
        let expires_at: Option<i64> = row.get(2)?;
        Ok(Cached {
            value: bytes(row, 0)?.unwrap_or_default(),
            created_at: counted(row.get(1)?),
            expires_at: expires_at.map(counted),
        })
    });
    cached.optional()
}

/// How many keys there are whose time is not over: all, without those that ended and were not swept yet.
pub(crate) fn count(conn: &Connection, now: i64) -> Result<usize> {
    let mut select = conn.prepare_cached(
        "SELECT (SELECT count(*) FROM cached) - (SELECT count(*) FROM cached WHERE expires_at <= ?1)",
    )?;
    select
        .query_row([now], |row| row.get::<_, i64>(0))
        .map(|count| usize::try_from(count).unwrap_or_default())
}
