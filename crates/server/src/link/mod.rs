//! Links: what carries a connection's messages, one live attachment each.

mod actor;
mod ear;
pub(crate) mod ending;
pub(crate) mod half_read;
mod in_order;
pub(crate) mod reading;
mod shared;
mod socket;
mod socketio;
mod speech;
mod spoken;
mod stream;
pub(crate) mod writing;

pub(crate) use actor::{ActorSocket, Arriving, Seating, Wish};
pub(crate) use ear::Way;
pub(crate) use half_read::{Crowded, HalfRead, Share};
pub(crate) use shared::Shared;
pub(crate) use socket::{Permitted, Socket};
pub(crate) use socketio::{Client, SocketIo};
pub(crate) use speech::{Layer, Speech};
pub(crate) use spoken::Spoken;
pub(crate) use stream::{Stream, Streams};
