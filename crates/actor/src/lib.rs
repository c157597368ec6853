//! Durable actors: objects with a state that outlives the process, reached by calls, one change at a time.
//!
//! Owns turns and commits, the life of an actor, its connections' seats and its alarms. Knows no wire and no engine: it
//! is called through `core::actor`, keeps through `core::store`, and tells connections through their ears.
//!
//! A place is where calls for one actor wait, whether it is awake or not; an awake one is one task (`live`) that takes
//! them up. What a turn did leaves (`pending`) when it is durable, in the order of the turns.

mod alarm;
mod args;
mod book;
mod call;
mod conn;
mod courtesy;
mod cx;
mod describe;
mod event;
mod finite;
mod form;
mod handle;
mod host;
mod kind;
mod live;
mod mailbox;
mod place;
mod seat;
mod settings;
mod socket;
mod staged;
mod waits;
mod watch;

pub use alarm::{Alarm, AlarmId};
pub use args::Args;
pub use conn::{Conn, Connections};
pub use cx::ActorCx;
pub use describe::Shape;
pub use event::{Event, Tells};
pub use handle::{Reach, Scheduled, arg};
pub use host::{Host, Kinds, Parts};
pub use kind::{
    Access, ActionDefinition, Actor, ArgumentDefinition, Definition, Failed, Function, Handled, Hook,
    HookDefinition, Ran, Run, Upgrade,
};
pub use settings::Settings;
pub use socket::Socket;
