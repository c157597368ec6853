//! Which actors there are, and which alarms come next.

use super::open::{record, select_actors, with_row, with_tags};
use super::{counted, stored};
use playhouse_core::actor::{ActorId, At, Tags};
use playhouse_core::store::{Due, Query, Record};
use rusqlite::{Connection, Result, params};

pub(crate) fn list(conn: &Connection, query: &Query) -> Result<Vec<Record>> {
    let after = stored(query.after);
    match (&query.name, &query.tags) {
        (Some(name), Some(tags)) => tagged(conn, name, tags, after, query.limit),
        (Some(name), None) => {
            let mut select =
                conn.prepare_cached(select_actors!("WHERE name = ?1 AND row > ?2 ORDER BY row LIMIT ?3"))?;
            select.query_map(params![&**name, after, limit(query.limit)], record)?.collect()
        }
        (None, None) => {
            let mut select = conn.prepare_cached(select_actors!("WHERE row > ?1 ORDER BY row LIMIT ?2"))?;
            select.query_map([after, limit(query.limit)], record)?.collect()
        }
        (None, Some(tags)) => of_any_name(conn, tags, after, query.limit),
    }
}

fn tagged(conn: &Connection, name: &str, tags: &Tags, mut after: i64, limit: usize) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    while records.len() < limit
        && let Some(row) = with_tags(conn, name, tags, after)?
    {
        records.push(with_row(conn, row)?);
        after = row;
    }
    Ok(records)
}

/// Looks at all that were made by tags: no index has tags without their name.
fn of_any_name(conn: &Connection, tags: &Tags, after: i64, limit: usize) -> Result<Vec<Record>> {
    let fits = |record: &Record| match &record.address.at {
        At::Key(_) => false,
        At::Tags(has) => tags.iter().all(|(tag, value)| has.get(tag) == Some(value)),
    };
    let mut select = conn.prepare_cached(select_actors!("WHERE key IS NULL AND row > ?1 ORDER BY row"))?;
    let records = select.query_map([after], record)?;
    records.filter(|record| record.as_ref().map_or(true, fits)).take(limit).collect()
}

pub(crate) fn due(conn: &Connection, after: (u64, u64), until: u64, n: usize) -> Result<Vec<Due>> {
    let mut select = conn.prepare_cached(
        "SELECT due, sequence, id, number FROM alarms JOIN actors USING (row)
        WHERE given_up = 0 AND (due, sequence) > (?1, ?2) AND due <= ?3 ORDER BY due, sequence LIMIT ?4",
    )?;
    let due = select.query_map([stored(after.0), stored(after.1), stored(until), limit(n)], |row| {
        Ok(Due {
            due: counted(row.get(0)?),
            sequence: counted(row.get(1)?),
            actor: ActorId::new(row.get::<_, String>(2)?),
            number: counted(row.get(3)?),
        })
    })?;
    due.collect()
}

fn limit(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
