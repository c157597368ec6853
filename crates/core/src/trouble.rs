//! What can be wrong with an engine that is another process: the part that all contracts' errors share.

use crate::codes;
use crate::error::Reject;

/// Why an engine did not do what it was asked for. Wherever it ends up inside an error, `?` in an action makes the
/// [`Reject`] of it: the caller can try again, and is told whether that is safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It can't be reached, or refused: nothing was done.
    #[error("the engine can't be reached: {0}")]
    Away(String),
    /// It did not answer in time, or the connection to it broke before it did: nobody knows whether it was done.
    #[error("the engine did not answer, so the outcome is unknown: {0}")]
    Unknown(String),
}

impl Trouble {
    /// What a caller is told. The cause is for the log: it may name hosts.
    #[must_use]
    pub fn reject(&self) -> Reject {
        match self {
            Self::Away(_) => Reject::of(
                &codes::ENGINE_AWAY,
                "what the servers share can't be reached now; nothing was done, try again in a few seconds",
            ),
            Self::Unknown(_) => Reject::of(
                &codes::OUTCOME_UNKNOWN,
                "what the servers share did not answer in time; it may have been done or not",
            ),
        }
    }

    /// The same trouble for who only wanted to read: reading has no effect that could be unknown.
    #[must_use]
    pub fn of_reading(self) -> Self {
        match self {
            Self::Away(why) | Self::Unknown(why) => Self::Away(why),
        }
    }
}
