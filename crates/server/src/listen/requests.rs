//! What a connection's service and its socket tell each other: which requests are under way.
//!
//! Only the service knows where a head ends and when an answer is done; only the socket knows what arrives
//! and what can't be written. Knows neither of them.

use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// The requests of one connection, or of all that a mounted node answers. A clone is the same. It only counts, so
/// nothing is ordered.
#[derive(Clone, Default)]
pub(crate) struct Requests(Arc<Counts>);

#[derive(Default)]
struct Counts {
    begun: AtomicUsize,
    open: AtomicUsize,
    blocked: AtomicBool,
    /// In ms; 0 is not said.
    silence: AtomicU32,
}

/// A request whose head is complete, until the body of its answer has been taken or given up.
pub(crate) struct Open(Requests);

impl Requests {
    /// Says that a head is complete.
    pub(crate) fn begin(&self) -> Open {
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        self.0.open.fetch_add(1, Ordering::Relaxed);
        Open(self.clone())
    }

    /// How many heads have been complete; it wraps around.
    pub(super) fn begun(&self) -> usize {
        self.0.begun.load(Ordering::Relaxed)
    }

    /// Says whether bytes wait for the client to read.
    pub(super) fn set_blocked(&self, blocked: bool) {
        self.0.blocked.store(blocked, Ordering::Relaxed);
    }

    /// Says for how long a client may confirm nothing of what is sent to it, once an answer is one that goes on for good.
    pub(crate) fn set_silence(&self, silence: Duration) {
        let millis = u32::try_from(silence.as_millis()).unwrap_or(u32::MAX);
        self.0.silence.store(millis, Ordering::Relaxed);
    }

    /// Takes what was said of that; once.
    pub(super) fn take_silence(&self) -> Option<Duration> {
        if self.0.silence.load(Ordering::Relaxed) == 0 {
            return None;
        }
        match self.0.silence.swap(0, Ordering::Relaxed) {
            0 => None,
            millis => Some(Duration::from_millis(millis.into())),
        }
    }

    /// Whether no request is under way and no answer waits for the client to read it.
    pub(crate) fn is_idle(&self) -> bool {
        self.are_at_most(0)
    }

    /// Whether no more than `most` requests are under way, and no answer waits for the client to read it.
    pub(crate) fn are_at_most(&self, most: usize) -> bool {
        self.0.open.load(Ordering::Relaxed) <= most && !self.0.blocked.load(Ordering::Relaxed)
    }
}

impl Open {
    /// The body of its answer: the request is under way for as long as this lives.
    pub(crate) fn answered<B>(self, body: B) -> Answered<B> {
        Answered { body, _open: self }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The body of an answer to an open request.
pub(crate) struct Answered<B> {
    body: B,
    _open: Open,
}

impl<B: Body + Unpin> Body for Answered<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_open_until_its_answer_is_gone() {
        let requests = Requests::default();
        assert!(requests.is_idle());
        let open = requests.begin();
        assert!(!requests.is_idle());
        let answer = open.answered(http_body_util::Full::new(bytes::Bytes::from("x")));
        assert!(!requests.is_idle() && answer.size_hint().exact() == Some(1));
        drop(answer);
        assert!(requests.is_idle() && requests.begun() == 1);
        requests.set_blocked(true);
        assert!(!requests.is_idle());
    }
}
