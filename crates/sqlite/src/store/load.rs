//! An actor with all that it keeps.

use super::counted;
use super::open::record;
use bytes::Bytes;
use playhouse_core::actor::ActorId;
use playhouse_core::store::{AlarmRow, Loaded, SeatRow, StateRow};
use rusqlite::{Connection, OptionalExtension as _, Result, Row};
use std::sync::Arc;

pub(crate) fn load(conn: &Connection, id: &ActorId) -> Result<Option<Loaded>> {
    // All of one moment, whether or not somebody else has begun a look.
    if conn.is_autocommit() {
        let look = conn.unchecked_transaction()?;
        let loaded = load_now(&look, id);
        look.finish()?;
        return loaded;
    }
    load_now(conn, id)
}

fn load_now(conn: &Connection, id: &ActorId) -> Result<Option<Loaded>> {
    let mut select = conn.prepare_cached(
        "SELECT row, id, name, key, tags, created_at, version, form, input, state FROM actors JOIN states USING (row)
        WHERE id = ?1",
    )?;
    let Some(mut loaded) = select.query_row([id.as_str()], bare).optional()? else { return Ok(None) };
    let row: i64 = super::stored(loaded.record.row);
    let mut select = conn.prepare_cached(
        "SELECT number, due, failures, given_up, action, args, error FROM alarms WHERE row = ?1 ORDER BY number",
    )?;
    loaded.alarms = select.query_map([row], alarm)?.collect::<Result<_>>()?;
    let mut select =
        conn.prepare_cached("SELECT id, epoch, bytes FROM seats WHERE row = ?1 ORDER BY place")?;
    loaded.seats = select.query_map([row], seat)?.collect::<Result<_>>()?;
    Ok(Some(loaded))
}

fn bare(row: &Row<'_>) -> Result<Loaded> {
    let form: Option<u32> = row.get(7)?;
    let state = match form {
        Some(form) => Some(StateRow { form, bytes: bytes(row, 9)?.unwrap_or_default() }),
        None => None,
    };
    Ok(Loaded {
        record: record(row)?,
        version: counted(row.get(6)?),
        state,
        input: bytes(row, 8)?,
        alarms: Vec::new(),
        seats: Vec::new(),
    })
}

fn alarm(row: &Row<'_>) -> Result<AlarmRow> {
    Ok(AlarmRow {
        number: counted(row.get(0)?),
        due: counted(row.get(1)?),
        failures: row.get(2)?,
        given_up: row.get(3)?,
        action: row.get::<_, Arc<str>>(4)?,
        args: bytes(row, 5)?.unwrap_or_default(),
        error: row.get::<_, Option<Arc<str>>>(6)?,
    })
}

fn seat(row: &Row<'_>) -> Result<SeatRow> {
    let bytes = bytes(row, 2)?.unwrap_or_default();
    Ok(SeatRow { id: row.get::<_, Arc<str>>(0)?, epoch: counted(row.get(1)?), bytes })
}

pub(crate) fn bytes(row: &Row<'_>, column: usize) -> Result<Option<Bytes>> {
    Ok(row.get::<_, Option<Vec<u8>>>(column)?.map(Bytes::from))
}
