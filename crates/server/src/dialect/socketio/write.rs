//! Server events become packets, each in a message of engine.io in a websocket frame.

use super::offset::{Offset, TAIL};
use super::tag::{Way, way};
use crate::dialect::actionhero::{heard, write as frames};
use crate::framing::frame;
use playhouse_core::codes;
use playhouse_core::event::{ServerEvent, Tag};
use playhouse_core::json::{Fields, push_str, unquote};
use playhouse_core::wire::{Framing, Tail};
use playhouse_proto::socketio::packet::MAIN;
use playhouse_proto::socketio::write;
use playhouse_proto::ws::{Opcode, encode};

/// Writes packets.
pub(crate) struct Writer {
    /// All of them, the main one first.
    namespaces: Vec<Box<str>>,
    goodbye: Option<String>,
    offset: Offset,
}

/// Whether something is told as an event, and not into an ack.
pub(crate) fn is_event(event: &ServerEvent<'_>) -> bool {
    match event {
        ServerEvent::Reply { tag, .. }
        | ServerEvent::Done { tag, .. }
        | ServerEvent::SeatRefused { tag, .. }
        | ServerEvent::File { tag, .. } => matches!(way(tag), Way::Frame(_)),
        ServerEvent::Welcome(_)
        | ServerEvent::Push(_)
        | ServerEvent::Said(_)
        | ServerEvent::Heard { .. }
        | ServerEvent::SeatEnded { .. } => true,
        // Nobody comes back from an end on purpose.
        ServerEvent::Closing(_) => false,
    }
}

impl Writer {
    /// A writer for the main namespace and these; `goodbye` is the last message before an end on purpose.
    pub(crate) fn new(namespaces: &[String], goodbye: Option<String>) -> Self {
        let all = [MAIN].into_iter().chain(namespaces.iter().map(String::as_str));
        Self { namespaces: all.map(Box::from).collect(), goodbye, offset: Offset::of_this_run() }
    }

    /// What follows the event of a number where events are counted.
    pub(crate) fn tail(&self, nth: u64) -> Tail {
        self.offset.tail(nth)
    }

    /// Appends the packet of an event, but for its tail where it is counted.
    pub(crate) fn write(&self, namespace: u16, is_counted: bool, event: &ServerEvent<'_>, out: &mut Vec<u8>) {
        let namespace = self.namespaces.get(usize::from(namespace)).map_or(MAIN, |name| name);
        let to = To { namespace, is_counted };
        match *event {
            ServerEvent::Reply { tag, .. }
            | ServerEvent::Done { tag, .. }
            | ServerEvent::SeatRefused { tag, .. }
            | ServerEvent::File { tag, .. } => to.answer(out, tag, event),
            ServerEvent::Welcome(text) => to.event(out, "welcome", |out| frames::welcome(out, text)),
            ServerEvent::Said(envelope) => to.event(out, "say", |out| frames::said(out, envelope)),
            ServerEvent::Push(raw) => to.event(out, name_of(raw), |out| frames::push(out, raw)),
            ServerEvent::Heard { seat, spoken } => {
                to.event(out, "message", |out| heard::one(out, seat.unwrap_or_default(), spoken));
            }
            ServerEvent::SeatEnded { seat, code, reason, retry } => {
                to.event(out, "message", |out| heard::over(out, seat, code, reason, retry));
            }
            ServerEvent::Closing(close) => {
                if let (&codes::ENDED, Some(text)) = (close, &self.goodbye) {
                    let to = To { is_counted: false, ..to };
                    to.event(out, "message", |out| goodbye(out, text));
                }
            }
        }
    }
}

/// News of the server have an event of their own.
fn name_of(raw: &str) -> &'static str {
    let context = Fields::of(raw).and_then(|fields| {
        let mut context = None;
        let looked = fields.each(|key, raw| {
            if key == "context" {
                context = unquote(raw);
            }
        });
        looked.ok().and(context)
    });
    if context.as_deref() == Some("alert") { "alert" } else { "message" }
}

fn goodbye(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(b"{\"goodbye\":");
    push_str(out, text);
    out.extend_from_slice(b",\"context\":\"api\"}");
}

/// Whom packets are for.
#[derive(Clone, Copy)]
struct To<'w> {
    namespace: &'w str,
    is_counted: bool,
}

impl To<'_> {
    /// Appends an event. What its tail takes is counted in the frame's header already.
    fn event(self, out: &mut Vec<u8>, name: &str, body: impl FnOnce(&mut Vec<u8>)) {
        let mark = encode::begin(out);
        out.push(MESSAGE);
        write::event(out, 0, self.namespace, None, name);
        out.push(b',');
        body(out);
        if self.is_counted {
            out.extend_from_slice(&[0; TAIL]);
        } else {
            write::end(out);
        }
        encode::end(out, mark, Opcode::Text);
        if self.is_counted {
            out.truncate(out.len() - TAIL);
        }
    }

    fn answer(self, out: &mut Vec<u8>, tag: &Tag, event: &ServerEvent<'_>) {
        match way(tag) {
            Way::Silence => {}
            Way::Ack(id) => self.ack(out, id, |out| {
                frames::answer(out, event);
                out.push(b'}');
            }),
            Way::FrameAck(id, message_id) => self.ack(out, id, |out| whole(out, event, message_id)),
            Way::Frame(message_id) => self.event(out, "response", |out| whole(out, event, message_id)),
        }
    }

    fn ack(self, out: &mut Vec<u8>, id: &str, body: impl FnOnce(&mut Vec<u8>)) {
        frame(Framing::EngineIo, out, |out| {
            write::ack(out, 0, self.namespace, id);
            body(out);
            write::end(out);
        });
    }
}

/// The whole frame of an answer, with the messageId of its question.
fn whole(out: &mut Vec<u8>, event: &ServerEvent<'_>, message_id: &str) {
    frames::answer(out, event);
    out.extend_from_slice(b",\"messageId\":");
    out.extend_from_slice(message_id.as_bytes());
    out.push(b'}');
}

/// What a message of engine.io begins with.
const MESSAGE: u8 = b'4';

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::envelope::{Envelope, Stamp, Topic};
    use playhouse_core::error::Reject;
    use playhouse_core::id::{ConnectionId, NodeId};

    /// The packet, after a look at the frame around it.
    fn packet(namespace: u16, is_counted: bool, event: &ServerEvent<'_>) -> String {
        let writer = Writer::new(&["/admin".to_owned()], Some("bye".to_owned()));
        let mut out = Vec::new();
        writer.write(namespace, is_counted, event, &mut out);
        if is_counted && is_event(event) {
            out.extend_from_slice(&writer.tail(7));
        }
        if out.is_empty() {
            return String::new();
        }
        assert_eq!((out[0], usize::from(out[1])), (0x81, out.len() - 2), "a whole frame");
        let text = std::str::from_utf8(&out[3..]).unwrap();
        text.replace(std::str::from_utf8(&writer.tail(7)).unwrap(), ",OFFSET]")
    }

    fn tag(id: &str) -> Tag {
        Tag::new(id)
    }

    #[test]
    fn answers_are_acks() {
        let reply =
            |id: &str| packet(0, true, &ServerEvent::Reply { tag: &tag(id), result: Ok(r#"{"a":1}"#) });
        assert_eq!(reply("12"), r#"312[{"a":1,"context":"response"}]"#);
        assert_eq!(reply(""), "");
        assert_eq!(reply("m12:\"x\""), r#"312[{"a":1,"context":"response","messageId":"x"}]"#);
        assert_eq!(reply("m:5"), r#"2["response",{"a":1,"context":"response","messageId":5},OFFSET]"#);
        let reject = Reject::of(&codes::UNKNOWN_ACTION, "no");
        let refused = ServerEvent::Reply { tag: &tag("1"), result: Err(&reject) };
        assert_eq!(packet(1, false, &refused), r#"3/admin,1[{"error":"no","context":"response"}]"#);
        let done = ServerEvent::Done { tag: &tag("1"), result: Ok(Some("true")) };
        assert_eq!(packet(0, false, &done), r#"31[{"status":"OK","context":"response","data":true}]"#);
    }

    #[test]
    fn the_server_speaks_in_events() {
        assert_eq!(
            packet(0, true, &ServerEvent::Welcome("hi")),
            r#"2["welcome",{"welcome":"hi","context":"api"},OFFSET]"#
        );
        assert_eq!(
            packet(1, false, &ServerEvent::Push("\"x\"")),
            r#"2/admin,["message",{"message":"x","context":"api"}]"#
        );
        assert_eq!(
            packet(0, false, &ServerEvent::Push(r#"{"context":"alert"}"#)),
            r#"2["alert",{"context":"alert"}]"#
        );
        let envelope = Envelope {
            topic: Topic::room("r"),
            stamp: Stamp { node: NodeId::new("n"), epoch: 1, offset: 1, sent_at: 17 },
            from: ConnectionId::new("id"),
            payload: "{\"a\":1}".into(),
        };
        assert_eq!(
            packet(0, true, &ServerEvent::Said(&envelope)),
            r#"2["say",{"message":{"a":1},"room":"r","from":"id","context":"user","sentAt":17},OFFSET]"#
        );
        let closing = ServerEvent::Closing(&codes::ENDED);
        assert_eq!(packet(0, true, &closing), r#"2["message",{"goodbye":"bye","context":"api"}]"#);
    }
}
