//! Why a work could not be measured, in words that say what to look at.

use std::fmt;
use std::io;
use std::time::Duration;

use crate::wire::Malformed;

/// Ends a run: a figure made from wrong answers is worth nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The system refused something; what we were doing, and its reason.
    System(&'static str, io::Error),
    /// The server closed a connection in the middle of a work.
    Closed,
    /// The server sent something that is not what was asked for.
    Wrong(String),
    /// Nothing came for so long.
    Stalled(Duration),
    /// The work needs so many open files, and this process may have only so many.
    Files(u64, u64),
    /// So little was done that there is nothing to compute from.
    TooFew,
}

impl Failure {
    /// For `map_err`: a refusal of the system while `doing` something.
    pub(crate) fn while_(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::System(doing, error)
    }
}

impl From<Malformed> for Failure {
    fn from(malformed: Malformed) -> Self {
        Self::Wrong(malformed.0)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::System(doing, error) => write!(out, "{doing}: {error}"),
            Self::Closed => out.write_str("the server closed a connection"),
            Self::Wrong(what) => write!(out, "a wrong answer: {what}"),
            Self::Stalled(time) => write!(out, "no answer for {} s", time.as_secs()),
            Self::Files(need, have) => {
                write!(out, "needs {need} open files, allowed are {have} (raise the hard limit: ulimit -Hn)")
            }
            Self::TooFew => {
                out.write_str("hardly anything was done while it counted (count longer: --seconds)")
            }
        }
    }
}
