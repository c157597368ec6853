//! How many bytes the cache holds, of how many. Must be told of everything that comes and goes.

use rusqlite::{Connection, Result};

/// What an entry takes beside its key and value, estimated: times, lengths, and its places in two indexes.
pub(crate) const ENTRY_BYTES: i64 = 128;

pub(crate) struct Budget {
    limit: usize,
    used: i64,
}

impl Budget {
    /// Counts what is there.
    pub(crate) fn of(conn: &Connection, limit: usize) -> Result<Self> {
        let sql = format!(
            "SELECT (SELECT coalesce(sum(octet_length(key) + octet_length(value) + {ENTRY_BYTES}), 0) FROM cached)
            + (SELECT coalesce(sum(octet_length(name) + octet_length(token) + {ENTRY_BYTES}), 0) FROM locks)"
        );
        Ok(Self { limit, used: conn.query_row(&sql, [], |row| row.get(0))? })
    }

    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    pub(crate) fn used(&self) -> i64 {
        self.used
    }

    /// To what it was, when nothing came of what was told since.
    pub(crate) fn set(&mut self, used: i64) {
        self.used = used;
    }

    /// Whether there is room for so many bytes more.
    pub(crate) fn has_room(&self, bytes: i64) -> bool {
        bytes <= 0 || self.used.saturating_add(bytes) <= i64::try_from(self.limit).unwrap_or(i64::MAX)
    }

    pub(crate) fn add(&mut self, bytes: i64) {
        self.used = self.used.saturating_add(bytes);
    }
}
