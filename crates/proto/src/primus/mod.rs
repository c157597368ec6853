//! Primus, the thin layer on a websocket: JSON texts as messages, a handful of control strings, a heartbeat.
//! Facts are from Primus 8.0.9; 6 and 7 differ only in who pings.
//!
//! It must not know what the messages mean, nor by which transport they travel: the layer is the same on
//! every one of them.

pub mod beat;
pub mod control;
pub mod json;
pub mod spec;

pub use beat::Beat;
pub use control::Control;
