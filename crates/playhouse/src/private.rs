//! What the attributes write refers to, as `::playhouse::__private`. No part of the interface: it changes with
//! them.

pub use crate::inputs::{Inputs, Outcome, Sending, Travels};
pub use playhouse_core::Later;
pub use playhouse_core::error::{Error, Result};
pub use playhouse_node::Kind;
pub use playhouse_node::action::input::{Field, Reader, check, parse};
pub use playhouse_node::action::{Action, Cx, Definition, FromCx, Input, InputDefinition, Output, Reply};
pub use schemars;
pub use serde;
pub use serde_json::json;

use playhouse_core::manifest;
use playhouse_node::action::Sent;
use playhouse_node::action::input::{Failure, Parse};
use playhouse_node::action::shape::{JsonSchema, Schema, SchemaGenerator};
use std::any::TypeId;

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

/// Runs the body of a `#[playhouse::test]` on a runtime of its own.
///
/// # Panics
/// When the operating system refuses a runtime, or when the test does.
pub fn run_test<F: Future>(body: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("the operating system gives a test a runtime").block_on(body)
}
