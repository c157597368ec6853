//! Server events become frames, key order as the original writes it.

use super::heard;
use super::operands::leftovers;
use crate::framing::frame;
use memchr::memmem::Finder;
use playhouse_core::actor::WrittenForm;
use playhouse_core::codes::{self, Close};
use playhouse_core::envelope::Envelope;
use playhouse_core::error::Reject;
use playhouse_core::event::{FileContent, ServerEvent, Tag};
use playhouse_core::json::{Fields, push_str, push_u64};
use playhouse_core::wire::{Framing, Tail};
use std::borrow::Cow;
use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

/// Writes frames.
pub(crate) struct Writer {
    goodbye: Option<String>,
}

impl Writer {
    pub(crate) fn new(goodbye: Option<String>) -> Self {
        Self { goodbye }
    }

    /// Appends the frames of an event.
    pub(crate) fn write(&self, framing: Framing, event: &ServerEvent<'_>, out: &mut Vec<u8>) {
        match *event {
            ServerEvent::Closing(close) => self.closing(framing, close, out),
            ServerEvent::Welcome(text) => frame(framing, out, |out| welcome(out, text)),
            ServerEvent::Reply { tag, .. }
            | ServerEvent::Done { tag, .. }
            | ServerEvent::SeatRefused { tag, .. }
            | ServerEvent::File { tag, .. } => frame(framing, out, |out| {
                answer(out, event);
                message_id(out, tag);
            }),
            ServerEvent::Push(raw) => frame(framing, out, |out| push(out, raw)),
            ServerEvent::Heard { seat, spoken } => heard::event(framing, out, seat, spoken),
            ServerEvent::SeatEnded { seat, code, reason, retry } => {
                heard::ended(framing, out, seat, code, reason, retry);
            }
            ServerEvent::Said(envelope) => frame(framing, out, |out| said(out, envelope)),
        }
    }

    /// Where an actor's event is kept that was written for all seats.
    pub(crate) fn place(framing: Framing) -> Option<WrittenForm> {
        heard::place(framing)
    }

    /// What says for which seat such an event is.
    pub(crate) fn seat_tail(seat: u32) -> Tail {
        heard::tail(seat)
    }

    /// Before an end on purpose the client hears so, where that is configured.
    fn closing(&self, framing: Framing, close: &Close, out: &mut Vec<u8>) {
        if let (&codes::ENDED, Some(text)) = (close, &self.goodbye) {
            frame(framing, out, |out| {
                put(out, "{\"goodbye\":");
                push_str(out, text);
                put(out, ",\"context\":\"api\"}");
            });
        }
    }
}

pub(super) fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// An answer, but for what says which one it is, and its closing brace. Nothing for an event that is none.
pub(crate) fn answer(out: &mut Vec<u8>, event: &ServerEvent<'_>) {
    match *event {
        ServerEvent::Reply { tag, result } => reply(out, tag, result),
        ServerEvent::Done { tag, result } => done(out, tag, result),
        ServerEvent::SeatRefused { tag, reject, retry } => refused(out, tag, reject, retry),
        ServerEvent::File { tag, result } => file(out, tag, result),
        ServerEvent::Welcome(_)
        | ServerEvent::Push(_)
        | ServerEvent::Said(_)
        | ServerEvent::Heard { .. }
        | ServerEvent::SeatEnded { .. }
        | ServerEvent::Closing(_) => {}
    }
}

/// A message of a room.
pub(crate) fn said(out: &mut Vec<u8>, envelope: &Envelope) {
    put(out, "{\"message\":");
    put(out, envelope.json());
    put(out, ",\"room\":");
    push_str(out, envelope.topic.room_name().unwrap_or_default());
    put(out, ",\"from\":");
    push_str(out, envelope.from.as_str());
    put(out, ",\"context\":\"user\",\"sentAt\":");
    push_u64(out, envelope.stamp.sent_at);
    put(out, "}");
}

/// The first message.
pub(crate) fn welcome(out: &mut Vec<u8>, text: &str) {
    put(out, "{\"welcome\":");
    push_str(out, text);
    put(out, ",\"context\":\"api\"}");
}

/// The end of every answer.
fn message_id(out: &mut Vec<u8>, tag: &Tag) {
    put(out, ",\"messageId\":");
    put(out, &tag.id);
    if tag.number > 0 {
        put(out, ",\"messageCount\":");
        push_u64(out, u64::from(tag.number));
    }
    put(out, "}");
}

fn reply(out: &mut Vec<u8>, tag: &Tag, result: Result<&str, &Reject>) {
    match result {
        Ok(raw) => merged(out, raw, "response"),
        Err(reject) => {
            put(out, "{\"error\":");
            push_str(out, &reject.message);
            code(out, tag, reject);
            put(out, ",\"context\":\"response\"");
        }
    }
}

/// What programs know a refusal by. ActionHero's own clients know only texts, and get their exact bytes.
fn code(out: &mut Vec<u8>, tag: &Tag, reject: &Reject) {
    if !tag.with_code {
        return;
    }
    put(out, ",\"code\":");
    push_str(out, &reject.code);
    put(out, ",\"fields\":[");
    for (nth, field) in reject.fields.iter().enumerate() {
        if nth > 0 {
            put(out, ",");
        }
        push_str(out, field);
    }
    put(out, "]");
    if let Some(metadata) = &reject.metadata {
        put(out, ",\"metadata\":");
        serde_json::to_writer(out, metadata).expect("a value is always JSON, and a Vec takes every write");
    }
}

/// An object's keys at the top level with a context behind them, without the closing brace; anything but an
/// object under `data`. What has a context of its own keeps it; `messageId` is always the server's.
fn merged(out: &mut Vec<u8>, raw: &str, context: &str) {
    let raw = raw.trim();
    let Some(fields) = raw.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) else {
        put(out, "{\"data\":");
        put(out, raw);
        return end_merged(out, context);
    };
    if may_have_own(raw)
        && let Some(fields) = Fields::of(raw).filter(|fields| fields.are_valid())
    {
        return merged_slowly(out, fields, context);
    }
    put(out, "{");
    put(out, fields.trim_end());
    end_merged(out, context);
}

/// Whether the server's own keys may be among those of a result; a text that only says so counts too. To begin a
/// search costs more than to look through a small result.
fn may_have_own(raw: &str) -> bool {
    static OWN: LazyLock<[Finder<'static>; 2]> =
        LazyLock::new(|| [Finder::new("\"context\""), Finder::new("\"messageId\"")]);
    let bytes = raw.as_bytes();
    if bytes.len() <= SMALL && !bytes.windows(2).any(|pair| matches!(pair, b"\"c" | b"\"m")) {
        return false;
    }
    OWN.iter().any(|key| key.find(bytes).is_some())
}

/// Bytes of a small result.
const SMALL: usize = 64;

/// A key called `context` may be in there, or only a text that says so. All keys are gone over: a result may have
/// more of them than any request.
fn merged_slowly(out: &mut Vec<u8>, fields: Fields<'_>, context: &str) {
    put(out, "{");
    let mut has_own = false;
    let each = |key: Cow<'_, str>, raw: &str| {
        if key == "messageId" {
            return;
        }
        has_own |= key == "context";
        if out.last() != Some(&b'{') {
            put(out, ",");
        }
        push_str(out, &key);
        put(out, ":");
        put(out, raw);
    };
    fields.each(each).expect("it was looked at");
    if !has_own {
        end_merged(out, context);
    }
}

/// Whether an object has a context of its own.
fn has_context(raw: &str) -> bool {
    let mut has_own = false;
    let looked = Fields::of(raw).map(|fields| fields.each(|key, _| has_own |= key == "context"));
    has_own && looked == Some(Ok(()))
}

fn end_merged(out: &mut Vec<u8>, context: &str) {
    if out.last() != Some(&b'{') {
        put(out, ",");
    }
    put(out, "\"context\":\"");
    put(out, context);
    put(out, "\"");
}

fn done(out: &mut Vec<u8>, tag: &Tag, result: Result<Option<&str>, &Reject>) {
    match result {
        Ok(data) => {
            put(out, "{\"status\":\"OK\",\"context\":\"response\"");
            if let Some(data) = data {
                put(out, ",\"data\":");
                put(out, data);
            }
        }
        Err(reject) => refused(out, tag, reject, false),
    }
}

fn refused(out: &mut Vec<u8>, tag: &Tag, reject: &Reject, retry: bool) {
    let text = format!("Error: {}", reject.message);
    put(out, "{\"status\":");
    push_str(out, &text);
    put(out, ",\"error\":");
    push_str(out, &text);
    code(out, tag, reject);
    if retry && tag.with_code {
        put(out, ",\"retry\":true");
    }
    put(out, ",\"context\":\"response\",\"data\":");
    put(out, &tag.rest.as_deref().map_or_else(|| "{}".to_owned(), leftovers));
}

fn file(out: &mut Vec<u8>, tag: &Tag, result: Result<&FileContent, &Reject>) {
    match result {
        Ok(content) => {
            put(out, "{\"content\":");
            push_str(out, &content.text);
            put(out, ",\"mime\":");
            push_str(out, &content.mime);
            put(out, ",\"length\":");
            push_u64(out, content.length);
            put(out, ",\"lastModified\":\"");
            put(out, &iso_time(content.modified_ms));
            put(out, "\"");
        }
        Err(reject) => {
            put(out, "{\"error\":");
            push_str(out, &reject.message);
            code(out, tag, reject);
            put(out, ",\"content\":null,\"mime\":\"text/html\",\"length\":");
            push_u64(out, reject.message.len() as u64);
        }
    }
    put(out, ",\"context\":\"response\"");
}

/// A time as JavaScript writes it in JSON.
fn iso_time(unix_ms: u64) -> String {
    humantime::format_rfc3339_millis(UNIX_EPOCH + Duration::from_millis(unix_ms)).to_string()
}

/// What the application sends by itself. A text travels as a message; what has no context gets `api`, so that
/// no client takes it for a reply.
pub(crate) fn push(out: &mut Vec<u8>, raw: &str) {
    if raw.starts_with('{') {
        if has_context(raw) {
            return put(out, raw);
        }
        let fields = raw.trim().trim_start_matches('{').strip_suffix('}').unwrap_or_default();
        put(out, "{");
        put(out, fields.trim_end());
    } else {
        put(out, "{\"message\":");
        put(out, raw);
    }
    end_merged(out, "api");
    put(out, "}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::envelope::{Stamp, Topic};
    use playhouse_core::id::{ConnectionId, NodeId};

    fn text(event: &ServerEvent<'_>) -> String {
        let mut out = Vec::new();
        Writer::new(None).write(Framing::Http, event, &mut out);
        String::from_utf8(out).expect("frames are texts")
    }

    fn answer(result: Result<&str, &Reject>) -> String {
        text(&ServerEvent::Reply { tag: &Tag::new("4"), result })
    }

    #[test]
    fn results_stand_at_the_top_level() {
        assert_eq!(answer(Ok(r#"{"a":1}"#)), r#"{"a":1,"context":"response","messageId":4}"#);
        assert_eq!(answer(Ok("{}")), r#"{"context":"response","messageId":4}"#);
        assert_eq!(answer(Ok("[1]")), r#"{"data":[1],"context":"response","messageId":4}"#);
    }

    #[test]
    fn an_actions_own_context_stays_and_its_message_id_does_not() {
        assert_eq!(
            answer(Ok(r#"{"context":"user","messageId":9,"a":1}"#)),
            r#"{"context":"user","a":1,"messageId":4}"#
        );
        assert_eq!(
            answer(Ok(r#"{"a":{"context":1}}"#)),
            r#"{"a":{"context":1},"context":"response","messageId":4}"#
        );
    }

    #[test]
    fn an_object_of_many_keys_keeps_them_all() {
        let many = (0..1_000).map(|n| format!("\"k{n}\":{n},")).collect::<String>();
        for (last, end) in [("\"context\":1", ""), ("\"a\":{\"context\":1}", ",\"context\":\"response\"")] {
            let wanted = format!("{{{many}{last}{end},\"messageId\":4}}");
            assert_eq!(answer(Ok(&format!("{{{many}\"messageId\":2,{last}}}"))), wanted);
        }
        let pushed = format!("{{{many}\"context\":1}}");
        assert_eq!(text(&ServerEvent::Push(&pushed)), pushed);
    }

    #[test]
    fn an_empty_object_may_have_blanks() {
        assert_eq!(answer(Ok("{ }")), r#"{"context":"response","messageId":4}"#);
        assert_eq!(text(&ServerEvent::Push("{\n}")), r#"{"context":"api"}"#);
    }

    #[test]
    fn refusals_of_actions_and_of_verbs() {
        let reject = Reject::new("x", "no");
        assert_eq!(answer(Err(&reject)), r#"{"error":"no","context":"response","messageId":4}"#);
        let rest = Some(r#"{"event":"say","room":"r","message":"m","messageId":4}"#.into());
        let tag = Tag { rest, ..Tag::new("4") };
        assert_eq!(
            text(&ServerEvent::Done { tag: &tag, result: Err(&reject) }),
            r#"{"status":"Error: no","error":"Error: no","context":"response","data":{"message":"m"},"messageId":4}"#
        );
    }

    #[test]
    fn who_asks_for_it_gets_codes() {
        let reject = Reject::new("x", "no").field("a").field("b");
        let tag = Tag { with_code: true, ..Tag::new("4") };
        let answer = text(&ServerEvent::Reply { tag: &tag, result: Err(&reject) });
        let wanted = r#"{"error":"no","code":"x","fields":["a","b"],"context":"response","messageId":4}"#;
        assert_eq!(answer, wanted);
        let done = text(&ServerEvent::Done { tag: &tag, result: Err(&Reject::new("x", "no")) });
        let wanted =
            r#""error":"Error: no","code":"x","fields":[],"context":"response","data":{},"messageId":4}"#;
        assert!(done.ends_with(wanted), "{done}");
    }

    #[test]
    fn what_else_an_actor_tells_a_program_goes_with_the_code() {
        let reject =
            Reject::new("poor", "no").metadata(&std::collections::BTreeMap::from([("have", 2)])).unwrap();
        let tag = Tag { with_code: true, ..Tag::new("4") };
        let done = text(&ServerEvent::Done { tag: &tag, result: Err(&reject) });
        assert!(done.contains(r#","code":"poor","fields":[],"metadata":{"have":2},"context""#), "{done}");
        assert!(!text(&ServerEvent::Done { tag: &Tag::new("4"), result: Err(&reject) }).contains("have"));
    }

    #[test]
    fn who_gets_codes_hears_whether_to_ask_for_a_seat_again() {
        let reject = Reject::new("x", "no");
        let refused = |with_code, retry| {
            let tag = Tag { with_code, ..Tag::new("4") };
            text(&ServerEvent::SeatRefused { tag: &tag, reject: &reject, retry })
        };
        let wanted = r#"{"status":"Error: no","error":"Error: no","code":"x","fields":[],"retry":true,"context":"response","data":{},"messageId":4}"#;
        assert_eq!(refused(true, true), wanted);
        assert_eq!(refused(true, false), wanted.replace(r#""retry":true,"#, ""));
        assert_eq!(
            refused(false, true),
            text(&ServerEvent::Done { tag: &Tag::new("4"), result: Err(&reject) })
        );
    }

    #[test]
    fn verbs_with_and_without_a_result() {
        let done = |result| text(&ServerEvent::Done { tag: &Tag::new("1"), result: Ok(result) });
        assert_eq!(done(Some("true")), r#"{"status":"OK","context":"response","data":true,"messageId":1}"#);
        assert_eq!(done(None), r#"{"status":"OK","context":"response","messageId":1}"#);
    }

    #[test]
    fn chat() {
        let envelope = Envelope {
            topic: Topic::room("Räume 1"),
            stamp: Stamp { node: NodeId::new("n"), epoch: 1, offset: 1, sent_at: 17 },
            from: ConnectionId::new("id"),
            payload: "\"hello\"".into(),
        };
        assert_eq!(
            text(&ServerEvent::Said(&envelope)),
            r#"{"message":"hello","room":"Räume 1","from":"id","context":"user","sentAt":17}"#
        );
    }

    #[test]
    fn pushes_always_have_a_context() {
        assert_eq!(text(&ServerEvent::Push(r#"{"a":1}"#)), r#"{"a":1,"context":"api"}"#);
        assert_eq!(text(&ServerEvent::Push("{}")), r#"{"context":"api"}"#);
        assert_eq!(text(&ServerEvent::Push("\"hi\"")), r#"{"message":"hi","context":"api"}"#);
        assert_eq!(text(&ServerEvent::Push(r#"{"context":"alert"}"#)), r#"{"context":"alert"}"#);
    }

    #[test]
    fn separators_leave_escaped() {
        let mut out = Vec::new();
        Writer::new(None).write(Framing::Websocket, &ServerEvent::Push("\"a\u{2028}b\""), &mut out);
        assert_eq!(&out[2..], br#"{"message":"a\u2028b","context":"api"}"#);
    }

    #[test]
    fn times_are_as_javascript_writes_them() {
        assert_eq!(iso_time(1_767_323_045_678), "2026-01-02T03:04:05.678Z");
        assert_eq!(iso_time(0), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_goodbye_is_for_an_end_on_purpose() {
        let said = |close| {
            let mut out = Vec::new();
            Writer::new(Some("bye".to_owned())).write(Framing::Http, &ServerEvent::Closing(close), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(said(&codes::ENDED), r#"{"goodbye":"bye","context":"api"}"#);
        assert_eq!(said(&codes::DRAINING), "");
    }
}
