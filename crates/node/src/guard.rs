//! Runs the application's code so that its panic or its endless wait is an error of that call only.
//!
//! Knows nothing of what the code is for; whoever calls it says what becomes of the error.

use crate::node::Node;
use futures_util::FutureExt;
use playhouse_core::codes;
use playhouse_core::error::{Error, Fault, Reject, Result};
use playhouse_core::tasks::panic_text;
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs hooks within their deadline. Make their futures inside of `hooks`: a hook may panic before it has
/// made one.
///
/// # Errors
/// What the hooks answer; a fault when one panics; a `timeout` when they take too long.
pub(crate) async fn run<T>(node: &Node, hooks: impl Future<Output = Result<T>>) -> Result<T> {
    run_or(node, Reject::of(&codes::TIMEOUT, "a hook took too long"), hooks).await
}

/// The same, with what it is answered when they take too long.
///
/// # Errors
/// What the hooks answer; a fault when one panics; `late`.
pub(crate) async fn run_or<T>(
    node: &Node,
    late: impl Into<Error>,
    hooks: impl Future<Output = Result<T>>,
) -> Result<T> {
    // The deadline too: hooks that are left where they wait let go of what they hold, and that may panic as well.
    let in_time = async {
        let ended = node.clock().timeout(node.hook_timeout(), hooks).await;
        ended.unwrap_or_else(|_elapsed| Err(late.into()))
    };
    caught(in_time).await
}

/// Runs the application's code with no deadline; a panic is a fault.
///
/// # Errors
/// What the code answers; a fault when it panics.
pub(crate) async fn caught<T>(code: impl Future<Output = Result<T>>) -> Result<T> {
    // What a panic may have left half done is the application's own; ours is behind locks that it can't hold.
    AssertUnwindSafe(code).catch_unwind().await.unwrap_or_else(|panic| Err(Error::Fault(fault(&*panic))))
}

/// The same for code that does not wait.
///
/// # Errors
/// A fault when the code panics.
pub(crate) fn caught_at_once<T>(code: impl FnOnce() -> T) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(code)).map_err(|panic| fault(&*panic))
}

fn fault(panic: &(dyn Any + Send)) -> Fault {
    Fault::new(format!("panic: {}", panic_text(panic)))
}
