//! What the attributes write refers to, as `::playhouse::__private`. No part of the interface: it changes with
//! them.

pub use crate::inputs::{Inputs, Outcome, Sending, Travels};
pub use crate::values::{
    ActorState, ConnParams, ConnState, FirstConn, FromValue, Hearable, IsEvent, ToValue,
};
pub use crate::values::{is_conn, is_params, is_state, value_of};
pub use playhouse_actor as actor;
pub use playhouse_core::Later;
pub use playhouse_core::error::{Error, Reject, Result};
pub use playhouse_core::value;
pub use playhouse_node::Kind;
pub use playhouse_node::action::input::{Field, Reader, check, parse};
pub use playhouse_node::action::{Action, Cx, Definition, FromCx, Input, InputDefinition, Output, Reply};
pub use schemars;
pub use serde;
pub use serde_json::json;

use playhouse_actor::{Actor, ActorCx, Args, Failed, Ran, Socket};
use playhouse_core::actor::{HttpAnswer, HttpAsk};
use playhouse_core::manifest;
use playhouse_core::value::Value;
use playhouse_node::action::Sent;
use playhouse_node::action::input::{Failure, Parse};
use playhouse_node::action::shape::{JsonSchema, Schema, SchemaGenerator};
use std::any::TypeId;
use std::sync::Arc;

/// Boxes an action's future. The one place that asks it to be `Send`, so that what is wrong is told once; its name
/// is part of what the compiler says then.
pub fn what_an_action_holds_over_await_must_be_send<F>(action: F) -> Later<'static, Result<Reply>>
where
    F: Future<Output = Result<Reply>> + Send + 'static,
{
    Box::pin(action)
}

pub use playhouse_node::action::shape;

/// What is known of a type where the attributes name it. Where `T` says its form, its own functions are found; else
/// those of [`Unknown`], which are the same in name.
pub struct Known<T>(std::marker::PhantomData<T>);

impl<T: JsonSchema> Known<T> {
    /// The form of the type.
    pub fn shape(generator: &mut SchemaGenerator) -> Schema {
        shape::of::<T>(generator)
    }

    /// The form of the type as an answer.
    pub fn output(generator: &mut SchemaGenerator) -> manifest::Output {
        shape::output_of::<T>(generator)
    }
}

/// What is known of a type that does not say its form: it may be anything.
pub trait Unknown {
    /// The form of the type.
    fn shape(generator: &mut SchemaGenerator) -> Schema {
        shape::any(generator)
    }

    /// The form of the type as an answer.
    fn output(generator: &mut SchemaGenerator) -> manifest::Output;
}

impl<T: 'static> Unknown for Known<T> {
    fn output(generator: &mut SchemaGenerator) -> manifest::Output {
        if TypeId::of::<T>() == TypeId::of::<Sent>() {
            manifest::Output::Sent
        } else {
            shape::any_output(generator)
        }
    }
}

/// A required input after `Reader::finish` had nothing to tell.
///
/// # Panics
/// When it is missing all the same, which `finish` would have told.
pub fn found<T>(input: Option<T>) -> T {
    input.expect("`finish` tells of every required input that is missing")
}

/// Takes a value of `#[from]` from the call. A function, so that a type that can't be taken is told once.
pub fn take<T: FromCx>(cx: &Cx) -> impl Future<Output = Result<T>> + Send {
    T::from_cx(cx)
}

/// What an application's own parsing made of a value.
///
/// # Errors
/// What the parsing failed with.
pub fn own_parse<T, E: Failure>(parsed: Result<T, E>) -> Result<T, Parse> {
    parsed.map_err(Failure::into_parse)
}

/// Boxes an actor's function, as its namesake does an action.
pub fn what_an_actor_holds_over_await_must_be_send<A, F>(function: F) -> Later<'static, Ran<A>>
where
    A: Actor,
    F: Future<Output = Ran<A>> + Send + 'static,
{
    Box::pin(function)
}

/// The state that a turn changes: a copy of it where a reader still holds it.
pub fn changing<A: Actor>(me: &mut Arc<A>) -> &mut A {
    Arc::make_mut(me)
}

/// The next argument, which must be there.
///
/// # Errors
/// Those of [`Args::required`].
pub fn argument<T: for<'a> FromValue<'a>>(args: &mut Args, name: &str) -> Result<T, Reject> {
    args.required(name)
}

/// The next argument, or its default.
///
/// # Errors
/// Those of [`Args::or`].
pub fn argument_or<T: for<'a> FromValue<'a>>(
    args: &mut Args,
    name: &str,
    default: impl FnOnce() -> T,
) -> Result<T, Reject> {
    args.or(name, default)
}

/// What an action returned, as its caller gets it.
///
/// # Errors
/// The action's own, and an output that serde can't write.
pub fn answered<T, E>(outcome: Result<T, E>) -> Result<Value, Failed>
where
    T: for<'a> ToValue<'a>,
    E: Into<Error>,
{
    let output = outcome.map_err(|error| Failed::Own(error.into()))?;
    value_of(&output).map_err(Failed::Own)
}

/// The state of a connection that `before_connect` returned.
///
/// # Errors
/// The hook's own.
pub fn made<A: Actor, E: Into<Error>>(cx: &ActorCx<A>, outcome: Result<A::Conn, E>) -> Result<Value, Failed> {
    cx.made(outcome.map_err(|error| Failed::Own(error.into()))?);
    Ok(Value::Null)
}

/// The request that an `#[http]` function answers.
pub fn request<A: Actor>(cx: &ActorCx<A>) -> HttpAsk {
    cx.take_request()
}

/// What an `#[http]` function answered.
///
/// # Errors
/// Its own.
pub fn responded<A: Actor, E: Into<Error>>(
    cx: &ActorCx<A>,
    outcome: Result<HttpAnswer, E>,
) -> Result<Value, Failed> {
    cx.respond(outcome.map_err(|error| Failed::Own(error.into()))?);
    Ok(Value::Null)
}

/// The socket of a `#[websocket]` function.
///
/// # Panics
/// When it is asked for twice; what the attribute writes asks once.
pub fn socket<A: Actor>(cx: &ActorCx<A>) -> Socket {
    cx.take_socket().expect("a websocket's function is run with its socket, which is taken once")
}

/// A hook that returned nothing.
///
/// # Errors
/// The hook's own.
pub fn done<E: Into<Error>>(outcome: Result<(), E>) -> Result<Value, Failed> {
    outcome.map_err(|error| Failed::Own(error.into()))?;
    Ok(Value::Null)
}

/// The state of a connection that no hook made.
#[must_use]
pub fn first_conn<T: FirstConn>() -> T {
    T::default()
}

/// Arguments on their way, or the first that can't be a value.
///
/// # Errors
/// Its.
pub fn args<const N: usize>(args: [Result<Value>; N]) -> Result<Vec<Value>> {
    args.into_iter().collect()
}

/// Whether no name is there twice; while the application is compiled.
#[must_use]
pub const fn are_distinct(names: &[&str]) -> bool {
    let mut nth = 0;
    while nth < names.len() {
        let mut before = 0;
        while before < nth {
            if are_equal(names[before].as_bytes(), names[nth].as_bytes()) {
                return false;
            }
            before += 1;
        }
        nth += 1;
    }
    true
}

const fn are_equal(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    let mut nth = 0;
    while nth < one.len() {
        if one[nth] != other[nth] {
            return false;
        }
        nth += 1;
    }
    true
}

/// Runs the body of a `#[playhouse::test]` on a runtime of its own.
///
/// # Panics
/// When the operating system refuses a runtime, or when the test does.
pub fn run_test<F: Future>(body: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the operating system gives a test a runtime").block_on(body)
}
