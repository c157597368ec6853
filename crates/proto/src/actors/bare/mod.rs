//! Messages in BARE: a version in two bytes, then a struct without names. The values inside are bytes of CBOR
//! here, and stay so.
//!
//! It must not know what the messages do, nor look into the values.
//!
//! All versions that clients write have the same shapes for what is read and written here; we write the one
//! that every client upgrades by itself (actors.md, 4.2).

mod malformed;
mod read;
mod to_client;
mod to_server;

pub use malformed::Malformed;
pub use read::Reader;
pub use to_client::{Failure, error, event, init, output, response};
pub use to_server::{ToServer, arguments};

/// Versions that clients may write: 2.0.33 writes 2, 2.2.1 writes 3, 2.3 writes 4.
pub const VERSIONS: std::ops::RangeInclusive<u16> = 1..=4;

/// The version that we write. A client refuses one above its own.
pub const VERSION: u16 = 2;
