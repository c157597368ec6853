//! One call from its start to its answer: middleware, inputs, function, deadline, and what becomes of errors.

use super::Registered;
use super::cx::Cx;
use super::middleware::Next;
use super::reply::Reply;
use futures_util::FutureExt;
use playhouse_core::codes;
use playhouse_core::error::{Error, Fault, Reject};
use std::any::Any;
use std::panic::AssertUnwindSafe;

/// Runs an action for a call. A panic and every foreign error are a fault of this call only: the caller gets
/// an id, the log the cause.
pub(crate) async fn run(cx: Cx, action: Registered) -> Result<Reply, Reject> {
    let deadline = action.definition.timeout.unwrap_or(cx.node().config().actions.timeout);
    // What a panic may have left half done is the application's own; ours is behind locks that it can't hold.
    let call = AssertUnwindSafe(Next::new(&action).run(&cx)).catch_unwind();
    match cx.node().clock().timeout(deadline, call).await {
        Ok(Ok(Ok(reply))) => Ok(reply),
        Ok(Ok(Err(Error::Reject(reject)))) => Err(reject),
        Ok(Ok(Err(Error::Fault(fault)))) => Err(tell(&cx, &fault)),
        Ok(Err(panic)) => Err(tell(&cx, &Fault::new(format!("panic: {}", words(panic.as_ref()))))),
        Err(_elapsed) => {
            let text = format!("the action did not end within {} ms", deadline.as_millis());
            Err(Reject::of(&codes::TIMEOUT, text))
        }
    }
}

fn tell(cx: &Cx, fault: &Fault) -> Reject {
    let id = cx.node().rng().token(9);
    tracing::error!(fault = %id, action = cx.action_name(), cause = %fault.report(), "an action failed");
    Fault::reject(&id)
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without words")
}
