//! How many values there are in what is being read, so that nothing is built that nobody wants.

use std::cell::Cell;

/// There are more values than there may be: this many are the most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more than {0} values, the most that one message may have (`actors.message_values`)")]
pub struct TooMany(pub usize);

/// Counts the values of one message while it is read.
#[derive(Debug)]
pub struct Count {
    limit: usize,
    read: Cell<usize>,
}

impl Count {
    /// Counts up to a limit.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit, read: Cell::new(0) }
    }

    /// One value more is read.
    ///
    /// # Errors
    /// It is one too many.
    pub fn one(&self) -> Result<(), TooMany> {
        self.read.set(self.read.get() + 1);
        self.within()
    }

    /// Whether what was read until now is within the limit: for readers whose own errors have no place for ours.
    ///
    /// # Errors
    /// It is not.
    pub fn within(&self) -> Result<(), TooMany> {
        if self.read.get() > self.limit { Err(TooMany(self.limit)) } else { Ok(()) }
    }
}
