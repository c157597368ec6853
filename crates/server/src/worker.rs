//! What a worker thread lends to the link that it serves at the moment: buffers that no link needs to own.

use playhouse_node::outbox::Entry;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, ReadBuf};

/// Bytes read at once. A link is polled with what this holds before the next gets its turn.
pub(crate) const READ_SIZE: usize = 64 * 1024;

/// Small frames are gathered up to this size and written at once.
pub(crate) const GATHER_SIZE: usize = 64 * 1024;

thread_local! {
    static READ: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_SIZE].into_boxed_slice());
    static WRITE: RefCell<Vec<u8>> = RefCell::new(Vec::with_capacity(GATHER_SIZE));
    static BATCH: RefCell<VecDeque<Entry>> = const { RefCell::new(VecDeque::new()) };
}

/// Lends the read buffer. Not to be nested.
pub(crate) fn with_read<R>(work: impl FnOnce(&mut [u8]) -> R) -> R {
    READ.with_borrow_mut(|buffer| work(buffer))
}

/// Reads and throws away until the other side is through; a socket that breaks is through too.
pub(crate) fn poll_discard<R: AsyncRead + Unpin>(cx: &mut Context<'_>, io: &mut R) -> Poll<()> {
    loop {
        let over = with_read(|buffer| {
            let mut read = ReadBuf::new(buffer);
            match ready!(Pin::new(&mut *io).poll_read(cx, &mut read)) {
                Ok(()) => Poll::Ready(read.filled().is_empty()),
                Err(_) => Poll::Ready(true),
            }
        });
        if ready!(over) {
            return Poll::Ready(());
        }
    }
}

/// Lends the buffer in which small frames are gathered, empty. Not to be nested.
pub(crate) fn with_write<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    WRITE.with_borrow_mut(|buffer| {
        buffer.clear();
        work(buffer)
    })
}

/// Takes the worker's queue for what is being written; give it back, empty or not.
pub(crate) fn take_batch() -> VecDeque<Entry> {
    BATCH.take()
}

/// Gives the queue back.
pub(crate) fn give_batch(batch: VecDeque<Entry>) {
    if batch.is_empty() && batch.capacity() <= 1024 {
        BATCH.set(batch);
    }
}
