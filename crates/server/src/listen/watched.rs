//! A socket with deadlines: for the next request, for the head of a request, and for a client that does not
//! read its answer.
//!
//! Hyper has one time for both, a head that is on its way and a connection that waits for the next request;
//! the second may be long, the first may not. Here the time of a head counts from a request's first byte.
//! Bytes that come while a request is under way are its body's, or another request's before its turn: they
//! begin no head. For writing hyper has no time at all. And hyper makes a timer for each request; here each
//! socket has its two for life.

use super::Requests;
use crate::os;
use hyper::rt::ReadBufCursor;
use hyper_util::rt::TokioIo;
use playhouse_core::clock::{Clock, Timer};
use socket2::SockRef;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead as _, ReadBuf};
use tokio::net::TcpStream;

/// Bytes that are read where it is only asked whether the client has left: with so many unread it is not noticed.
const PEEKED: usize = 4 * 1024;

/// For how long a client may do nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// From one answer to the first byte of the next request.
    pub(crate) next: Duration,
    /// From the first byte of a head to its last.
    pub(crate) head: Duration,
    /// While bytes wait to be written and it takes none of them.
    pub(crate) writing: Duration,
}

/// The socket.
pub(crate) struct Watched {
    io: TokioIo<TcpStream>,
    clock: Clock,
    patience: Patience,
    requests: Requests,
    /// The heads that were complete when this looked last.
    begun: usize,
    awaited: Awaited,
    /// What is read before anything more of the socket.
    first: Vec<u8>,
    /// Of what is awaited; nobody looks at it where that has no time.
    reading: Timer,
    writing: Timer,
}

/// What the client has to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// Nothing that has a time here: a request is under way.
    Nothing,
    /// Another request, of which nothing has come.
    Next,
    /// More of a head, of which something came just now. Most heads come at once, and the clock is not asked.
    More,
    /// The rest of a head.
    Rest,
}

impl Watched {
    /// Begins with waiting for a first request, which is one that should be on its way.
    pub(crate) fn new(stream: TcpStream, clock: &Clock, patience: Patience, requests: Requests) -> Self {
        let mut reading = clock.timer();
        reading.set(clock.now() + patience.head);
        requests.await_sent();
        let (begun, awaited, writing) = (requests.begun(), Awaited::Rest, clock.timer());
        let io = TokioIo::new(stream);
        Self {
            io,
            clock: clock.clone(),
            patience,
            requests,
            begun,
            awaited,
            first: Vec::new(),
            reading,
            writing,
        }
    }

    /// The socket, as it is, and what was read of it that nobody took: of answers that are not sent by now, nothing more is.
    pub(crate) fn into_inner(self) -> (TcpStream, Vec<u8>) {
        self.requests.unsent();
        (self.io.into_inner(), self.first)
    }

    /// Puts bytes before all that is read from now on.
    pub(crate) fn read_first(&mut self, bytes: &[u8]) {
        self.first.splice(..0, bytes.iter().copied());
    }

    /// Whether something has come that nobody has read yet; it can be read then.
    pub(crate) async fn await_unread(&self) -> bool {
        if !self.first.is_empty() {
            return true;
        }
        let stream = self.io.inner();
        // The system is asked, as the runtime may not have looked since it came.
        let peeked = SockRef::from(stream).peek(&mut [MaybeUninit::uninit()]);
        matches!(peeked, Ok(1..)) && stream.readable().await.is_ok()
    }

    /// While nobody reads: ready when the client has left. What comes meanwhile is kept to be read later, and not much of it
    /// is looked at.
    pub(crate) fn poll_left(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let room @ 1.. = PEEKED.saturating_sub(self.first.len()) {
            let mut bytes = [const { MaybeUninit::uninit() }; PEEKED];
            let mut read = ReadBuf::uninit(&mut bytes[..room]);
            match ready!(Pin::new(self.io.inner_mut()).poll_read(cx, &mut read)) {
                Ok(()) if !read.filled().is_empty() => self.first.extend_from_slice(read.filled()),
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
        Poll::Pending
    }

    /// Gives what is to be read first, if there is some.
    fn take_first(&mut self, buffer: &mut ReadBufCursor<'_>) -> bool {
        if self.first.is_empty() {
            return false;
        }
        let count = self.first.len().min(buffer.remaining());
        buffer.put_slice(&self.first[..count]);
        self.first.drain(..count);
        if self.first.is_empty() {
            self.first = Vec::new();
        }
        true
    }

    /// A head that is complete has no deadline any more.
    fn look(&mut self) {
        let begun = self.requests.begun();
        if begun != self.begun {
            self.begun = begun;
            self.awaited = Awaited::Nothing;
        }
    }

    /// Bytes have come. Between requests they are a head's.
    fn arrived(&mut self) {
        if matches!(self.awaited, Awaited::Nothing | Awaited::Next) && self.requests.is_idle() {
            self.awaited = Awaited::More;
        }
    }

    /// No bytes have come. Ready when what is awaited took too long.
    fn poll_late(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let time = match self.awaited {
            Awaited::Nothing if !self.requests.is_idle() => return Poll::Pending,
            Awaited::Nothing => {
                self.awaited = Awaited::Next;
                self.patience.next
            }
            Awaited::More => {
                self.awaited = Awaited::Rest;
                self.patience.head
            }
            Awaited::Next | Awaited::Rest => return self.reading.poll(cx),
        };
        let now = self.clock.now();
        self.reading.set(now + time);
        self.reading.poll_at(now, cx)
    }

    /// Whoever vanishes without a word is noticed by what it does not confirm, where there is no other sign of life.
    fn heed(&self) {
        if let Some(silence) = self.requests.take_silence() {
            os::give_up_after(self.io.inner(), silence);
        }
    }

    /// Passes on what came of writing. Only where the client takes nothing the time runs.
    fn written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        let is_waiting = self.writing.deadline().is_some();
        if written.is_ready() {
            if is_waiting {
                self.writing.clear();
                self.requests.set_blocked(false);
            }
            return written;
        }
        if !is_waiting {
            self.writing.set(self.clock.now() + self.patience.writing);
            self.requests.set_blocked(true);
        }
        self.writing.poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl hyper::rt::Read for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.take_first(&mut buffer) {
            return Poll::Ready(Ok(()));
        }
        let read = hyper::rt::Read::poll_read(Pin::new(&mut this.io), cx, buffer);
        this.look();
        if read.is_pending() {
            return this.poll_late(cx).map(|()| Err(io::ErrorKind::TimedOut.into()));
        }
        this.arrived();
        read
    }
}

impl hyper::rt::Write for Watched {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.heed();
        let written = hyper::rt::Write::poll_write(Pin::new(&mut self.io), cx, bytes);
        self.written(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.look();
        if self.awaited == Awaited::Nothing {
            // Hyper does not read behind an answer if it has read in vain before, so that the wait for the
            // next request begins here. Whether that takes too long is seen when hyper reads again.
            let _ = self.poll_late(cx);
        }
        let flushed = hyper::rt::Write::poll_flush(Pin::new(&mut self.io), cx);
        // Hyper flushes when it has written all that it has taken.
        if let Poll::Ready(Ok(())) = flushed {
            self.requests.sent();
        }
        flushed
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        hyper::rt::Write::poll_shutdown(Pin::new(&mut self.io), cx)
    }

    fn is_write_vectored(&self) -> bool {
        hyper::rt::Write::is_write_vectored(&self.io)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.heed();
        let written = hyper::rt::Write::poll_write_vectored(Pin::new(&mut self.io), cx, slices);
        self.written(cx, written)
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use super::*;
    use std::future::poll_fn;

    #[test]
    fn a_client_that_confirms_nothing_is_given_up() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            let minute = Duration::from_secs(60);
            let patience = Patience { next: minute, head: minute, writing: minute };
            let requests = Requests::default();
            let mut watched = Watched::new(stream, &Clock::system(), patience, requests.clone());
            let limit = |watched: &Watched| SockRef::from(watched.io.inner()).tcp_user_timeout().unwrap();
            let before = limit(&watched);
            poll_fn(|cx| hyper::rt::Write::poll_write(Pin::new(&mut watched), cx, b"a")).await.unwrap();
            assert_eq!(limit(&watched), before, "only who streams is watched so");
            requests.set_silence(Duration::from_millis(600));
            poll_fn(|cx| hyper::rt::Write::poll_write(Pin::new(&mut watched), cx, b"b")).await.unwrap();
            assert_eq!(limit(&watched), Some(Duration::from_millis(600)));
            assert_eq!(requests.take_silence(), None);
        });
    }
}
