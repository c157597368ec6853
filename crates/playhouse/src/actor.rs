//! Durable actors: what their code sees, beside the attributes [`macro@crate::actor`] and [`macro@crate::event`].
//!
//! [`Value`] is what travels to actors and from them as it is: JSON's kinds, and bytes and big integers beside them. An
//! argument or an output of this type keeps its kind; one of [`crate::Value`] is JSON.

pub use playhouse_actor::{Actor, ActorCx, Alarm, AlarmId, Conn, Connections, Event, Handled, Socket, Tells};
pub use playhouse_core::actor::{ActorId, Address, Frame, HttpAnswer, HttpAsk, Key};
pub use playhouse_core::value::{BigInt, Value};
