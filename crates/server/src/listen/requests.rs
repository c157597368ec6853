//! What a connection's service and its socket tell each other: which requests are under way, and whether answers are sent.
//!
//! Only the service knows where a head ends and when an answer is done; only the socket knows what arrives
//! and what can't be written. Knows neither of them.

use hyper::body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
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
    /// Somebody tells when what was taken of answers is sent.
    tells_sent: AtomicBool,
    /// Of answers that hyper has taken, but that may not be sent.
    doubts: Mutex<Vec<Box<dyn Doubt>>>,
    /// There are some.
    has_doubts: AtomicBool,
}

/// Who wants to know whether an answer was sent. When this is dropped instead, it was not.
pub(crate) trait Doubt: Send {
    /// It was, as far as we can know: the system has all of it.
    fn sent(self: Box<Self>);
}

/// The body of an answer, which somebody may doubt to be sent.
pub(crate) trait Doubtful: Body {
    /// Who does, once all of it was taken.
    fn take_doubt(&mut self) -> Option<Box<dyn Doubt>>;
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

    /// Says that somebody tells when what was taken of answers is [sent](Self::sent). Where nobody does, it is as good as sent
    /// once it is taken.
    pub(super) fn await_sent(&self) {
        self.0.tells_sent.store(true, Ordering::Relaxed);
    }

    /// Says that all that was taken of answers is sent.
    pub(super) fn sent(&self) {
        self.take_doubts().into_iter().for_each(Doubt::sent);
    }

    /// Says that nothing more is sent.
    pub(super) fn unsent(&self) {
        drop(self.take_doubts());
    }

    fn take_doubts(&self) -> Vec<Box<dyn Doubt>> {
        // One task takes and sends all answers of a socket.
        if !self.0.has_doubts.load(Ordering::Relaxed) {
            return Vec::new();
        }
        let mut doubts = self.0.doubts.lock().expect("nothing panics while it holds this");
        self.0.has_doubts.store(false, Ordering::Relaxed);
        std::mem::take(&mut *doubts)
    }

    fn doubt(&self, doubt: Box<dyn Doubt>) {
        if !self.0.tells_sent.load(Ordering::Relaxed) {
            return doubt.sent();
        }
        self.0.doubts.lock().expect("nothing panics while it holds this").push(doubt);
        self.0.has_doubts.store(true, Ordering::Relaxed);
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
        Answered { body, open: self }
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
    open: Open,
}

impl<B: Doubtful + Unpin> Body for Answered<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Some(doubt) = self.body.take_doubt() {
            self.open.0.doubt(doubt);
        }
        frame
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
    use bytes::Bytes;
    use http_body_util::Full;
    use std::task::Waker;

    /// Says whether it was sent.
    struct Told(Arc<Mutex<Option<bool>>>);

    impl Doubt for Told {
        fn sent(self: Box<Self>) {
            *self.0.lock().unwrap() = Some(true);
        }
    }

    impl Drop for Told {
        fn drop(&mut self) {
            self.0.lock().unwrap().get_or_insert(false);
        }
    }

    /// A body of one piece.
    struct Doubted(Full<Bytes>, Option<Told>);

    impl Doubtful for Doubted {
        fn take_doubt(&mut self) -> Option<Box<dyn Doubt>> {
            Some(Box::new(self.1.take_if(|_| self.0.is_end_stream())?))
        }
    }

    impl Body for Doubted {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Pin::new(&mut self.0).poll_frame(cx)
        }

        fn size_hint(&self) -> SizeHint {
            self.0.size_hint()
        }
    }

    fn doubted() -> (Doubted, Arc<Mutex<Option<bool>>>) {
        let told = Arc::default();
        (Doubted(Full::new("x".into()), Some(Told(Arc::clone(&told)))), told)
    }

    fn take(answer: &mut Answered<Doubted>) {
        let taken = Pin::new(answer).poll_frame(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(taken, Poll::Ready(Some(Ok(_)))));
    }

    #[test]
    fn what_was_taken_is_sent_when_the_socket_says_so() {
        for (is_taken, is_sent, then) in [(false, true, false), (true, true, true), (true, false, false)] {
            let requests = Requests::default();
            requests.await_sent();
            let (body, told) = doubted();
            let mut answer = requests.begin().answered(body);
            if is_taken {
                requests.sent();
                take(&mut answer);
                assert_eq!(*told.lock().unwrap(), None);
            }
            drop(answer);
            match is_sent {
                true => requests.sent(),
                false => requests.unsent(),
            }
            assert_eq!(*told.lock().unwrap(), Some(then), "{is_taken} {is_sent}");
        }
    }

    #[test]
    fn where_nobody_says_so_it_is_sent_when_it_is_taken() {
        let (body, told) = doubted();
        take(&mut Requests::default().begin().answered(body));
        assert_eq!(*told.lock().unwrap(), Some(true));
    }

    #[test]
    fn a_request_is_open_until_its_answer_is_gone() {
        let requests = Requests::default();
        assert!(requests.is_idle());
        let open = requests.begin();
        assert!(!requests.is_idle());
        let answer = open.answered(doubted().0);
        assert!(!requests.is_idle() && answer.size_hint().exact() == Some(1));
        drop(answer);
        assert!(requests.is_idle() && requests.begun() == 1);
        requests.set_blocked(true);
        assert!(!requests.is_idle());
    }
}
