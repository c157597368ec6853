//! Sockets and HTTP: everything between the network and a node.
//!
//! Owns listeners, workers, upgrades, links, dialects and the public folder. Knows no application: that is the
//! node's.

mod dialect;
mod files;
mod http;
mod link;
mod listen;
pub mod memory;
mod os;
mod server;
mod upgrade;
mod worker;

pub use http::indented;
pub use server::{BindError, ServeError, Server};
