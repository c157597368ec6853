//! The state as bytes: JSON, so that people and tools can read what lies on the disk.

use crate::kind::Actor;
use bytes::Bytes;
use playhouse_core::store::StateRow;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::Formatter;
use std::io;

/// Writes a state, or what else is kept, into `out`, which is empty.
///
/// # Errors
/// What of it JSON has no form for.
pub(crate) fn encode<T: Serialize + ?Sized>(state: &T, out: &mut Vec<u8>) -> Result<(), String> {
    let mut nulls = Nulls(false);
    let mut json = serde_json::Serializer::with_formatter(out, &mut nulls);
    state.serialize(&mut json).map_err(|odd| format!("can't be written: {odd}"))?;
    if nulls.0 {
        // Nothing of it tells those that were a number from those that were nothing.
        crate::finite::check(state).map_err(|odd| format!("can't be written: {odd}"))?;
    }
    Ok(())
}

/// Writes as serde_json does by itself, and notes whether there was a `null`.
struct Nulls(bool);

impl Formatter for &mut Nulls {
    fn write_null<W: io::Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.0 = true;
        out.write_all(b"null")
    }
}

/// Reads a state in the form of today; what it lacks is taken from the default.
pub(crate) fn decode<A: Actor>(bytes: &[u8]) -> Result<A, String> {
    match read(bytes) {
        Ok(state) => Ok(state),
        Err(odd) => completed(bytes).ok_or(odd),
    }
}

/// Reads a row of any form that the application knows.
pub(crate) fn decode_row<A: Actor>(row: &StateRow) -> Result<A, String> {
    let definition = A::definition();
    if row.form == definition.form {
        return decode(&row.bytes);
    }
    if row.form > definition.form {
        return Err(format!(
            "the state is of version {}, and this program knows versions up to {}; start the newer program",
            row.form, definition.form
        ));
    }
    let Some(upgrade) = definition.upgrade else {
        return decode(&row.bytes);
    };
    let old = serde_json::from_slice(&row.bytes).map_err(|odd| format!("the state is no JSON: {odd}"))?;
    let new = upgrade(row.form, old)
        .map_err(|odd| format!("the upgrade of a state of version {} failed: {odd}", row.form))?;
    let new = serde_json::to_vec(&new).map_err(|odd| odd.to_string())?;
    decode(&Bytes::from(new))
}

fn read<A: Actor>(bytes: &[u8]) -> Result<A, String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    serde_path_to_error::deserialize(&mut json).map_err(|odd| {
        let path = odd.path().to_string();
        let place = if path == "." { "the state".to_owned() } else { format!("the state's field `{path}`") };
        format!("{place} can't be read: {}", odd.into_inner())
    })
}

/// The state with the fields that it lacks, where that is all that is wrong.
fn completed<A: Actor>(bytes: &[u8]) -> Option<A> {
    let Ok(Value::Object(mut stored)) = serde_json::from_slice(bytes) else { return None };
    let Ok(Value::Object(default)) = serde_json::to_value(A::default()) else { return None };
    for (field, value) in default {
        stored.entry(field).or_insert(value);
    }
    serde_json::from_value(Value::Object(stored)).ok()
}
