//! How a message is wrapped for its transport. Every form is a websocket frame: those who poll get it unwrapped.

use playhouse_core::wire::Framing;
use playhouse_proto::primus::json;
use playhouse_proto::sockjs;
use playhouse_proto::ws::deflate::Agreed;
use playhouse_proto::ws::{Opcode, encode};

/// Appends a frame around the JSON text that `body` appends.
pub(crate) fn frame(framing: Framing, out: &mut Vec<u8>, body: impl FnOnce(&mut Vec<u8>)) {
    if framing == Framing::Http {
        return body(out);
    }
    let mark = encode::begin(out);
    if matches!(framing, Framing::EngineIo { .. }) {
        out.push(MESSAGE);
    }
    let from = out.len();
    body(out);
    match framing {
        // It escapes these and more.
        Framing::SockJs => sockjs::frame::message(out, from),
        Framing::Http | Framing::Websocket | Framing::EngineIo { .. } | Framing::WebsocketDeflate { .. } => {
            json::escape_separators(out, from);
        }
    }
    match framing {
        Framing::WebsocketDeflate { window } => {
            encode::end_deflated(out, mark, Opcode::Text, Agreed::with_window(window));
        }
        Framing::Http | Framing::Websocket | Framing::EngineIo { .. } | Framing::SockJs => {
            encode::end(out, mark, Opcode::Text);
        }
    }
}

/// What a message of engine.io begins with.
const MESSAGE: u8 = b'4';
