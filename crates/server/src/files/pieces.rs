//! A file that is read while it is sent: one piece in memory at a time, each read where blocking is allowed.

use bytes::Bytes;
use playhouse_core::Later;
use playhouse_core::tasks::Tasks;
use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::task::{Context, Poll};

/// Bytes of one piece, and the largest file that is read in one go. Sixteen pieces a megabyte keep the trip
/// to another thread small beside the reading, and a slow client holds no more than one.
pub(super) const PIECE: usize = 64 * 1024;

/// What is left of a file that is being sent.
pub(crate) struct Pieces {
    tasks: Tasks,
    left: u64,
    state: State,
}

enum State {
    Waiting(File),
    Reading(Later<'static, io::Result<(File, Bytes)>>),
    Ended,
}

impl Pieces {
    /// The next `length` bytes of a file.
    pub(super) fn new(file: File, length: u64, tasks: Tasks) -> Self {
        Self { tasks, left: length, state: State::Waiting(file) }
    }

    /// Bytes that have not been given yet.
    #[must_use]
    pub(crate) fn left(&self) -> u64 {
        self.left
    }

    /// The next piece; `None` after the last. A file that has become shorter meanwhile is an error: the
    /// length that was announced can't be kept.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let mut reading = match std::mem::replace(&mut self.state, State::Ended) {
            State::Waiting(file) => self.begin(file),
            State::Reading(reading) => reading,
            State::Ended => return Poll::Ready(None),
        };
        let Poll::Ready(read) = reading.as_mut().poll(cx) else {
            self.state = State::Reading(reading);
            return Poll::Pending;
        };
        Poll::Ready(Some(read.map(|(file, bytes)| {
            self.left -= bytes.len() as u64;
            self.state = State::Waiting(file);
            bytes
        })))
    }

    fn begin(&self, file: File) -> Later<'static, io::Result<(File, Bytes)>> {
        let tasks = self.tasks.clone();
        let length = usize::try_from(self.left).unwrap_or(PIECE).min(PIECE);
        Box::pin(async move {
            let read = tasks.blocking("file", move || {
                let mut file = file;
                read_piece(&mut file, length).map(|bytes| (file, bytes))
            });
            read.await.unwrap_or_else(|cause| Err(io::Error::other(cause)))
        })
    }
}

/// Reads exactly `length` bytes.
pub(super) fn read_piece(file: &mut File, length: usize) -> io::Result<Bytes> {
    let mut piece = Vec::with_capacity(length);
    let read = file.take(length as u64).read_to_end(&mut piece)?;
    if read < length {
        return Err(io::Error::new(ErrorKind::UnexpectedEof, "the file became shorter while it was sent"));
    }
    Ok(piece.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::locate::tests::Folder;
    use std::future::poll_fn;
    use tokio::runtime::Builder;

    #[test]
    fn a_large_file_comes_in_pieces_and_a_shortened_one_ends_in_an_error() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let folder = Folder::new();
        let content: Vec<u8> = (0..150_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        folder.write("large", &content);
        let read_all = |length: u64| {
            let file = File::open(folder.path().join("large")).unwrap();
            let mut pieces = Pieces::new(file, length, Tasks::new(runtime.handle().clone()));
            runtime.block_on(async {
                let mut read = Vec::new();
                while let Some(piece) = poll_fn(|cx| pieces.poll_next(cx)).await {
                    read.push(piece?);
                }
                Ok::<_, io::Error>(read)
            })
        };
        let pieces = read_all(150_000).unwrap();
        assert_eq!(pieces.iter().map(Bytes::len).collect::<Vec<_>>(), [PIECE, PIECE, 150_000 - 2 * PIECE]);
        assert!(pieces.concat() == content);
        assert_eq!(read_all(10).unwrap().concat(), content[..10]);
        assert_eq!(read_all(150_001).unwrap_err().kind(), ErrorKind::UnexpectedEof);
    }
}
