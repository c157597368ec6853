//! What stands in an outbox: bytes to write, shared or a connection's own.

use bytes::Bytes;
use playhouse_core::wire::Frames;
use std::borrow::Cow;

/// One thing to write. It takes 40 bytes.
#[derive(Debug)]
pub enum Entry {
    /// Frames that other outboxes share.
    Shared(Bytes),
    /// Large ones with a tail of this connection's own; boxed, as they would be half of every entry's size.
    Tailed(Box<Frames>),
    /// Replies of this connection and small frames, one after the other.
    Own(Vec<u8>),
}

impl Entry {
    /// Bytes to write.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Shared(bytes) => bytes.len(),
            Self::Tailed(frames) => frames.len(),
            Self::Own(bytes) => bytes.len(),
        }
    }

    /// The bytes: one slice, or three where there is a tail.
    #[must_use]
    pub fn slices(&self) -> [&[u8]; 3] {
        match self {
            Self::Shared(bytes) => [bytes, &[], &[]],
            Self::Tailed(frames) => frames.slices(),
            Self::Own(bytes) => [bytes, &[], &[]],
        }
    }

    /// The bytes in one slice: copied where there is a tail.
    #[must_use]
    pub fn whole(&self) -> Cow<'_, [u8]> {
        match self.slices() {
            [all, [], []] => Cow::Borrowed(all),
            parts => Cow::Owned(parts.concat()),
        }
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
