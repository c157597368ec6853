//! Events: what an actor tells its connections.

use crate::describe::Shape;
use playhouse_core::error::Result;
use playhouse_core::value::Value;

/// Something that can be told; `#[event]` writes the impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event",
    label = "this is no event",
    note = "write `#[event]` above the struct"
)]
pub trait Event: Send + Sync + 'static {
    /// Its name on the wire.
    const NAME: &'static str;
    /// The forms of what clients get as arguments.
    const SHAPES: &'static [Shape];

    /// What clients get as arguments.
    ///
    /// # Errors
    /// When a field can't be a value.
    fn args(&self) -> Result<Vec<Value>>;
}

/// An actor tells an event that it declares; `#[actor(events(..))]` writes the impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not declare this event",
    label = "not among its events",
    note = "add its type to `#[actor(events(..))]` above the `impl {Self}`"
)]
pub trait Tells<E: Event> {
    /// Its place among the actor's events.
    const NTH: u8;
}
