//! What became of turns, as a whole.

use super::open::ANY;
use super::stored;
use playhouse_core::actor::Tags;
use playhouse_core::store::{AlarmRow, Commit, SeatRow, StoreError};
use rusqlite::{Connection, OptionalExtension as _, Result, params};

/// The row is looked for as who commits believes it to be; where it is not so, nothing is found and nothing changed.
const KEEP: &str = "UPDATE states SET version = version + 1, epoch = ?3, counter = ?4, input = NULL
    WHERE row = ?1 AND version = ?2 AND (epoch < ?3 OR (epoch = ?3 AND counter <= ?4))";
const WRITE: &str =
    "UPDATE states SET version = version + 1, epoch = ?3, counter = ?4, input = NULL, form = ?5, state = ?6
    WHERE row = ?1 AND version = ?2 AND (epoch < ?3 OR (epoch = ?3 AND counter <= ?4))";

/// Whether it is more than a state.
pub(crate) fn has_steps(commit: &Commit) -> bool {
    let Commit { alarms, alarms_ended, seats, seats_ended, destroys, .. } = commit;
    *destroys || !(alarms.is_empty() && alarms_ended.is_empty() && seats.is_empty() && seats_ended.is_empty())
}

pub(crate) fn commit(conn: &Connection, commit: &Commit) -> Result<std::result::Result<(), StoreError>> {
    let row = stored(commit.row);
    if !write_state(conn, commit, row)? {
        return Ok(Err(StoreError::Outdated));
    }
    if commit.destroys {
        destroy(conn, row)?;
    } else if has_steps(commit) {
        write_alarms(conn, row, &commit.alarms, &commit.alarms_ended)?;
        write_seats(conn, row, commit)?;
    }
    Ok(Ok(()))
}

/// Whether it was its owner's turn.
fn write_state(conn: &Connection, commit: &Commit, row: i64) -> Result<bool> {
    let (epoch, counter) = (stored(commit.fence.epoch), stored(commit.fence.counter));
    let version = stored(commit.version);
    let written = match &commit.state {
        None => conn.prepare_cached(KEEP)?.execute(params![row, version, epoch, counter])?,
        Some(state) => {
            let state = params![row, version, epoch, counter, state.form, &state.bytes[..]];
            conn.prepare_cached(WRITE)?.execute(state)?
        }
    };
    Ok(written == 1)
}

fn write_alarms(conn: &Connection, row: i64, alarms: &[AlarmRow], ended: &[u64]) -> Result<()> {
    if !alarms.is_empty() {
        let mut put = conn.prepare_cached(
            "INSERT INTO alarms (row, number, due, failures, given_up, action, args, error)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (row, number) DO UPDATE SET due = ?3, failures = ?4,
            given_up = ?5, action = ?6, args = ?7, error = ?8",
        )?;
        for alarm in alarms {
            let (number, due) = (stored(alarm.number), stored(alarm.due));
            let (action, args, error) = (&*alarm.action, &alarm.args[..], alarm.error.as_deref());
            put.execute(params![row, number, due, alarm.failures, alarm.given_up, action, args, error])?;
        }
    }
    for number in ended {
        let mut end = conn.prepare_cached("DELETE FROM alarms WHERE row = ?1 AND number = ?2")?;
        end.execute([row, stored(*number)])?;
    }
    Ok(())
}

fn write_seats(conn: &Connection, row: i64, commit: &Commit) -> Result<()> {
    if !commit.seats.is_empty() {
        let mut put = conn.prepare_cached(
            "INSERT INTO seats (row, id, epoch, bytes) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (row, id) DO UPDATE SET epoch = ?3, bytes = ?4",
        )?;
        for SeatRow { id, epoch, bytes } in &commit.seats {
            put.execute(params![row, &**id, stored(*epoch), &bytes[..]])?;
        }
    }
    for id in &commit.seats_ended {
        let mut end = conn.prepare_cached("DELETE FROM seats WHERE row = ?1 AND id = ?2")?;
        end.execute(params![row, &**id])?;
    }
    Ok(())
}

fn destroy(conn: &Connection, row: i64) -> Result<()> {
    let mut select = conn.prepare_cached("SELECT name, tags FROM actors WHERE row = ?1")?;
    let found =
        select.query_row([row], |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?)));
    if let Some((name, Some(tags))) = found.optional()? {
        forget_tags(conn, row, &name, &tags)?;
    }
    for sql in [
        "DELETE FROM alarms WHERE row = ?1",
        "DELETE FROM seats WHERE row = ?1",
        "DELETE FROM states WHERE row = ?1",
        "DELETE FROM actors WHERE row = ?1",
    ] {
        conn.prepare_cached(sql)?.execute([row])?;
    }
    Ok(())
}

fn forget_tags(conn: &Connection, row: i64, name: &str, tags: &str) -> Result<()> {
    let mut delete =
        conn.prepare_cached("DELETE FROM tags WHERE name = ?1 AND tag = ?2 AND value = ?3 AND row = ?4")?;
    delete.execute(params![name, ANY, ANY, row])?;
    let tags: Tags = serde_json::from_str(tags).unwrap_or_default();
    for (tag, value) in tags {
        delete.execute(params![name, tag, value, row])?;
    }
    Ok(())
}
