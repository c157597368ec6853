//! One call from its start to its answer: middleware, inputs, function, deadline, and what becomes of errors.

use super::Registered;
use super::cx::Cx;
use super::middleware::Next;
use super::reply::Reply;
use crate::guard;
use playhouse_core::codes;
use playhouse_core::error::{Error, Fault, Reject};

/// Runs an action for a call. A panic and every foreign error are a fault of this call only: the caller gets
/// an id, the log the cause.
pub(crate) async fn run(cx: Cx, action: Registered) -> Result<Reply, Reject> {
    let deadline = action.definition.timeout.unwrap_or(cx.node().config().actions.timeout);
    // In a block of its own, as a middleware may panic before it has made its future.
    let call = guard::caught(async { Next::new(&action).run(&cx).await });
    match cx.node().clock().timeout(deadline, call).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(Error::Reject(reject))) => Err(reject),
        Ok(Err(Error::Fault(fault))) => Err(tell(&cx, &fault)),
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
