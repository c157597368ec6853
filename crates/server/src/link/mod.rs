//! Links: what carries a connection's messages, one live attachment each.

mod ending;
mod half_read;
mod reading;
mod socket;
mod websocket;
mod writing;

pub(crate) use half_read::{Crowded, HalfRead, Share};
pub(crate) use socket::Socket;
pub(crate) use websocket::{Shared, WebsocketLink};
