//! rivetkit's messages in JSON, CBOR and BARE, and the bodies of its calls over HTTP (actors.md, sections 4 to 6).

use super::read::{self, Unreadable};
use super::{Asked, Failure, Family, Said, put, put_json, spelled, value};
use playhouse_core::json::{push_str, push_u64};
use playhouse_core::value::Value;
use playhouse_proto::actors::Encoding;
use playhouse_proto::actors::bare::{self, ToServer};
use playhouse_proto::actors::cbor::write;
use std::borrow::Cow;

/// Reads a message of a client.
pub(super) fn read(encoding: Encoding, bytes: &[u8], values: usize) -> Result<Asked<'_>, Unreadable> {
    match encoding {
        Encoding::Bare => Ok(match ToServer::read(bytes)? {
            ToServer::Call { id, name, args } => {
                Asked::Call { id, name: Cow::Borrowed(name), args: list(args, values)? }
            }
            ToServer::Subscription { event, subscribe } => {
                Asked::Listen { event: Cow::Borrowed(event), on: subscribe }
            }
        }),
        Encoding::Json | Encoding::Cbor => read_tree(read::tree(encoding, bytes, values)?),
    }
}

fn read_tree(mut message: Value) -> Result<Asked<'static>, Unreadable> {
    let mut body = read::part(&mut message, "body").ok_or_else(|| Unreadable::lacks("body", "there"))?;
    let mut val = read::part(&mut body, "val").ok_or_else(|| Unreadable::lacks("val", "there"))?;
    match &*read::text(&mut body, "tag")? {
        "ActionRequest" => Ok(Asked::Call {
            id: read::id(&mut val, "id")?,
            name: read::text(&mut val, "name")?.into(),
            args: read::list(&mut val, "args")?,
        }),
        "SubscriptionRequest" => Ok(Asked::Listen {
            event: read::text(&mut val, "eventName")?.into(),
            on: read::flag(&mut val, "subscribe")?,
        }),
        tag => Err(Unreadable::new(format!("`{}` is no message", tag.escape_debug()))),
    }
}

fn list(cbor: &[u8], values: usize) -> Result<Vec<Value>, Unreadable> {
    match value::read(cbor, values)? {
        Value::List(items) => Ok(items),
        _ => Err(Unreadable::lacks("args", "a list")),
    }
}

/// The arguments of a call over HTTP, with `values` in its body at most.
///
/// # Errors
/// What is wrong with the body.
pub(crate) fn arguments(encoding: Encoding, body: &[u8], values: usize) -> Result<Vec<Value>, Unreadable> {
    if body.is_empty() {
        return Err(Unreadable::new(
            "the body is empty; a call without arguments has an empty list of them, in JSON `{\"args\":[]}`",
        ));
    }
    let args = match encoding {
        Encoding::Bare => list(bare::arguments(body)?, values)?,
        Encoding::Json | Encoding::Cbor => read::list(&mut read::tree(encoding, body, values)?, "args")?,
    };
    match Family::of(encoding, body) {
        Family::Rivet23 => spelled::read(args),
        Family::Rivet | Family::Core => Ok(args),
    }
}

/// The body of the answer to a call over HTTP, for who asked so.
pub(crate) fn output(family: Family, encoding: Encoding, output: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    let output = match family {
        Family::Rivet23 => &spelled::marked(output),
        Family::Rivet | Family::Core => output,
    };
    match encoding {
        Encoding::Json => {
            put(&mut out, "{\"output\":");
            put_json(&mut out, output);
            put(&mut out, "}");
        }
        Encoding::Cbor => {
            write::map(&mut out, 1);
            write::text(&mut out, "output");
            value::write(&mut out, output);
        }
        Encoding::Bare => bare::output(&mut out, &cbor(output)),
    }
    out
}

fn cbor(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    value::write(&mut out, value);
    out
}

/// Appends a message to a client, without a frame.
pub(super) fn write(encoding: Encoding, out: &mut Vec<u8>, said: &Said<'_>) {
    match encoding {
        Encoding::Json => json(out, said),
        Encoding::Cbor => write_cbor(out, said),
        Encoding::Bare => write_bare(out, said),
    }
}

fn json(out: &mut Vec<u8>, said: &Said<'_>) {
    match said {
        Said::Init { actor, connection, .. } => {
            put(out, r#"{"body":{"tag":"Init","val":{"actorId":"#);
            push_str(out, actor);
            put(out, r#","connectionId":"#);
            push_str(out, connection);
        }
        Said::Response { id, output } => {
            put(out, r#"{"body":{"tag":"ActionResponse","val":{"id":"#);
            json_id(out, *id);
            put(out, r#","output":"#);
            put_json(out, output);
        }
        Said::Error { failure, id } => {
            put(out, r#"{"body":{"tag":"Error","val":{"#);
            json_failure(out, failure);
            put(out, r#","actionId":"#);
            match id {
                Some(id) => json_id(out, *id),
                None => put(out, "null"),
            }
        }
        Said::Event { name, args } => {
            put(out, r#"{"body":{"tag":"Event","val":{"name":"#);
            push_str(out, name);
            put(out, r#","args":"#);
            put_args(out, args);
        }
    }
    put(out, "}}}");
}

/// Arguments are a list that their client reads as any other: two of which the first is a text with `$` look like the
/// spelling of a kind.
fn put_args(out: &mut Vec<u8>, args: &[Value]) {
    match args {
        [Value::Text(name), second] if name.starts_with('$') => {
            put_json(out, &[&Value::text(&["$", name].concat()), second]);
        }
        args => put_json(out, args),
    }
}

/// The four fields that name a failure, without braces.
fn json_failure(out: &mut Vec<u8>, failure: &Failure<'_>) {
    put(out, "\"group\":");
    push_str(out, failure.group);
    put(out, ",\"code\":");
    push_str(out, failure.code);
    put(out, ",\"message\":");
    push_str(out, &failure.message);
    if let Some(metadata) = &failure.metadata {
        put(out, ",\"metadata\":");
        put_json(out, metadata);
    }
}

/// The body of an error over HTTP, which is JSON for every encoding.
pub(crate) fn failure(failure: &Failure<'_>) -> Vec<u8> {
    let mut out = b"{".to_vec();
    json_failure(&mut out, failure);
    out.push(b'}');
    out
}

fn json_id(out: &mut Vec<u8>, id: u64) {
    put(out, "[\"$BigInt\",\"");
    push_u64(out, id);
    put(out, "\"]");
}

fn write_cbor(out: &mut Vec<u8>, said: &Said<'_>) {
    let (tag, fields) = match said {
        Said::Init { .. } => ("Init", 2),
        Said::Response { .. } => ("ActionResponse", 2),
        Said::Error { failure, .. } => ("Error", 4 + usize::from(failure.metadata.is_some())),
        Said::Event { .. } => ("Event", 2),
    };
    write::map(out, 1);
    write::text(out, "body");
    write::map(out, 2);
    write::text(out, "tag");
    write::text(out, tag);
    write::text(out, "val");
    write::map(out, fields);
    match said {
        Said::Init { actor, connection, .. } => {
            texts(out, &[("actorId", actor), ("connectionId", connection)]);
        }
        Said::Response { id, output } => {
            write::text(out, "id");
            write::id(out, *id);
            write::text(out, "output");
            value::write(out, output);
        }
        Said::Error { failure, id } => {
            let Failure { group, code, message, metadata, .. } = failure;
            texts(out, &[("group", group), ("code", code), ("message", message)]);
            if let Some(metadata) = metadata {
                write::text(out, "metadata");
                value::write(out, metadata);
            }
            write::text(out, "actionId");
            match id {
                Some(id) => write::id(out, *id),
                None => write::null(out),
            }
        }
        Said::Event { name, args } => {
            texts(out, &[("name", name)]);
            write::text(out, "args");
            value::write_list(out, args);
        }
    }
}

fn texts(out: &mut Vec<u8>, fields: &[(&str, &str)]) {
    for (name, text) in fields {
        write::text(out, name);
        write::text(out, text);
    }
}

fn write_bare(out: &mut Vec<u8>, said: &Said<'_>) {
    match said {
        Said::Init { actor, connection, .. } => bare::init(out, actor, connection),
        Said::Response { id, output } => bare::response(out, *id, &cbor(output)),
        Said::Error { failure, id } => {
            let metadata = failure.metadata.as_ref().map(|metadata| cbor(metadata));
            let Failure { group, code, message, .. } = failure;
            let metadata = metadata.as_deref();
            bare::error(out, &bare::Failure { group, code, message, metadata, action: *id });
        }
        Said::Event { name, args } => {
            let mut list = Vec::new();
            value::write_list(&mut list, args);
            bare::event(out, name, &list);
        }
    }
}
