//! The control strings: messages of the layer itself, JSON strings that begin with `primus::`.
//!
//! Owns how they look on the wire. It must not keep the heartbeat; see [`beat`](super::beat).

use super::json;

/// The last message before a deliberate close: the client shall not come back.
pub const CLOSE: &str = "\"primus::server::close\"";

const PREFIX: &str = "\"primus::";

/// A message of a client that belongs to the layer and not to the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control<'a> {
    /// A client of Primus 6 wants a [`pong`] with this text at once. A sign of life.
    Ping(&'a str),
    /// A client of Primus 7 or 8 answers our [`ping`]. A sign of life.
    Pong(&'a str),
    /// The client wants to know its [`id`].
    IdRequest,
}

/// Reads the JSON text of a message. `None` is a message for the application: also a string with the prefix
/// but of an unknown kind, and one that is written with escapes, which no client does.
#[must_use]
pub fn parse(text: &str) -> Option<Control<'_>> {
    let rest = text.trim_ascii().strip_prefix(PREFIX)?.strip_suffix('"')?;
    if rest.contains(['"', '\\']) {
        return None;
    }
    match rest.split_once("::")? {
        ("ping", value) => Some(Control::Ping(value)),
        ("pong", value) => Some(Control::Pong(value)),
        ("id", _) => Some(Control::IdRequest),
        _ => None,
    }
}

/// Appends the server's ping; `now` is in milliseconds and comes back in the pong.
pub fn ping(out: &mut Vec<u8>, now: u64) {
    write(out, "ping", &now.to_string());
}

/// Appends the answer to [`Control::Ping`], with its text.
pub fn pong(out: &mut Vec<u8>, text: &str) {
    write(out, "pong", text);
}

/// Appends the answer to [`Control::IdRequest`].
pub fn id(out: &mut Vec<u8>, id: &str) {
    write(out, "id", id);
}

fn write(out: &mut Vec<u8>, kind: &str, value: &str) {
    out.extend_from_slice(PREFIX.as_bytes());
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"::");
    json::push_escaped(out, value);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_clients_send() {
        let table = [
            (r#""primus::ping::1700000000000""#, Some(Control::Ping("1700000000000"))),
            (r#""primus::pong::1700000000000""#, Some(Control::Pong("1700000000000"))),
            (r#""primus::id::""#, Some(Control::IdRequest)),
            (" \"primus::id::\"\n", Some(Control::IdRequest)),
            (r#""primus::ping::""#, Some(Control::Ping(""))),
            (r#""primus::server::close""#, None),
            (r#""primus::unknown::1""#, None),
            (r#""primus::ping""#, None),
            (r#""primus::""#, None),
            (r#""primus::ping::1"2""#, None),
            (r#""primus::ping::\u0031""#, None),
            (r#""primus::ping::1"#, None),
            ("primus::ping::1", None),
            (r#"["primus::ping::1"]"#, None),
            (r#"{"event":"action"}"#, None),
            ("\"", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(parse(text), expected, "{text}");
        }
    }

    #[test]
    fn what_we_send() {
        let written = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            String::from_utf8(out).expect("control strings are text")
        };
        assert_eq!(written(&|out| ping(out, 1_700_000_000_000)), r#""primus::ping::1700000000000""#);
        assert_eq!(written(&|out| pong(out, "17")), r#""primus::pong::17""#);
        assert_eq!(written(&|out| id(out, "aZ-_09")), r#""primus::id::aZ-_09""#);
        assert_eq!(written(&|out| id(out, "a\"b")), r#""primus::id::a\"b""#);
    }

    proptest! {
        #[test]
        fn arbitrary_text_never_panics(text: String) {
            let _ = parse(&text);
            let _ = parse(&format!("\"primus::{text}"));
        }

        #[test]
        fn pings_round_trip(now: u64) {
            let mut out = Vec::new();
            ping(&mut out, now);
            let text = String::from_utf8(out).expect("text");
            let now = now.to_string();
            prop_assert_eq!(parse(&text), Some(Control::Ping(&now)));
        }
    }
}
