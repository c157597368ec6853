//! An answer that comes from another thread. A batch of them rings once at each worker, in place of waking each task for
//! itself, which would be a system call each.

use playhouse_core::bell::{Bell, Round};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

/// The side that answers. Dropped without a word it says that none will come.
pub(crate) struct Answer<T>(Option<Arc<Mutex<State<T>>>>);

/// The side that waits: what was answered, or `None` if nobody is there any more who could.
pub(crate) struct Reply<T>(Arc<Mutex<State<T>>>);

enum State<T> {
    Awaited(Option<(Waker, Option<Bell>)>),
    Given(Option<T>),
}

pub(crate) fn pair<T>() -> (Answer<T>, Reply<T>) {
    let state = Arc::new(Mutex::new(State::Awaited(None)));
    (Answer(Some(state.clone())), Reply(state))
}

fn locked<T>(state: &Mutex<State<T>>) -> MutexGuard<'_, State<T>> {
    state.lock().expect("nothing panics while it holds an answer")
}

impl<T> Answer<T> {
    /// Answers; who waits is woken at the end of the round.
    pub(crate) fn give(mut self, value: T, round: &mut Round) {
        if let Some(state) = self.0.take() {
            give(&state, Some(value), round);
        }
    }
}

fn give<T>(state: &Mutex<State<T>>, value: Option<T>, round: &mut Round) {
    let before = std::mem::replace(&mut *locked(state), State::Given(value));
    if let State::Awaited(Some((waker, bell))) = before {
        round.wake(waker, bell.as_ref());
    }
}

impl<T> Drop for Answer<T> {
    fn drop(&mut self) {
        if let Some(state) = self.0.take() {
            give(&state, None, &mut Round::begin());
        }
    }
}

impl<T> Future for Reply<T> {
    type Output = Option<T>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        match &mut *locked(&self.0) {
            State::Given(value) => Poll::Ready(value.take()),
            State::Awaited(waits) => {
                if waits.as_ref().is_none_or(|(waker, _)| !waker.will_wake(cx.waker())) {
                    *waits = Some((cx.waker().clone(), Bell::here()));
                }
                Poll::Pending
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt as _;

    #[test]
    fn an_answer_is_heard_whether_it_comes_before_or_behind_the_question() {
        let (answer, reply) = pair();
        answer.give(1, &mut Round::begin());
        assert_eq!(reply.now_or_never(), Some(Some(1)));
        let (answer, mut reply) = pair();
        assert_eq!((&mut reply).now_or_never(), None);
        std::thread::spawn(|| answer.give(2, &mut Round::begin()));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        assert_eq!(runtime.block_on(reply), Some(2));
    }

    #[test]
    fn who_drops_the_question_says_so() {
        let (answer, reply) = pair::<()>();
        drop(answer);
        assert_eq!(reply.now_or_never(), Some(None));
    }
}
