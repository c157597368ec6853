//! What happens between a decoded client event and an encoded reply.
//!
//! Owns connections and their outboxes, the hub, rooms and actions. Knows no dialect, no transport and no
//! engine: they come in through the contracts and ports of `core` and of this crate.

pub mod action;
pub mod burst;
pub mod cache;
mod cluster;
pub mod connection;
mod connections;
pub mod files;
mod guard;
pub mod guest;
pub mod hooks;
pub mod hub;
pub mod link;
pub mod node;
pub mod outbox;
mod recovery;
pub mod room;
mod speaker;
pub mod texts;

pub mod web;

pub use cluster::Remote;
pub use connection::{Connection, Kind, Peer, Port};
pub use node::{Node, Opening, Parts};
pub use recovery::{Claim, Window};
pub use room::Room;
