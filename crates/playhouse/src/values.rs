//! What the attributes ask of types that travel to actors and from them, so that a type which can't is told in one
//! sentence, where it stands. Knows nothing of how actors run.

use playhouse_core::value::Value;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What can be written as a [`Value`]. The lifetime means nothing: a bound with one is looked at where it is used and not
/// where it is written, so that an actor may take what only other programs can send.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't travel from an actor or to one",
    label = "this is no `#[data]` type and no other type that serde can write",
    note = "write `#[data]` above `{Self}`"
)]
pub trait ToValue<'a>: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> ToValue<'_> for T {}

/// What can be read from a [`Value`]; the lifetime as in [`ToValue`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be read from what travels to an actor or from one",
    label = "this is no `#[data]` type and no other type that serde can read",
    note = "write `#[data]` above `{Self}`"
)]
pub trait FromValue<'a>: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> FromValue<'_> for T {}

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
