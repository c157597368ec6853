//! Server events become packets, each in a message of engine.io in a websocket frame.

use super::offset::{Offset, TAIL};
use super::tag::{Way, way};
use crate::dialect::actionhero::{heard, write as frames};
use crate::framing::frame;
use playhouse_core::codes;
use playhouse_core::event::{ServerEvent, Tag};
use playhouse_core::json::{Fields, push_str, unquote};
use playhouse_core::wire::{Framing, Tail};
use playhouse_proto::engineio::{self, Data, Kind, Packet, Protocol};
use playhouse_proto::socketio::packet::MAIN;
use playhouse_proto::socketio::{binary, write};
use playhouse_proto::ws::{Opcode, encode};

/// What differs between the connections that a packet is written for.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    /// The place of its namespace.
    pub(crate) namespace: u16,
    /// Its events have tails.
    pub(crate) is_counted: bool,
    /// Bytes are told as text.
    pub(crate) is_base64: bool,
}

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
    pub(crate) fn write(&self, form: Form, event: &ServerEvent<'_>, out: &mut Vec<u8>) {
        let Form { namespace, is_counted, is_base64 } = form;
        let namespace = self.namespaces.get(usize::from(namespace)).map_or(MAIN, |name| name);
        let to = To { namespace, is_counted, is_base64 };
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
    is_base64: bool,
}

impl To<'_> {
    /// Appends an event, and what of it goes beside it as bytes. What its tail takes is counted in the frame's header.
    fn event(self, out: &mut Vec<u8>, name: &str, body: impl FnOnce(&mut Vec<u8>)) {
        let mark = encode::begin(out);
        out.push(MESSAGE);
        let head = |out: &mut Vec<u8>, attachments| {
            write::event(out, attachments, self.namespace, None, name);
            out.push(b',');
        };
        let attachments = fill(out, head, body);
        if self.is_counted {
            out.extend_from_slice(&[0; TAIL]);
        } else {
            write::end(out);
        }
        encode::end(out, mark, Opcode::Text);
        if self.is_counted {
            out.truncate(out.len() - TAIL);
        }
        self.attach(out, &attachments);
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
        let mut attachments = Vec::new();
        frame(Framing::EngineIo { is_base64: false }, out, |out| {
            let head = |out: &mut Vec<u8>, attachments| write::ack(out, attachments, self.namespace, id);
            attachments = fill(out, head, body);
            write::end(out);
        });
        self.attach(out, &attachments);
    }

    /// Appends bytes, each in a message of its own.
    fn attach(self, out: &mut Vec<u8>, attachments: &[Vec<u8>]) {
        for bytes in attachments {
            let packet = Packet { kind: Kind::Message, data: Data::Binary(bytes.into()) };
            let mark = encode::begin(out);
            let opcode = match packet.write(Protocol::V4, self.is_base64, out) {
                engineio::Form::Text => Opcode::Text,
                engineio::Form::Binary => Opcode::Binary,
            };
            encode::end(out, mark, opcode);
        }
    }
}

/// Appends a packet's head, which tells how many attachments it has, and its argument. Gives the bytes that go beside it.
/// Hardly ever there are some: the head is written for none, and once more where that was wrong.
fn fill(
    out: &mut Vec<u8>,
    head: impl Fn(&mut Vec<u8>, usize),
    body: impl FnOnce(&mut Vec<u8>),
) -> Vec<Vec<u8>> {
    let begin = out.len();
    head(out, 0);
    let argument = out.len();
    body(out);
    if !binary::may_have_bytes(&out[argument..]) {
        return Vec::new();
    }
    let text = std::str::from_utf8(&out[argument..]).unwrap_or_default();
    let Some(extracted) = binary::extract(text, ATTACHMENTS_MAX) else { return Vec::new() };
    out.truncate(begin);
    head(out, extracted.attachments.len());
    out.extend_from_slice(extracted.text.as_bytes());
    extracted.attachments
}

/// What has more bytes beside it keeps them in its JSON. As many as clients take by themselves.
const ATTACHMENTS_MAX: usize = 10;

/// Where the tail of an event goes: into the first frame, whose header counts it.
pub(crate) fn tail_at(encoded: &[u8]) -> usize {
    let (header, len) = match encoded {
        [_, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([*high, *low]))),
        [_, 127, rest @ ..] => {
            let len = rest.first_chunk().map_or(0, |len| u64::from_be_bytes(*len));
            (10, usize::try_from(len).unwrap_or(usize::MAX))
        }
        [_, len, ..] => (2, usize::from(*len)),
        _ => return encoded.len(),
    };
    (header + len).saturating_sub(TAIL).min(encoded.len())
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
        writer.write(Form { namespace, is_counted, is_base64: false }, event, &mut out);
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

    #[test]
    fn bytes_go_beside_the_text_whose_tail_is_its_own() {
        let raw = r#"{"a":{"$base64":"AP8="},"b":{"$base64":"AQ=="}}"#;
        for (is_base64, beside) in
            [(false, &[0x82, 2, 0, 255, 0x82, 1, 1][..]), (true, b"\x81\x05bAP8=\x81\x05bAQ==".as_slice())]
        {
            let writer = Writer::new(&[], None);
            let mut out = Vec::new();
            writer.write(
                Form { namespace: 0, is_counted: true, is_base64 },
                &ServerEvent::Push(raw),
                &mut out,
            );
            let at = tail_at(&out);
            assert_eq!(&out[at..], beside);
            let text = std::str::from_utf8(&out[3..at]).unwrap();
            let placeholder = |num| format!(r#"{{"_placeholder":true,"num":{num}}}"#);
            let wanted =
                format!(r#"52-["message",{{"a":{},"b":{},"context":"api"}}"#, placeholder(0), placeholder(1));
            assert_eq!(text, wanted);
            assert_eq!(usize::from(out[1]), 1 + text.len() + TAIL);
        }
        let tag = Tag::new("5");
        let reply = ServerEvent::Reply { tag: &tag, result: Ok(r#"{"a":{"$base64":"AQ=="}}"#) };
        let mut out = Vec::new();
        let form = Form { namespace: 0, is_counted: true, is_base64: false };
        Writer::new(&[], None).write(form, &reply, &mut out);
        assert!(out.ends_with(&[0x82, 1, 1]) && out.windows(6).any(|at| at == b"61-5[{"));
    }
}
