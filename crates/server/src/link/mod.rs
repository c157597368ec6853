//! Links: what carries a connection's messages, one live attachment each.

mod actor;
mod ear;
mod ending;
mod half_read;
mod in_order;
mod reading;
mod socket;
mod stream;
mod websocket;
mod writing;

pub(crate) use actor::{ActorSocket, Arriving, Seating, Wish};
pub(crate) use ear::Way;
pub(crate) use half_read::{Crowded, HalfRead, Share};
pub(crate) use socket::Socket;
pub(crate) use stream::{Stream, Streams};
pub(crate) use websocket::{Shared, WebsocketLink};
