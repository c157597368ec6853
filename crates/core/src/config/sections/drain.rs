//! `[drain]`: how a node stops.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::number::whole;
use crate::config::kind::time::{hours, secs, time};

section! {
    /// How a node stops: nobody new is let in, who has asked is answered, running actions finish, then connections are closed
    /// at a pace.
    Drain [drain] as TABLE {
        /// How long running actions may take to finish.
        actions: Duration = secs(30), time(secs(0), hours(24));
        /// How many connections are closed in a second, so that not all come back at once elsewhere.
        closings_per_second: u32 = 1_000, whole(1, 1_000_000);
        /// How long closing all connections may take; the pace is raised where it would take longer.
        closing: Duration = secs(20), time(secs(0), hours(24));
    }
}
