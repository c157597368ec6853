//! engine.io, protocols 3 and 4, on the server side: a session over HTTP polling or a websocket. Facts are from
//! `engineio.md`, whose sections are the numbers in brackets, and from `mounts.md`.
//!
//! Owns packets, payloads, queries and the heartbeat. It must not know what a message means, and keeps no table
//! of sessions: who looks one up tells what was found.
//!
//! - [`packet`]: one packet, as a message of a websocket or inside of a payload (1, 5).
//! - [`payload`]: several packets in one body of a poll (4, 10).
//! - [`open`]: the first packet of the server (3).
//! - [`query`]: what a request asks for, and the refusals (2).
//! - [`session`]: what may overlap, and the change from polling to a websocket (4, 6).
//! - [`beat`]: when to ping, and when a peer counts as dead (7).

pub mod beat;
mod malformed;
pub mod open;
pub mod packet;
pub mod payload;
pub mod query;
pub mod session;

pub use beat::Beat;
pub use malformed::Malformed;
pub use open::Open;
pub use packet::{Data, Form, Kind, Packet};
pub use query::{Query, Refusal, Transport, Transports};

/// Which engine.io a session speaks: fixed by its handshake, `EIO` in the query (2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Clients 1 to 3 and Primus 7. The client pings, lengths count UTF-16 units.
    V3,
    /// Clients 4 to 6, Primus 8 and socket.io-client 3 and 4. The server pings.
    V4,
}

impl Protocol {
    /// The number, as in `EIO=4`.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::V3 => 3,
            Self::V4 => 4,
        }
    }
}
