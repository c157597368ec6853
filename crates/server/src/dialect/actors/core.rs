//! actor-core's messages in JSON and CBOR, and the bodies of its calls over HTTP (actors.md, section 11).
//!
//! Ids are plain numbers here: one of 8 bytes would be a big integer to the client, and match no call.

use super::plain::{self, put_list, put_value};
use super::read::{self, Unreadable};
use super::{Asked, Failure, Said, put, value};
use playhouse_core::json::{push_str, push_u64};
use playhouse_core::value::Value;
use playhouse_proto::actors::Encoding;
use playhouse_proto::actors::cbor::write;

/// Reads a message of a client.
pub(super) fn read(encoding: Encoding, bytes: &[u8], values: usize) -> Result<Asked<'static>, Unreadable> {
    let mut message = tree(encoding, bytes, values)?;
    let mut body = read::part(&mut message, "b").ok_or_else(|| Unreadable::lacks("b", "there"))?;
    if let Some(mut call) = read::part(&mut body, "rr") {
        return Ok(Asked::Call {
            id: read::id(&mut call, "i")?,
            name: read::text(&mut call, "n")?.into(),
            args: read::list(&mut call, "a")?,
        });
    }
    let mut subscription =
        read::part(&mut body, "sr").ok_or_else(|| Unreadable::lacks("b", "`rr` or `sr`"))?;
    Ok(Asked::Listen {
        event: read::text(&mut subscription, "e")?.into(),
        on: read::flag(&mut subscription, "s")?,
    })
}

/// Kinds that JSON lacks have no spelling here: a list that looks like one is a list.
fn tree(encoding: Encoding, bytes: &[u8], values: usize) -> Result<Value, Unreadable> {
    match encoding {
        Encoding::Json => Ok(plain::read(bytes, read::limits(values))?),
        Encoding::Cbor | Encoding::Bare => read::tree(encoding, bytes, values),
    }
}

/// The arguments of a call over HTTP, with `values` in its body at most.
///
/// # Errors
/// What is wrong with the body.
pub(crate) fn arguments(body: &[u8], values: usize) -> Result<Vec<Value>, Unreadable> {
    read::list(&mut tree(Encoding::Json, body, values)?, "a")
}

/// The body of the answer to a call over HTTP.
pub(crate) fn output(output: &Value) -> Vec<u8> {
    let mut out = b"{\"o\":".to_vec();
    put_value(&mut out, output);
    out.push(b'}');
    out
}

/// The body of its error.
pub(crate) fn failure(failure: &Failure<'_>) -> Vec<u8> {
    let mut out = b"{".to_vec();
    json_failure(&mut out, failure, ["c", "m", "md"]);
    out.push(b'}');
    out
}

/// The body of an error of what finds and makes actors.
pub(crate) fn management_failure(failure: &Failure<'_>) -> Vec<u8> {
    let mut out = b"{".to_vec();
    json_failure(&mut out, failure, ["code", "message", "metadata"]);
    out.push(b'}');
    out
}

/// Appends a message to a client, without a frame.
pub(super) fn write(encoding: Encoding, out: &mut Vec<u8>, said: &Said<'_>) {
    match encoding {
        Encoding::Json => json(out, said),
        Encoding::Cbor | Encoding::Bare => cbor(out, said),
    }
}

fn json(out: &mut Vec<u8>, said: &Said<'_>) {
    match said {
        Said::Init { connection, token, .. } => {
            put(out, r#"{"b":{"i":{"ci":"#);
            push_str(out, connection);
            put(out, r#","ct":"#);
            push_str(out, token);
        }
        Said::Response { id, output } => {
            put(out, r#"{"b":{"ro":{"i":"#);
            push_u64(out, *id);
            put(out, r#","o":"#);
            put_value(out, output);
        }
        Said::Error { failure, id: Some(id) } => {
            put(out, r#"{"b":{"re":{"i":"#);
            push_u64(out, *id);
            put(out, ",");
            json_failure(out, failure, ["c", "m", "md"]);
        }
        Said::Error { failure, id: None } => {
            put(out, r#"{"b":{"er":{"#);
            json_failure(out, failure, ["c", "m", "md"]);
        }
        Said::Event { name, args } => {
            put(out, r#"{"b":{"ev":{"n":"#);
            push_str(out, name);
            put(out, r#","a":"#);
            put_list(out, args);
        }
    }
    put(out, "}}}");
}

fn json_failure(out: &mut Vec<u8>, failure: &Failure<'_>, [code, message, metadata]: [&str; 3]) {
    push_str(out, code);
    put(out, ":");
    push_str(out, failure.core);
    put(out, ",");
    push_str(out, message);
    put(out, ":");
    push_str(out, &failure.message);
    if let Some(value) = &failure.metadata {
        put(out, ",");
        push_str(out, metadata);
        put(out, ":");
        put_value(out, value);
    }
}

fn cbor(out: &mut Vec<u8>, said: &Said<'_>) {
    let (kind, fields) = match said {
        Said::Init { .. } => ("i", 2),
        Said::Response { .. } => ("ro", 2),
        Said::Error { failure, id } => {
            let fields = 2 + usize::from(failure.metadata.is_some());
            if id.is_some() { ("re", fields + 1) } else { ("er", fields) }
        }
        Said::Event { .. } => ("ev", 2),
    };
    write::map(out, 1);
    write::text(out, "b");
    write::map(out, 1);
    write::text(out, kind);
    write::map(out, fields);
    let text = |out: &mut Vec<u8>, name, text| {
        write::text(out, name);
        write::text(out, text);
    };
    match said {
        Said::Init { connection, token, .. } => {
            text(out, "ci", connection);
            text(out, "ct", token);
        }
        Said::Response { id, output } => {
            number(out, *id);
            write::text(out, "o");
            value::write(out, output);
        }
        Said::Error { failure, id } => {
            if let Some(id) = id {
                number(out, *id);
            }
            text(out, "c", failure.core);
            text(out, "m", &failure.message);
            if let Some(metadata) = &failure.metadata {
                write::text(out, "md");
                value::write(out, metadata);
            }
        }
        Said::Event { name, args } => {
            text(out, "n", name);
            write::text(out, "a");
            value::write_list(out, args);
        }
    }
}

fn number(out: &mut Vec<u8>, id: u64) {
    write::text(out, "i");
    #[expect(clippy::cast_precision_loss, reason = "no client of this family counts beyond 2^53")]
    match i64::try_from(id) {
        Ok(id) => write::int(out, id),
        Err(_) => write::float(out, id as f64),
    }
}
