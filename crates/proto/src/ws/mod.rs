//! The websocket protocol, RFC 6455, with permessage-deflate, RFC 7692.
//!
//! Owns frames and messages of one link in both directions. It must not know where the bytes come from,
//! what the messages mean, or when anything happens.
//!
//! Reading is [`Decoder`], writing is [`encode`], the opening is [`handshake`], and
//! [`deflate`] negotiates and does the compression.

pub mod close;
mod decode;
pub mod deflate;
pub mod encode;
pub mod frame;
pub mod handshake;
mod item;
pub mod mask;
mod message;
pub mod utf8;
mod violation;

pub use decode::{Decoder, Limits, Role, Step};
pub use frame::Opcode;
pub use item::Item;
pub use violation::Violation;
