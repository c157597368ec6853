//! One call from its start to its answer: middleware, inputs, function, deadline, and what becomes of errors.

use super::cx::Cx;
use super::middleware::Next;
use super::reply::Reply;
use crate::guard;
use playhouse_core::Later;
use playhouse_core::clock::Sleep;
use playhouse_core::codes;
use playhouse_core::error::{Error, Fault, Reject, Result};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Runs an action for a call. A panic and every foreign error are a fault of this call only: the caller gets
/// an id, the log the cause.
///
/// By hand, as most calls are ready at their first poll: those need no clock, and no box but the action's own.
/// Cancel-safety: dropping it drops the action where it waits.
pub(crate) struct Run {
    cx: Cx,
    code: Option<Later<'static, Result<Reply>>>,
    deadline: Option<Sleep>,
}

impl Run {
    pub(crate) fn new(cx: Cx) -> Self {
        Self { cx, code: None, deadline: None }
    }

    /// The call that it runs.
    pub(crate) fn cx(&self) -> &Cx {
        &self.cx
    }

    fn poll_code(&mut self, cx: &mut Context<'_>) -> Poll<Result<Reply>> {
        // Begun in here too, as an action may panic before it has made its future.
        let poll = || self.code.get_or_insert_with(|| begin(&self.cx)).as_mut().poll(cx);
        guard::caught_at_once(poll).unwrap_or_else(|fault| Poll::Ready(Err(Error::Fault(fault))))
    }

    fn time(&self) -> Duration {
        self.cx.definition().timeout.unwrap_or(self.cx.node().config().actions.timeout)
    }

    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<Reject> {
        let time = self.time();
        let deadline = self.deadline.get_or_insert_with(|| self.cx.node().clock().sleep(time));
        ready!(Pin::new(deadline).poll(cx));
        let text = format!("the action did not end within {} ms", time.as_millis());
        Poll::Ready(Reject::of(&codes::TIMEOUT, text))
    }
}

impl Future for Run {
    type Output = Result<Reply, Reject>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.poll_code(cx) {
            Poll::Ready(Ok(reply)) => Poll::Ready(Ok(reply)),
            Poll::Ready(Err(Error::Reject(reject))) => Poll::Ready(Err(reject)),
            Poll::Ready(Err(Error::Fault(fault))) => Poll::Ready(Err(tell(&self.cx, &fault))),
            Poll::Pending => self.poll_deadline(cx).map(Err),
        }
    }
}

impl Drop for Run {
    /// An action that is left where it waits lets go of what it holds, and that may panic too.
    fn drop(&mut self) {
        let Some(code) = self.code.take() else { return };
        if let Err(fault) = guard::caught_at_once(|| drop(code)) {
            tell(&self.cx, &fault);
        }
    }
}

fn begin(cx: &Cx) -> Later<'static, Result<Reply>> {
    let action = cx.action();
    if action.layers.is_empty() {
        return (action.call)(cx.clone());
    }
    let cx = cx.clone();
    Box::pin(async move { Next::new(cx.action()).run(&cx).await })
}

fn tell(cx: &Cx, fault: &Fault) -> Reject {
    let id = cx.node().rng().token(9);
    tracing::error!(fault = %id, action = cx.action_name(), cause = %fault.report(), "an action failed");
    Fault::reject(&id)
}
