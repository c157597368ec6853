//! Writing what an outbox holds: as few system calls as the frames allow.
//!
//! One frame goes out as it is, several small ones through the worker's buffer, large ones vectored. What the
//! socket did not take stays here, and counts in the outbox until it is written.

use crate::worker::{self, GATHER_SIZE};
use playhouse_node::outbox::{Entry, Outbox, scratch};
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;

/// What one turn takes from an outbox: enough to fill a socket's buffer.
const TURN_BYTES_MAX: usize = 256 * 1024;

/// Slices of one vectored write.
const SLICES_MAX: usize = 32;

/// What was taken from the outbox and is not written yet. Empty, and without memory, unless the socket is
/// slower than we are.
#[derive(Default)]
pub(crate) struct Writing {
    rest: VecDeque<Entry>,
    /// Bytes of the first entry that are written.
    done: usize,
    /// A socket that was full took more: its client has read.
    was_freed: bool,
}

impl Writing {
    /// Writes all that waits. `Pending` when the socket takes no more now.
    pub(crate) fn poll<W: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut W,
        outbox: &Outbox,
    ) -> Poll<io::Result<()>> {
        let was_full = self.is_blocked();
        let mut batch =
            if self.rest.is_empty() { worker::take_batch() } else { std::mem::take(&mut self.rest) };
        let before = self.done;
        let len = batch.len();
        let written = self.drain(cx, io, outbox, &mut batch);
        self.was_freed |= was_full && (self.done, batch.len()) != (before, len);
        if batch.is_empty() {
            worker::give_batch(batch);
        } else {
            self.rest = batch;
        }
        written
    }

    fn drain<W: AsyncWrite + Unpin>(
        &mut self,
        cx: &mut Context<'_>,
        io: &mut W,
        outbox: &Outbox,
        batch: &mut VecDeque<Entry>,
    ) -> Poll<io::Result<()>> {
        let mut written = 0;
        loop {
            if batch.is_empty() {
                outbox.next(std::mem::take(&mut written), TURN_BYTES_MAX, batch, cx.waker());
                if batch.is_empty() {
                    return Poll::Ready(Ok(()));
                }
            }
            written = ready!(write_some(cx, io, batch, self.done))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.advance(batch, written);
            if !batch.is_empty() {
                outbox.written(std::mem::take(&mut written));
            }
        }
    }

    fn advance(&mut self, batch: &mut VecDeque<Entry>, written: usize) {
        self.done += written;
        while let Some(first) = batch.front() {
            if self.done < first.len() {
                return;
            }
            self.done -= first.len();
            if let Some(Entry::Own(bytes)) = batch.pop_front() {
                scratch::give(bytes);
            }
        }
    }

    /// Whether something waits for the socket, which was full.
    pub(crate) fn is_blocked(&self) -> bool {
        !self.rest.is_empty()
    }

    /// Whether a socket that was full has taken more since this was asked last.
    pub(crate) fn take_freed(&mut self) -> bool {
        std::mem::take(&mut self.was_freed)
    }

    /// Gives up what is left, such as when the link is over.
    pub(crate) fn abandon(&mut self, outbox: &Outbox) {
        let left: usize = self.rest.drain(..).map(|entry| entry.len()).sum();
        outbox.written(left - std::mem::take(&mut self.done));
    }
}

fn write_some<W: AsyncWrite + Unpin>(
    cx: &mut Context<'_>,
    io: &mut W,
    batch: &VecDeque<Entry>,
    done: usize,
) -> Poll<io::Result<usize>> {
    let io = Pin::new(io);
    if batch.len() == 1
        && let [all, [], []] = batch[0].slices()
    {
        return io.poll_write(cx, &all[done..]);
    }
    let small: usize = batch.iter().map(Entry::len).sum();
    if small - done <= GATHER_SIZE {
        return worker::with_write(|gathered| {
            batch.iter().flat_map(Entry::slices).for_each(|slice| gathered.extend_from_slice(slice));
            io.poll_write(cx, &gathered[done..])
        });
    }
    let mut skip = done;
    let mut vectors = [IoSlice::new(&[]); SLICES_MAX];
    let mut used = 0;
    for slice in batch.iter().flat_map(Entry::slices).filter(|slice| !slice.is_empty()).take(SLICES_MAX) {
        let skipped = skip.min(slice.len());
        skip -= skipped;
        vectors[used] = IoSlice::new(&slice[skipped..]);
        used += 1;
    }
    io.poll_write_vectored(cx, &vectors[..used])
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use playhouse_core::wire::Frames;
    use playhouse_node::outbox::Budget;
    use std::sync::Arc;
    use std::task::Waker;

    /// Takes `step` bytes at a time, and nothing every other time.
    struct Narrow {
        got: Vec<u8>,
        step: usize,
        open: bool,
        calls: usize,
    }

    impl AsyncWrite for Narrow {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            self.open = !self.open;
            if !self.open {
                return Poll::Pending;
            }
            let len = bytes.len().min(self.step);
            self.got.extend_from_slice(&bytes[..len]);
            self.calls += 1;
            Poll::Ready(Ok(len))
        }
        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    fn written(step: usize, sizes: &[usize]) -> (Vec<u8>, Vec<u8>, usize) {
        let budget = Arc::new(Budget::new(usize::MAX));
        let outbox = Outbox::new(usize::MAX, budget.clone());
        let mut wanted = Vec::new();
        for (nth, size) in sizes.iter().enumerate() {
            let bytes = vec![u8::try_from(nth % 250).expect("small"); *size];
            wanted.extend_from_slice(&bytes);
            if nth % 2 == 0 {
                wanted.extend_from_slice(b"tail");
                outbox.push(|_| Frames::tailed(Bytes::from(bytes), (*b"tail").into_iter().collect()));
            } else {
                outbox.append(|out| out.extend_from_slice(&bytes));
            }
        }
        let mut io = Narrow { got: Vec::new(), step, open: false, calls: 0 };
        let (mut writing, mut cx) = (Writing::default(), Context::from_waker(Waker::noop()));
        while writing.poll(&mut cx, &mut io, &outbox).is_pending() {}
        assert_eq!((outbox.bytes(), budget.used(), writing.rest.len()), (0, 0, 0));
        (io.got, wanted, io.calls)
    }

    #[test]
    fn a_narrow_socket_gets_everything_in_order() {
        for step in [1, 3, 7, 1000] {
            let (got, wanted, _) = written(step, &[1, 2, 30, 0, 5, 100]);
            assert_eq!(got, wanted, "step {step}");
        }
    }

    #[test]
    fn large_frames_are_not_gathered() {
        let (got, wanted, _) = written(50_000, &[40_000, 40_000, 10, 100_000]);
        assert_eq!(got, wanted);
    }

    #[test]
    fn small_frames_are_one_write() {
        let (got, wanted, calls) = written(usize::MAX, &[10; 50]);
        assert_eq!((got, calls), (wanted, 1));
    }

    #[test]
    fn a_full_socket_that_takes_more_is_noticed() {
        let outbox = Outbox::new(usize::MAX, Arc::new(Budget::new(usize::MAX)));
        outbox.append(|out| out.extend_from_slice(&[0; 25]));
        let mut io = Narrow { got: Vec::new(), step: 10, open: true, calls: 0 };
        let (mut writing, mut cx) = (Writing::default(), Context::from_waker(Waker::noop()));
        let mut seen = Vec::new();
        for _ in 0..6 {
            let is_ready = writing.poll(&mut cx, &mut io, &outbox).is_ready();
            seen.push((is_ready, writing.is_blocked(), writing.take_freed()));
        }
        assert!(seen.iter().any(|(_, blocked, freed)| *blocked && *freed), "{seen:?}");
        assert_eq!(seen.last(), Some(&(true, false, false)), "{seen:?}");
    }

    #[test]
    fn what_is_given_up_counts_no_more() {
        let budget = Arc::new(Budget::new(usize::MAX));
        let outbox = Outbox::new(usize::MAX, budget.clone());
        outbox.append(|out| out.extend_from_slice(&[0; 100]));
        let mut io = Narrow { got: Vec::new(), step: 10, open: false, calls: 0 };
        let (mut writing, mut cx) = (Writing::default(), Context::from_waker(Waker::noop()));
        assert!(writing.poll(&mut cx, &mut io, &outbox).is_pending());
        writing.abandon(&outbox);
        assert_eq!(budget.used(), 0);
    }
}
