//! A caller's departure cancels nothing: hyper drops the answer to a request whose client has gone, and with
//! it the action that makes the answer. What it drops goes on as a task here.

use playhouse_core::Later;
use playhouse_core::tasks::Tasks;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A call that runs to its end. One that is ready at its first poll costs no task.
pub(super) struct ToTheEnd<T: Send + 'static> {
    call: Option<Later<'static, T>>,
    tasks: Tasks,
}

impl<T: Send + 'static> ToTheEnd<T> {
    pub(super) fn new(call: impl Future<Output = T> + Send + 'static, tasks: Tasks) -> Self {
        Self { call: Some(Box::pin(call)), tasks }
    }
}

impl<T: Send + 'static> Future for ToTheEnd<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let call = self.call.as_mut().expect("not polled again once it is ready");
        let Poll::Ready(done) = call.as_mut().poll(cx) else { return Poll::Pending };
        self.call = None;
        Poll::Ready(done)
    }
}

impl<T: Send + 'static> Drop for ToTheEnd<T> {
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
    use tokio::runtime::Builder;
    use tokio::sync::oneshot;

    #[test]
    fn what_is_ready_at_once_needs_no_task() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let tasks = Tasks::new(runtime.handle().clone());
        assert_eq!(ToTheEnd::new(async { 5 }, tasks.clone()).now_or_never(), Some(5));
        assert!(tasks.running_by_name().is_empty());
    }

    #[test]
    fn what_is_dropped_half_way_runs_on() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let tasks = Tasks::new(runtime.handle().clone());
        let (tell, told) = oneshot::channel();
        let (end, ended) = oneshot::channel();
        runtime.block_on(async {
            let mut call = ToTheEnd::new(
                async move {
                    let said: u8 = told.await.unwrap();
                    end.send(said).unwrap();
                },
                tasks.clone(),
            );
            assert_eq!((&mut call).now_or_never(), None);
            drop(call);
            tell.send(5).unwrap();
            assert_eq!(ended.await, Ok(5));
            tasks.drained().await;
        });
    }
}
