//! Finding and making actors.

use super::{counted, stored};
use playhouse_core::actor::{ActorId, Address, At, Key, Tags};
use playhouse_core::store::{New, Open, Opened, Record};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension as _, Result, Row, params};

/// The columns of [`record`].
macro_rules! select_actors {
    ($($rest:literal)+) => {
        concat!("SELECT row, id, name, key, tags, created_at FROM actors ", $($rest),+)
    };
}
pub(super) use select_actors;

/// The tag, and the value, that all made by tags have. No text is equal to it.
pub(super) const ANY: [u8; 0] = [];

/// What comes of it without a write; `None` if there has to be one.
pub(crate) fn find(conn: &Connection, open: &Open) -> Result<Option<Opened>> {
    Ok(match open {
        Open::Id(id) => Some(found(with_id(conn, id)?)),
        Open::Find(address) => Some(found(with_address(conn, address)?)),
        Open::FindOrCreate(address, _) => with_address(conn, address)?.map(Opened::Found),
        Open::Create(address, _) => match &address.at {
            At::Key(_) => with_address(conn, address)?.map(Opened::Taken),
            At::Tags(_) => None,
        },
    })
}

/// The same, with the write.
pub(crate) fn open(conn: &Connection, open: &Open) -> Result<Opened> {
    match (find(conn, open)?, open) {
        (Some(opened), _) => Ok(opened),
        (None, Open::FindOrCreate(address, new) | Open::Create(address, new)) => {
            Ok(Opened::Created(create(conn, address, new)?))
        }
        (None, Open::Id(_) | Open::Find(_)) => Ok(Opened::Missing),
    }
}

pub(crate) fn epoch(conn: &Connection) -> Result<u64> {
    let mut next = conn.prepare_cached("UPDATE epochs SET last = last + 1 RETURNING last")?;
    next.query_row([], |row| row.get(0)).map(counted)
}

fn found(record: Option<Record>) -> Opened {
    record.map_or(Opened::Missing, Opened::Found)
}

fn with_id(conn: &Connection, id: &ActorId) -> Result<Option<Record>> {
    conn.prepare_cached(select_actors!("WHERE id = ?1"))?.query_row([id.as_str()], record).optional()
}

fn with_address(conn: &Connection, Address { name, at }: &Address) -> Result<Option<Record>> {
    match at {
        At::Key(key) => {
            let mut select = conn.prepare_cached(select_actors!("WHERE name = ?1 AND key = ?2"))?;
            select.query_row([&**name, key.as_str()], record).optional()
        }
        At::Tags(tags) => match with_tags(conn, name, tags, 0)? {
            Some(row) => with_row(conn, row).map(Some),
            None => Ok(None),
        },
    }
}

pub(super) fn with_row(conn: &Connection, row: i64) -> Result<Record> {
    conn.prepare_cached(select_actors!("WHERE row = ?1"))?.query_row([row], record)
}

/// The first row behind `after` that has all of the tags. Each tag in turn says which row is its next; the first on which
/// all agree is it, so that the rarest tag sets the pace.
pub(super) fn with_tags(conn: &Connection, name: &str, tags: &Tags, after: i64) -> Result<Option<i64>> {
    let mut select = conn.prepare_cached(
        "SELECT row FROM tags WHERE name = ?1 AND tag = ?2 AND value = ?3 AND row >= ?4 ORDER BY row LIMIT 1",
    )?;
    let first = select.query_row(params![name, ANY, ANY, after.saturating_add(1)], |row| row.get(0));
    let Some(mut row): Option<i64> = first.optional()? else { return Ok(None) };
    let mut agreed = 0;
    for (tag, value) in tags.iter().cycle() {
        if agreed == tags.len() {
            break;
        }
        let next = select.query_row(params![name, tag, value, row], |row| row.get(0)).optional()?;
        let Some(next) = next else { return Ok(None) };
        agreed = if next == row { agreed + 1 } else { 1 };
        row = next;
    }
    Ok(Some(row))
}

fn create(conn: &Connection, address: &Address, new: &New) -> Result<Record> {
    let (key, tags) = match &address.at {
        At::Key(key) => (Some(key.as_str()), None),
        At::Tags(tags) => (None, Some(tags)),
    };
    let written = tags.map(|tags| serde_json::to_string(tags).expect("texts can be written as JSON"));
    let mut insert = conn
        .prepare_cached("INSERT INTO actors (id, name, key, tags, created_at) VALUES (?1, ?2, ?3, ?4, ?5)")?;
    let made = stored(new.created_at);
    let row = insert.insert(params![new.id.as_str(), &*address.name, key, written, made])?;
    let mut insert = conn.prepare_cached(
        "INSERT INTO states (row, version, epoch, counter, input) VALUES (?1, 0, 0, 0, ?2)",
    )?;
    insert.execute(params![row, new.input.as_deref()])?;
    if let Some(tags) = tags {
        let mut insert = conn.prepare_cached("INSERT INTO tags VALUES (?1, ?2, ?3, ?4)")?;
        insert.execute(params![&*address.name, ANY, ANY, row])?;
        for (tag, value) in tags {
            insert.execute(params![&*address.name, tag, value, row])?;
        }
    }
    Ok(Record { id: new.id.clone(), address: address.clone(), created_at: new.created_at, row: counted(row) })
}

/// A row of [`select_actors`].
pub(super) fn record(row: &Row<'_>) -> Result<Record> {
    let text = |column| -> Result<Option<&str>> {
        row.get_ref(column)?.as_str_or_null().map_err(|error| damaged(column, error))
    };
    let (id, name) = (text(1)?.unwrap_or_default(), text(2)?.unwrap_or_default());
    let at = match (text(3)?, text(4)?) {
        (Some(key), _) => At::Key(Key::stored(key)),
        (None, Some(tags)) => At::Tags(serde_json::from_str(tags).map_err(|error| damaged(4, error))?),
        (None, None) => At::Tags(Tags::new()),
    };
    let address = Address { name: name.into(), at };
    let created_at = counted(row.get(5)?);
    Ok(Record { id: ActorId::new(id), address, created_at, row: counted(row.get(0)?) })
}

fn damaged(column: usize, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
