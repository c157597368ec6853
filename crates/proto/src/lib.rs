//! Bytes to packets and back: every protocol that is spoken on a wire, as state machines that own no
//! socket, no clock, no task and no randomness. Who calls them reads, writes and waits.
//!
//! It must not know what a packet means to an application: no word of the product occurs here.
//!
//! - [`ws`]: RFC 6455 and permessage-deflate (RFC 7692).
//! - [`primus`]: the thin layer that Primus puts on a websocket: control strings, heartbeat, specification.
//! - [`engineio`]: engine.io 3 and 4, a session over polling or a websocket.
//! - [`socketio`]: socket.io's packets, and bytes that come behind their JSON.
//! - [`actors`]: CBOR, BARE and addresses, as clients of actors write them.
//! - [`sockjs`]: addresses and frames of SockJS, and what its HTTP transports put around them.
//! - [`percent`]: the encoding of paths and queries.

pub mod actors;
pub mod engineio;
pub mod percent;
pub mod primus;
pub mod socketio;
pub mod sockjs;
pub mod ws;
