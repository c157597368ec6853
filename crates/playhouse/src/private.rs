//! What the attributes write refers to, as `::playhouse::__private`. No part of the interface: it changes with
//! them.

pub use playhouse_core::Later;
pub use playhouse_core::error::{Error, Result};
pub use playhouse_node::Kind;
pub use playhouse_node::action::input::{Field, Reader, check, parse};
pub use playhouse_node::action::{Action, Cx, Definition, FromCx, Input, InputDefinition, Output, Reply};
pub use serde;

use playhouse_node::action::input::{Failure, Parse};

/// Boxes an action's future. The one place that asks it to be `Send`, so that what is wrong is told once; its name
/// is part of what the compiler says then.
pub fn what_an_action_holds_over_await_must_be_send<F>(action: F) -> Later<'static, Result<Reply>>
where
    F: Future<Output = Result<Reply>> + Send + 'static,
{
    Box::pin(action)
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
