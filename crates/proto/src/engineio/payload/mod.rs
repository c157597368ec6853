//! Payloads: several packets in one body of a poll (engineio.md, 4 and 10).
//!
//! Three layouts: protocol 4 puts U+001E between packets; protocol 3 puts a length before each, in a text or, if
//! bytes go to a client that can take them, in a body of bytes.
//!
//! It must not know requests, limits of a body, or which packets may come when.
//!
//! Reading is [`Reader`]. What is written comes out of a queue of websocket frames, so that one queue serves both
//! transports: [`Wrapped`] takes them apart, [`Writer`] and [`Builder`] put the packets together.

mod read;
mod units;
mod wrapped;
mod write;

pub use super::packet::Form;
pub use read::Reader;
pub use wrapped::{Outgoing, Wrapped};
pub use write::{Builder, Writer};

/// Between the packets of protocol 4.
const SEPARATOR: u8 = 0x1E;

/// Before a text in a binary payload of protocol 3.
const TEXT_MARK: u8 = 0;

/// Before bytes in a binary payload of protocol 3.
const BINARY_MARK: u8 = 1;

/// Behind a length in a binary payload of protocol 3.
const LENGTH_END: u8 = 255;
