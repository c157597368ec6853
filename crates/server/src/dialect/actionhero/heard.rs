//! What a connection hears of its seats at actors. The frames of an event differ from seat to seat in their last bytes only:
//! what stands before them is written once for all who share it.

use super::write::put;
use crate::framing::frame;
use playhouse_core::actor::{Spoken, WrittenForm};
use playhouse_core::json::{push_str, push_u64};
use playhouse_core::wire::{Framing, Tail};
use playhouse_proto::primus::json;
use playhouse_proto::ws::{Opcode, encode};
use std::io::Write;

/// Bytes of what names a seat, `,"seat":         7}`: always as many, since the frame's header counts them.
const TAIL: usize = 19;

/// Where frames for all seats are kept. Compressed ones are not, as nothing can be put behind them, nor
/// those of few connections.
pub(super) fn place(framing: Framing) -> Option<WrittenForm> {
    match framing {
        Framing::Websocket => Some(WrittenForm::Page),
        Framing::WebsocketDeflate { .. } | Framing::EngineIo { .. } | Framing::SockJs | Framing::Http => None,
    }
}

/// The end of an event's message: which seat hears it.
pub(super) fn tail(seat: u32) -> Tail {
    let mut tail = [0; TAIL];
    write!(&mut tail[..], ",\"seat\":{seat:>10}}}").expect("no number of 32 bits has more than ten digits");
    Tail::from_slice(&tail)
}

/// Appends an event, for one seat or for all.
pub(super) fn event(framing: Framing, out: &mut Vec<u8>, seat: Option<u32>, spoken: &Spoken) {
    match seat {
        Some(seat) => frame(framing, out, |out| one(out, seat, spoken)),
        None => {
            let mut shared = Vec::new();
            message(&mut shared, spoken);
            json::escape_separators(&mut shared, 0);
            out.extend_from_slice(&encode::header(Opcode::Text, shared.len() + TAIL));
            out.append(&mut shared);
        }
    }
}

/// The message of an event for one seat.
pub(crate) fn one(out: &mut Vec<u8>, seat: u32, spoken: &Spoken) {
    message(out, spoken);
    out.extend_from_slice(&tail(seat));
}

fn message(out: &mut Vec<u8>, spoken: &Spoken) {
    put(out, "{\"event\":");
    push_str(out, &spoken.event);
    put(out, ",\"args\":");
    serde_json::to_writer(&mut *out, &spoken.args)
        .expect("a value is always JSON, and a Vec takes every write");
    put(out, ",\"context\":\"actor\"");
}

/// Appends that a seat is over.
pub(super) fn ended(framing: Framing, out: &mut Vec<u8>, seat: u32, code: &str, reason: &str, retry: bool) {
    frame(framing, out, |out| over(out, seat, code, reason, retry));
}

/// The message that a seat is over.
pub(crate) fn over(out: &mut Vec<u8>, seat: u32, code: &str, reason: &str, retry: bool) {
    put(out, "{\"seat\":");
    push_u64(out, seat.into());
    put(out, ",\"closed\":{\"code\":");
    push_str(out, code);
    put(out, ",\"reason\":");
    push_str(out, reason);
    put(out, if retry { ",\"retry\":true" } else { ",\"retry\":false" });
    put(out, "},\"context\":\"actor\"}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhouse_core::value::Value;

    #[test]
    fn what_is_shared_and_a_tail_are_one_frame() {
        let spoken = Spoken::new("said".into(), vec![Value::text("a\u{2028}"), Value::Bytes(vec![255])]);
        for seat in [1, 42, u32::MAX] {
            let mut out = Vec::new();
            event(Framing::Websocket, &mut out, None, &spoken);
            out.extend_from_slice(&tail(seat));
            let wanted =
                r#"{"event":"said","args":["a\u2028",["$Uint8Array","/w=="]],"context":"actor","seat":"#;
            assert_eq!(&out[..2], &[0x81, u8::try_from(out.len() - 2).unwrap()]);
            let text = std::str::from_utf8(&out[2..]).unwrap();
            assert_eq!(text.replace(' ', ""), format!("{wanted}{seat}}}"));
            let mut alone = Vec::new();
            event(Framing::Websocket, &mut alone, Some(seat), &spoken);
            assert_eq!(alone, out, "written for one seat it is the same");
        }
    }

    #[test]
    fn compressed_frames_are_not_shared() {
        assert_eq!(place(Framing::Websocket), Some(WrittenForm::Page));
        assert_eq!(place(Framing::WebsocketDeflate { window: 15 }), None);
    }

    #[test]
    fn an_end() {
        let mut out = Vec::new();
        ended(Framing::Http, &mut out, 3, "internal", "no \"luck\"", true);
        let wanted = r#"{"seat":3,"closed":{"code":"internal","reason":"no \"luck\"","retry":true},"context":"actor"}"#;
        assert_eq!(String::from_utf8(out).unwrap(), wanted);
    }
}
