//! A request whose answer may be long in coming, beside hyper.
//!
//! As long as a request is under way hyper has three buffers of 8 KiB for its connection: the head, room for what may
//! follow, and room for the answer's head. A request that only waits is taken out: the connection is taken apart, and put
//! together again once the answer is there; then a request of two lines stands in for the one that was held.
//! Knows no answer.

use super::Open;
use http::request::Parts;
use http::{Version, header};
use playhouse_core::Later;
use std::future::poll_fn;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll};

/// A request that is held.
pub(crate) struct Held<A> {
    /// Its answer, once it comes.
    pub(crate) answer: Later<'static, A>,
    /// That it is under way.
    pub(crate) open: Open,
    /// What takes its place then.
    pub(crate) stand_in: StandIn,
}

impl<A> Held<A> {
    /// Waits for its answer; `None` if its client has `left` before.
    pub(crate) async fn outlast(
        mut self,
        mut left: impl FnMut(&mut Context<'_>) -> Poll<()>,
    ) -> Option<(A, Open, StandIn)> {
        let answer = poll_fn(|cx| match self.answer.as_mut().poll(cx) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending => left(cx).map(|()| None),
        });
        Some((answer.await?, self.open, self.stand_in))
    }
}

/// Where the service leaves a request to be held for the task that owns the socket, and that task its answer. There is at
/// most one of both: hyper gives the service one request at a time.
pub(crate) struct Holding<A>(Mutex<State<A>>);

enum State<A> {
    Nothing,
    Held(Held<A>),
    Answered(A, Open),
}

impl<A> Default for Holding<A> {
    fn default() -> Self {
        Self(Mutex::new(State::Nothing))
    }
}

impl<A> Holding<A> {
    fn state(&self) -> MutexGuard<'_, State<A>> {
        self.0.lock().expect("nothing panics while it holds this")
    }

    /// Leaves a request to be held.
    pub(crate) fn hold(&self, held: Held<A>) {
        *self.state() = State::Held(held);
    }

    /// Whether one was left.
    pub(crate) fn has_held(&self) -> bool {
        matches!(*self.state(), State::Held(_))
    }

    /// Takes the one that was left.
    pub(crate) fn take(&self) -> Option<Held<A>> {
        let mut state = self.state();
        match std::mem::replace(&mut *state, State::Nothing) {
            State::Held(held) => Some(held),
            other @ (State::Nothing | State::Answered(..)) => {
                *state = other;
                None
            }
        }
    }

    /// Leaves the answer for the request that stands in.
    pub(crate) fn answer(&self, answer: A, open: Open) {
        *self.state() = State::Answered(answer, open);
    }

    /// Takes the answer, if it is the request that stands in which wants one.
    pub(crate) fn answered(&self) -> Option<(A, Open)> {
        let mut state = self.state();
        match std::mem::replace(&mut *state, State::Nothing) {
            State::Answered(answer, open) => Some((answer, open)),
            other @ (State::Nothing | State::Held(_)) => {
                *state = other;
                None
            }
        }
    }
}

/// As much of a request as the form of its answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StandIn {
    is_old: bool,
    stays: bool,
}

impl StandIn {
    /// What stands in for a GET.
    pub(crate) fn of(request: &Parts) -> Self {
        let is_old = request.version <= Version::HTTP_10;
        let says = |word: &str| {
            let lines = request.headers.get_all(header::CONNECTION).into_iter();
            lines
                .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
                .any(|said| said.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
        };
        let stays = if is_old { says("keep-alive") } else { !says("close") };
        Self { is_old, stays }
    }

    /// Its lines.
    pub(crate) fn lines(self) -> &'static [u8] {
        match (self.is_old, self.stays) {
            (false, true) => b"GET / HTTP/1.1\r\n\r\n",
            (false, false) => b"GET / HTTP/1.1\r\nconnection: close\r\n\r\n",
            (true, true) => b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n",
            (true, false) => b"GET / HTTP/1.0\r\n\r\n",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listen::Requests;
    use http::Request;

    #[test]
    fn the_answer_depends_on_version_and_connection() {
        for (version, connection, stays) in [
            (Version::HTTP_11, None, true),
            (Version::HTTP_11, Some("keep-alive, x"), true),
            (Version::HTTP_11, Some("x , Close"), false),
            (Version::HTTP_10, None, false),
            (Version::HTTP_10, Some("Keep-Alive"), true),
        ] {
            let mut request = Request::get("/x").version(version);
            if let Some(connection) = connection {
                request = request.header("connection", connection);
            }
            let stand_in = StandIn::of(&request.body(()).unwrap().into_parts().0);
            let is_old = version == Version::HTTP_10;
            assert_eq!(stand_in, StandIn { is_old, stays }, "{version:?} {connection:?}");
        }
    }

    #[test]
    fn each_takes_what_is_left_for_it() {
        let (holding, requests) = (Holding::default(), Requests::default());
        assert!(holding.answered().is_none() && holding.take().is_none());
        let stand_in = StandIn { is_old: false, stays: true };
        holding.hold(Held { answer: Box::pin(async { 5 }), open: requests.begin(), stand_in });
        assert!(holding.has_held() && holding.answered().is_none());
        let held = holding.take().unwrap();
        assert!(!holding.has_held() && !requests.is_idle());
        holding.answer(5, held.open);
        assert!(holding.take().is_none());
        assert_eq!(holding.answered().map(|(answer, _)| answer), Some(5));
        assert!(holding.answered().is_none() && requests.is_idle());
    }
}
