//! `[actors]`: durable actors, and how their clients are served.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::choice::{Mount, MountKind};
use crate::config::kind::number::{GIB, KIB, MIB, size};
use crate::config::kind::off;
use crate::config::kind::time::{hours, millis, secs, time};

section! {
    /// Durable actors, and how their clients are served.
    Actors [actors] as TABLE {
        /// The path that actors' clients have behind the server's name in their endpoint; all mounts of actors are
        /// below it.
        path: Mount = Mount::Off, MountKind;
        /// The longest message, each way. A call with a longer one is refused, a connection that sends one is closed.
        message_size: usize = 8 * MIB, size(KIB, GIB);
        /// How often a websocket of an actor's client is pinged. One that has not answered when the next ping is due is
        /// closed.
        ping_every: Option<Duration> = Some(secs(15)), off(time(millis(50), hours(1)), "no pings");
    }
}

impl Actors {
    /// Where a mount of actors is: below their own path.
    #[must_use]
    pub fn below(&self, mount: &Mount) -> Option<String> {
        mount.path().map(|path| [self.path.path().unwrap_or_default(), path].concat())
    }
}
