//! An answer that is begun as soon as its request is there.
//!
//! Hyper asks for an answer only after it has looked for more to read, and the request, which lies in the read
//! buffer, has it make room for that elsewhere: 8 KiB for each request. Most answers are ready at once; what
//! they were made of is gone before hyper looks.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

/// An answer, ready or on its way.
pub(crate) enum Begun<F: Future> {
    /// Taken when it is polled.
    Ready(Option<F::Output>),
    Waiting(Pin<Box<F>>),
}

impl<F: Future> Begun<F> {
    /// Polls it once for nobody: whoever takes this polls it again, which makes its task the one to be woken.
    pub(crate) fn new(answer: F) -> Self {
        let mut answer = Box::pin(answer);
        match answer.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(done) => Self::Ready(Some(done)),
            Poll::Pending => Self::Waiting(answer),
        }
    }
}

impl<F: Future<Output: Unpin>> Future for Begun<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        match &mut *self {
            Self::Ready(done) => Poll::Ready(done.take().expect("not polled again once it was ready")),
            Self::Waiting(answer) => answer.as_mut().poll(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::cell::Cell;
    use tokio::runtime::Builder;
    use tokio::sync::oneshot;

    #[test]
    fn what_is_ready_is_made_before_anybody_asks() {
        let made = Cell::new(false);
        let begun = Begun::new(async {
            made.set(true);
            5
        });
        assert!(made.get());
        assert_eq!(begun.now_or_never(), Some(5));
    }

    #[test]
    fn what_waits_wakes_who_polls_it_later() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let (tell, told) = oneshot::channel();
        let begun = Begun::new(told);
        let later = async {
            tokio::task::yield_now().await;
            tell.send(5).unwrap();
        };
        let (heard, ()) = runtime.block_on(futures_util::future::join(begun, later));
        assert_eq!(heard, Ok(5));
    }
}
