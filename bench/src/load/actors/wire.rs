//! How clients speak to actors, byte for byte as the two families' own do by default: RivetKit in BARE, actor-core in
//! CBOR. It knows counters, and no server's inside.

use serde::Deserialize;

use super::cbor::{self, Items};
use crate::load::failure::Failure;
use crate::wire::printable;

/// What names this process's actors apart from those of another run at the same server.
const NAME: &str = "counter";
/// The action, which is told 1.
const ACTION: &str = "increment";

/// The version that the oldest client writes, and every server.
const BARE_VERSION: [u8; 2] = [2, 0];
/// The list `[1]` in CBOR, and the list without anything.
const ONE: [u8; 2] = [0x81, 0x01];
const NONE: [u8; 1] = [0x80];

/// One of the two families.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    RivetKit,
    ActorCore,
}

/// An answer to a call: which one, and the count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) id: u64,
    pub(super) count: u64,
}

#[derive(Deserialize)]
struct Made {
    actor: Record,
}

#[derive(Deserialize)]
struct Record {
    actor_id: String,
}

#[derive(Deserialize)]
struct Placed {
    endpoint: String,
}

/// actor-core's answer over HTTP.
#[derive(Deserialize)]
struct Output {
    o: u64,
}

impl Wire {
    /// The request that makes the counter with this number.
    pub(super) fn make(self, port: u16, nth: usize) -> Vec<u8> {
        match self {
            Self::RivetKit => request(
                port,
                "PUT /actors?namespace=default",
                "application/json",
                format!(
                    r#"{{"name":"{NAME}","key":"k{nth}","runner_name_selector":"default","crash_policy":"sleep"}}"#
                )
                .as_bytes(),
            ),
            Self::ActorCore => request(
                port,
                "POST /manager/actors",
                "application/json",
                format!(r#"{{"query":{{"create":{{"tags":{{"name":"{NAME}","k":"{nth}"}}}}}}}}"#).as_bytes(),
            ),
        }
    }

    /// Where the counter is, as the answer says: below this path are its calls and connections.
    pub(super) fn place(self, answer: &[u8]) -> Result<String, Failure> {
        let wrong = |_| Failure::Wrong(format!("no actor: {}", printable(answer)));
        match self {
            Self::RivetKit => {
                let made: Made = serde_json::from_slice(answer).map_err(wrong)?;
                Ok(format!("/gateway/{}", made.actor.actor_id))
            }
            Self::ActorCore => {
                let placed: Placed = serde_json::from_slice(answer).map_err(wrong)?;
                let path = placed.endpoint.splitn(4, '/').nth(3).unwrap_or_default();
                Ok(format!("/{path}"))
            }
        }
    }

    /// The request over HTTP that asks the counter there for its count, which changes nothing.
    pub(super) fn look(self, port: u16, place: &str) -> Vec<u8> {
        match self {
            Self::RivetKit => {
                let mut body = BARE_VERSION.to_vec();
                push_data(&mut body, &NONE);
                let kind = "application/octet-stream\r\nx-rivet-encoding: bare";
                request(port, &format!("POST {place}/action/getCount"), kind, &body)
            }
            Self::ActorCore => {
                request(port, &format!("POST {place}/rpc/getCount"), "application/json", br#"{"a":[]}"#)
            }
        }
    }

    /// Reads the answer to that.
    pub(super) fn seen(self, answer: &[u8]) -> Result<u64, Failure> {
        let count = match self {
            Self::RivetKit => bare_output(answer),
            Self::ActorCore => serde_json::from_slice(answer).ok().map(|Output { o }| o),
        };
        count.ok_or_else(|| Failure::Wrong(format!("no count: {}", printable(answer))))
    }

    /// The request for a websocket to the actor there.
    pub(super) fn upgrade(self, port: u16, place: &str) -> Vec<u8> {
        match self {
            Self::RivetKit => crate::wire::upgrade_request(
                port,
                &format!("{place}/connect"),
                "Sec-WebSocket-Protocol: rivet, rivet_encoding.bare\r\n",
            ),
            Self::ActorCore => {
                crate::wire::upgrade_request(port, &format!("{place}/connect/websocket?encoding=cbor"), "")
            }
        }
    }

    /// Checks the first message of a connection.
    pub(super) fn check_welcome(self, message: &[u8]) -> Result<(), Failure> {
        let well = match self {
            Self::RivetKit => {
                message.strip_prefix(&BARE_VERSION).is_some_and(|rest| rest.first() == Some(&0))
            }
            Self::ActorCore => core_body(message).is_some_and(|(kind, _)| kind == b"i"),
        };
        if well { Ok(()) } else { Err(Failure::Wrong(format!("no welcome: {}", printable(message)))) }
    }

    /// Appends a call that counts one up, as a message without its frame.
    pub(super) fn push_call(self, out: &mut Vec<u8>, id: u64) {
        match self {
            Self::RivetKit => {
                out.extend_from_slice(&BARE_VERSION);
                out.push(0);
                push_uint(out, id);
                push_data(out, ACTION.as_bytes());
                push_data(out, &ONE);
            }
            Self::ActorCore => {
                out.extend_from_slice(b"\xa1\x61b\xa1\x62rr\xa3\x61i");
                cbor::push_number(out, id);
                out.extend_from_slice(b"\x61n\x69");
                out.extend_from_slice(ACTION.as_bytes());
                out.extend_from_slice(b"\x61a");
                out.extend_from_slice(&ONE);
            }
        }
    }

    /// Reads the answer to such a call.
    pub(super) fn counted(self, message: &[u8]) -> Result<Counted, Failure> {
        let counted = match self {
            Self::RivetKit => bare_counted(message),
            Self::ActorCore => core_counted(message),
        };
        counted.ok_or_else(|| Failure::Wrong(format!("no count: {}", printable(message))))
    }
}

fn request(port: u16, what: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut request = format!(
        "{what} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes();
    request.extend_from_slice(body);
    request
}

fn bare_output(body: &[u8]) -> Option<u64> {
    let mut items = Items(data(body.strip_prefix(&BARE_VERSION)?)?);
    items.number().filter(|_| items.is_over())
}

fn bare_counted(message: &[u8]) -> Option<Counted> {
    let rest = message.strip_prefix(&BARE_VERSION)?.strip_prefix(&[2])?;
    let (id, rest) = uint(rest)?;
    let mut items = Items(data(rest)?);
    let count = items.number()?;
    items.is_over().then_some(Counted { id, count })
}

fn core_counted(message: &[u8]) -> Option<Counted> {
    let (_, mut items) = core_body(message).filter(|(kind, _)| *kind == b"ro")?;
    if items.map()? != 2 {
        return None;
    }
    items.key("i")?;
    let id = items.number()?;
    items.key("o")?;
    let count = items.number()?;
    items.is_over().then_some(Counted { id, count })
}

/// What a message of actor-core is about, and the rest of it.
fn core_body(message: &[u8]) -> Option<(&[u8], Items<'_>)> {
    let mut items = Items(message);
    let outer = items.map()?;
    items.key("b")?;
    let inner = items.map()?;
    let kind = items.text()?;
    (outer == 1 && inner == 1).then_some((kind, items))
}

/// Appends bytes behind their length.
fn push_data(out: &mut Vec<u8>, bytes: &[u8]) {
    push_uint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a number in groups of seven bits, the lowest first.
fn push_uint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

fn uint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().enumerate().take(9) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            return Some((value, &bytes[at + 1..]));
        }
    }
    None
}

/// All of it, as bytes behind their length.
fn data(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = uint(bytes)?;
    (rest.len() as u64 == length).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(wire: Wire, id: u64) -> Vec<u8> {
        let mut out = Vec::new();
        wire.push_call(&mut out, id);
        out
    }

    #[test]
    fn calls_are_those_of_the_clients() {
        assert_eq!(call(Wire::RivetKit, 0), b"\x02\x00\x00\x00\x09increment\x02\x81\x01");
        assert_eq!(call(Wire::RivetKit, 300)[3..5], [0xac, 0x02]);
        let core = b"\xa1\x61b\xa1\x62rr\xa3\x61i\x18\x2a\x61n\x69increment\x61a\x81\x01";
        assert_eq!(call(Wire::ActorCore, 42), core);
    }

    #[test]
    fn answers_are_read() {
        let bare = |message: &[u8]| Wire::RivetKit.counted(message).ok();
        assert_eq!(bare(&[2, 0, 2, 0, 1, 1]), Some(Counted { id: 0, count: 1 }));
        assert_eq!(bare(&[2, 0, 2, 0xac, 2, 3, 0x19, 1, 0]), Some(Counted { id: 300, count: 256 }));
        for wrong in [&[2, 0, 2, 0, 1][..], &[2, 0, 1, 0, 1, 1], &[3, 0, 2, 0, 1, 1], &[2, 0, 2, 0, 1, 1, 1]]
        {
            assert_eq!(bare(wrong), None, "{wrong:02x?}");
        }
        let core = |message: &[u8]| Wire::ActorCore.counted(message).ok();
        let long = b"\xb9\x00\x01\x61b\xb9\x00\x01\x62ro\xb9\x00\x02\x61i\x07\x61o\x08";
        assert_eq!(core(long), Some(Counted { id: 7, count: 8 }));
        assert_eq!(core(b"\xa1\x61b\xa1\x62ro\xa2\x61i\x07\x61o\x08"), Some(Counted { id: 7, count: 8 }));
        assert_eq!(core(b"\xa1\x61b\xa1\x62re\xa2\x61i\x07\x61o\x08"), None);
        assert_eq!(Wire::RivetKit.seen(&[2, 0, 1, 0x0f]).ok(), Some(15));
        assert!(Wire::RivetKit.seen(&[2, 0, 1]).is_err());
        assert_eq!(Wire::ActorCore.seen(br#"{"o":15}"#).ok(), Some(15));
    }

    #[test]
    fn places_are_found_and_welcomes_told_apart() {
        let made = br#"{"actor":{"actor_id":"ac7","name":"counter"},"created":true}"#;
        assert_eq!(Wire::RivetKit.place(made).unwrap(), "/gateway/ac7");
        let placed = br#"{"endpoint":"http://localhost:1/actors/7-a","supportedTransports":["sse"]}"#;
        assert_eq!(Wire::ActorCore.place(placed).unwrap(), "/actors/7-a");
        assert!(Wire::RivetKit.place(b"{}").is_err());
        assert!(Wire::RivetKit.check_welcome(b"\x02\x00\x00\x01a\x01b").is_ok());
        assert!(Wire::RivetKit.check_welcome(b"\x02\x00\x01\x01a").is_err());
        assert!(Wire::ActorCore.check_welcome(b"\xa1\x61b\xa1\x61i\xa0").is_ok());
        assert!(Wire::ActorCore.check_welcome(b"\xa1\x61b\xa1\x62er\xa0").is_err());
    }
}
