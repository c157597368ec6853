//! Values in CBOR (RFC 8949), as the clients of actors tell their kinds apart: an integer of 8 bytes is a big
//! integer to them and any other number a double of JavaScript. Both are kept apart in both directions
//! (actors.md, 4.1).
//!
//! It must not build values: a [`Reader`] gives tokens, [`mod@write`] appends them.

mod malformed;
mod reader;
mod token;
pub mod write;

pub use malformed::Malformed;
pub use reader::Reader;
pub use token::Token;
