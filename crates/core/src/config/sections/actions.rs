//! `[actions]`: how actions run.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::number::whole;
use crate::config::kind::time::{hours, millis, secs, time};

section! {
    /// How actions run.
    Actions [actions] as TABLE {
        /// How many actions one connection may have running. One more is refused.
        simultaneous: usize = 5, whole(1, 100_000);
        /// How long an action may run, unless it says so itself.
        timeout: Duration = secs(60), time(millis(1), hours(24));
    }
}
