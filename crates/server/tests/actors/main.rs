//! Clients of actors over real sockets: bytes in, bytes out, as actors.md has them. The actors are a fake.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise, in what it stands on too")]

#[allow(dead_code, unreachable_pub, reason = "each file uses its part")]
mod kit;

mod calls;
mod connections;
mod core;
mod ends;
mod finding;
mod raw;
