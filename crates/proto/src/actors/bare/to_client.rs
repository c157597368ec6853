//! What the server writes: whole messages, appended (actors.md, 5 and 6.2). It must not know why they are sent.

use super::VERSION;

/// What an Error says, on a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure<'a> {
    /// Whose code it is, as `user` or `actor`.
    pub group: &'a str,
    /// The code in its group, as `not_found`.
    pub code: &'a str,
    /// For people.
    pub message: &'a str,
    /// A value in CBOR that belongs to it, if any.
    pub metadata: Option<&'a [u8]>,
    /// The call that failed; none when the connection did.
    pub action: Option<u64>,
}

/// Appends `Init`, the first message of a connection.
pub fn init(out: &mut Vec<u8>, actor: &str, connection: &str) {
    begin(out, Some(0));
    data(out, actor.as_bytes());
    data(out, connection.as_bytes());
}

/// Appends `Error`.
pub fn error(out: &mut Vec<u8>, failure: &Failure<'_>) {
    begin(out, Some(1));
    data(out, failure.group.as_bytes());
    data(out, failure.code.as_bytes());
    data(out, failure.message.as_bytes());
    optional(out, failure.metadata, data);
    optional(out, failure.action, uint);
}

/// Appends `ActionResponse`. The output is a value in CBOR, null if there is none.
pub fn response(out: &mut Vec<u8>, id: u64, output: &[u8]) {
    begin(out, Some(2));
    uint(out, id);
    data(out, output);
}

/// Appends `Event`. The arguments are a list in CBOR.
pub fn event(out: &mut Vec<u8>, name: &str, args: &[u8]) {
    begin(out, Some(3));
    data(out, name.as_bytes());
    data(out, args);
}

/// Appends the body that answers a call over HTTP. The output is a value in CBOR, null if there is none.
pub fn output(out: &mut Vec<u8>, output: &[u8]) {
    begin(out, None);
    data(out, output);
}

fn begin(out: &mut Vec<u8>, choice: Option<u8>) {
    out.extend_from_slice(&VERSION.to_le_bytes());
    out.extend(choice);
}

fn optional<T>(out: &mut Vec<u8>, value: Option<T>, write: impl FnOnce(&mut Vec<u8>, T)) {
    out.push(u8::from(value.is_some()));
    if let Some(value) = value {
        write(out, value);
    }
}

fn data(out: &mut Vec<u8>, bytes: &[u8]) {
    uint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

fn uint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}
