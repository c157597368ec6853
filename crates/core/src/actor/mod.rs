//! Actors as the rest of the house sees them: their names, the port by which they are reached, and the ports by which
//! they reach their connections. How one works is the affair of the crate `actor`; how a client speaks to one, of its
//! dialect.

mod address;
mod port;
mod told;

pub use address::{ActorId, Address, At, BadKey, Key, Tags};
pub use port::{
    ActorError, Actors, Answer, Arrival, Ask, Call, Caller, Chain, Found, HttpAnswer, HttpAsk, Listing,
    Purpose, Seat, Which,
};
pub use told::{Ear, Ending, Frame, Spoken, Told, WrittenForm};
