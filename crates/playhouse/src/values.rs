//! What the attributes ask of the types of actors, so that a type which lacks it is told in one sentence, where it stands.
//! Knows nothing of how actors run.
//!
//! A lifetime that means nothing stands here on purpose: a bound with one is looked at where it is used and not where it
//! is written.

use playhouse_actor::{Args, Event};
use playhouse_core::error::Reject;
use playhouse_core::value::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What can be written as a [`Value`]. With its lifetime, an actor may take what only other programs can send.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't travel from an actor or to one",
    label = "this is no `#[data]` type and no other type that serde can write",
    note = "write `#[data]` above `{Self}`"
)]
pub trait ToValue<'a>: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> ToValue<'_> for T {}

/// What can be read from a [`Value`]. With its lifetime, an actor may answer what only other programs can read.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from what travels to an actor or from one",
    label = "this is no `#[data]` type and no other type that serde can read",
    note = "write `#[data]` above `{Self}`"
)]
pub trait FromValue<'a>: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromValue<'_> for T {}

/// What can be kept as an actor's state. With its lifetime, the parts that it lacks are not told one by one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the state of an actor",
    label = "it has to be stored, read, copied and made anew",
    note = "write `#[data]` and `#[derive(Default)]` above `{Self}`"
)]
pub trait ActorState<'a>: Serialize + DeserializeOwned + Default + Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Default + Clone + Send + Sync + 'static> ActorState<'_> for T {}

/// What can be kept as a connection's state; the lifetime as in [`ActorState`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the state of a connection",
    label = "it has to be stored, read and copied",
    note = "write `#[data]` above `{Self}`"
)]
pub trait ConnState<'a>: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static> ConnState<'_> for T {}

/// What can be read of a client's parameters; the lifetime as in [`ActorState`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the parameters of a connection",
    label = "it has to be read of what a client sends",
    note = "write `#[data]` above `{Self}`"
)]
pub trait ConnParams<'a>: DeserializeOwned + Send {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + Send> ConnParams<'_> for T {}

/// What is an event. With its lifetime, what is none is told once.
pub trait IsEvent<'a>: Event {}

impl<T: Event> IsEvent<'_> for T {}

/// An event that can be read again where it was heard, as a test does; `#[event]` writes the impl.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no event that can be heard",
    label = "this is no event",
    note = "write `#[event]` above the struct"
)]
pub trait Hearable: Event {
    /// Reads its arguments.
    ///
    /// # Errors
    /// When they are not what the event is made of.
    fn heard(args: Args) -> Result<Self, Reject>
    where
        Self: Sized;
}

/// The state that a connection has without a `before_connect` hook that makes one.
#[diagnostic::on_unimplemented(
    message = "nothing makes the connection's state `{Self}`",
    label = "there is neither a `before_connect` hook nor a default",
    note = "write `#[hook] async fn before_connect(&self) -> Result<{Self}>`, or `#[derive(Default)]` above `{Self}`"
)]
pub trait FirstConn: Default {}

#[diagnostic::do_not_recommend]
impl<T: Default> FirstConn for T {}

/// A value of any type that has one.
///
/// # Errors
/// When serde can't write it.
pub fn value_of<T: for<'a> ToValue<'a> + ?Sized>(from: &T) -> playhouse_core::error::Result<Value> {
    Ok(playhouse_core::value::to_value(from)?)
}

/// Compiles where a type can be the state of an actor.
pub const fn is_state<T: for<'a> ActorState<'a>>() {}

/// Compiles where a type can be the state of a connection.
pub const fn is_conn<T: for<'a> ConnState<'a>>() {}

/// Compiles where a type can be the parameters of a connection.
pub const fn is_params<T: for<'a> ConnParams<'a>>() {}
