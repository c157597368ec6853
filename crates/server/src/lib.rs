//! Sockets and HTTP: everything between the network and a node.
//!
//! Owns listeners, workers, upgrades, links, transports, dialects and the public folder, and the client that is made for
//! browsers. Knows no application: that is the node's.

pub mod api;
mod client;
mod dialect;
mod drain;
mod entrance;
mod explorer;
mod files;
#[cfg(feature = "fixture")]
pub mod fixture;
mod framing;
mod http;
mod link;
mod listen;
pub mod memory;
mod mounted;
mod os;
mod server;
mod transport;
mod upgrade;
mod worker;

pub use client::{PluginScript, types as client_types};
pub use http::indented;
pub use mounted::{Answer, Footing, Mounted, PeerAddress};
pub use server::{BindError, ServeError, Server};
