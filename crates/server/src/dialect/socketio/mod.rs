//! What goes over a namespace of socket.io: an event is an action of its name or a verb, its ack the answer
//! (socketio.md, part 2).
//!
//! [`read`] is the way in, [`Writer`] the way out; both say what ActionHero's frames say, in another wrapping.

mod offset;
mod read;
mod tag;
mod write;

pub(crate) use offset::Offset;
pub(crate) use read::{is_quit, read};
pub(crate) use write::{Form, Writer, is_event, tail_at};
