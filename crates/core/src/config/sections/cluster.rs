//! `[cluster]`: what nodes ask of each other.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::number::whole;
use crate::config::kind::time::{hours, millis, secs, time};

section! {
    /// What nodes ask of each other: a message for a connection of another node, joining, leaving, details.
    Cluster [cluster] as TABLE {
        /// How long an answer of another node is waited for.
        timeout: Duration = secs(5), time(millis(10), hours(1));
        /// How many questions may wait for their answers, and how many of others may be worked on at once. One more
        /// is refused as `overloaded`.
        calls: usize = 10_000, whole(1, 10_000_000);
    }
}
