//! A caller's departure cancels nothing: hyper drops the answer to a request whose client has gone, and with
//! it the action that makes the answer. What it drops goes on as a task here.

use playhouse_core::tasks::Tasks;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A call that runs to its end. One that is not left alone costs no task, and no box.
pub(super) struct ToTheEnd<C: Future + Send + Unpin + 'static> {
    call: Option<C>,
    tasks: Tasks,
}

impl<C: Future + Send + Unpin + 'static> ToTheEnd<C> {
    pub(super) fn new(call: C, tasks: Tasks) -> Self {
        Self { call: Some(call), tasks }
    }
}

impl<C: Future + Send + Unpin + 'static> Future for ToTheEnd<C> {
    type Output = C::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<C::Output> {
        let call = self.call.as_mut().expect("not polled again once it is ready");
        let done = ready!(Pin::new(call).poll(cx));
        self.call = None;
        Poll::Ready(done)
    }
}

impl<C: Future + Send + Unpin + 'static> Drop for ToTheEnd<C> {
    fn drop(&mut self) {
        let Some(call) = self.call.take() else { return };
        // Refused only by a node that has stopped waiting for anybody.
        let _ = self.tasks.spawn("departed", async move {
            call.await;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::future::ready;
    use tokio::runtime::Builder;
    use tokio::sync::oneshot;

    #[test]
    fn what_is_ready_at_once_needs_no_task() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let tasks = Tasks::new(runtime.handle().clone());
        assert_eq!(ToTheEnd::new(ready(5), tasks.clone()).now_or_never(), Some(5));
        assert!(tasks.running_by_name().is_empty());
    }

    #[test]
    fn what_is_dropped_half_way_runs_on() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let tasks = Tasks::new(runtime.handle().clone());
        let (tell, told) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        runtime.block_on(async {
            let answer = async move {
                let said: u8 = told.await.unwrap();
                end.send(said).unwrap();
            };
            let mut call = ToTheEnd::new(Box::pin(answer), tasks.clone());
            assert_eq!((&mut call).now_or_never(), None);
            drop(call);
            tell.send(5).unwrap();
            assert_eq!(ended.await, Ok(5));
            tasks.drained().await;
        });
    }
}
