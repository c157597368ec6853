//! The state as bytes: JSON, so that people and tools can read what lies on the disk.

use crate::kind::Actor;
use bytes::Bytes;
use playhouse_core::store::StateRow;
use serde_json::Value;

/// Writes a state into `out`, which is empty.
pub(crate) fn encode<A: Actor>(state: &A, out: &mut Vec<u8>) -> Result<(), String> {
    serde_json::to_writer(out, state).map_err(|odd| format!("the state can't be written: {odd}"))
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
