//! Packets to text: heads, and the little JSON of the protocol itself. What an application says is JSON that the
//! caller builds in place, between these calls.
//!
//! Owns how a packet is laid out behind what a buffer already holds; the engine's own first digit is not part of
//! it. It must not decide what is sent, nor find bytes inside of JSON; see [`binary`](super::binary).
//!
//! Everywhere `namespace` begins with `/` and has neither a comma nor a `?`: no packet could name such a one.

use super::packet::MAIN;
use super::text;

/// Appends that the namespace has let the client in: `0/ns,{"sid":…,"pid":…}`. `pid` is for those who may
/// come back (socketio.md, 2).
pub fn connect(out: &mut Vec<u8>, namespace: &str, sid: &str, pid: Option<&str>) {
    head(out, b'0', 0, namespace);
    out.extend_from_slice(b"{\"sid\":");
    text::push_str(out, sid);
    if let Some(pid) = pid {
        out.extend_from_slice(b",\"pid\":");
        text::push_str(out, pid);
    }
    out.push(b'}');
}

/// Appends that the namespace has refused the client: `4/ns,{"message":…,"data":…}`. `data` is raw JSON.
pub fn connect_error(out: &mut Vec<u8>, namespace: &str, message: &str, data: Option<&str>) {
    head(out, b'4', 0, namespace);
    out.extend_from_slice(b"{\"message\":");
    text::push_str(out, message);
    if let Some(data) = data {
        out.extend_from_slice(b",\"data\":");
        out.extend_from_slice(data.as_bytes());
    }
    out.push(b'}');
}

/// Appends the end of the namespace's connection: `1/ns,`. The stock client does not come back by itself.
pub fn disconnect(out: &mut Vec<u8>, namespace: &str) {
    head(out, b'1', 0, namespace);
}

/// Appends an event up to and with its name: `2/ns,12["name"`. What follows is each argument by [`argument`],
/// then [`end`]. With `attachments`, which [`extract`](super::binary::extract) has counted, it begins with `5` and
/// their number.
pub fn event(out: &mut Vec<u8>, attachments: usize, namespace: &str, id: Option<u64>, name: &str) {
    head(out, if attachments == 0 { b'2' } else { b'5' }, attachments, namespace);
    if let Some(id) = id {
        number(out, id);
    }
    out.push(b'[');
    text::push_str(out, name);
}

/// Appends an acknowledgement up to its first argument: `3/ns,13[`. What follows is that argument, any other by
/// [`argument`], then [`end`]. `id` is as it [came](super::AckId::text). With `attachments` it begins with `6`
/// and their number.
pub fn ack(out: &mut Vec<u8>, attachments: usize, namespace: &str, id: &str) {
    head(out, if attachments == 0 { b'3' } else { b'6' }, attachments, namespace);
    out.extend_from_slice(id.as_bytes());
    out.push(b'[');
}

/// Appends one more argument, raw JSON, behind a name or another argument.
pub fn argument(out: &mut Vec<u8>, raw: &str) {
    out.push(b',');
    out.extend_from_slice(raw.as_bytes());
}

/// Appends one more argument, a text; the offset of an event is one (socketio.md, 4).
pub fn text_argument(out: &mut Vec<u8>, text: &str) {
    out.push(b',');
    text::push_str(out, text);
}

/// Ends an event or an acknowledgement.
pub fn end(out: &mut Vec<u8>) {
    out.push(b']');
}

fn head(out: &mut Vec<u8>, digit: u8, attachments: usize, namespace: &str) {
    out.push(digit);
    if attachments > 0 {
        number(out, attachments as u64);
        out.push(b'-');
    }
    if namespace != MAIN {
        out.extend_from_slice(namespace.as_bytes());
        out.push(b',');
    }
}

fn number(out: &mut Vec<u8>, mut number: u64) {
    let from = out.len();
    loop {
        out.push(b"0123456789"[(number % 10) as usize]);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out[from..].reverse();
}
