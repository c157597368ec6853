//! SockJS as its clients of 1.x speak it: addresses, frames, what each transport puts around a frame, and
//! what clients send. Facts are from sockjs-client 1.6, the protocol's own test (sockjs-protocol 0.3.3), and
//! RFC 8259 for the JSON.
//!
//! It must not know of sessions, receivers or timers, nor of headers: those are the server's. Nor what the
//! messages mean.
//!
//! - [`path`]: what an address below the mount names, and by which methods.
//! - [`frame`]: `o`, `h`, `a[…]`, `c[…]`: written in place, and several gathered into one.
//! - [`wrap`]: how a frame travels over HTTP; [`callback`] is the name that two of the transports need.
//! - [`read`]: the messages that a client sent.
//! - [`turn`]: which requests came twice.
//! - [`info`] and [`page`]: the two answers that belong to no session.

pub mod callback;
mod escape;
pub mod frame;
pub mod info;
pub mod page;
pub mod path;
pub mod read;
pub mod turn;
pub mod wrap;

pub use callback::{BadCallback, Callback};
pub use path::{Kind, Methods, Place};
pub use read::{Malformed, Messages};
pub use turn::{Turn, Turns};
pub use wrap::Wrap;

/// What `GET` on the mount itself answers, as `text/plain; charset=UTF-8` (sockjs.md, 2).
pub const GREETING: &str = "Welcome to SockJS!\n";
