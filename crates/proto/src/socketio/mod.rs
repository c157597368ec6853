//! socket.io, protocol 5 (clients of major 3 and 4): packets, acknowledgements, bytes beside JSON. Facts are from
//! the protocol's description (socketio/socket.io-protocol) and socket.io-parser 4.2; sections are those of
//! socketio.md.
//!
//! It must not know how the engine below carries a message, which namespaces exist, nor who is connected to one:
//! a packet that is sound may still come at the wrong moment, and that is for the caller to say.
//!
//! - [`packet`]: one text message as a packet, its JSON checked and cut into arguments in one pass.
//! - [`write`](mod@write): the heads of packets, around JSON that the caller builds in place.
//! - [`binary`]: bytes inside of JSON, and the same bytes beside it.
//! - [`assembly`]: packets whose bytes come behind them, message by message.

pub mod assembly;
pub mod binary;
mod json;
mod malformed;
pub mod packet;
mod text;
pub mod write;

pub use assembly::{Assembly, Limits, Whole};
pub use malformed::Malformed;
pub use packet::{AckId, Args, Body, Packet};
