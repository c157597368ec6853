//! `[actors]`: durable actors, and how their clients are served.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::choice::{DURABILITY, Durability, Mount, MountKind};
use crate::config::kind::manage::{Manage, ManageKind};
use crate::config::kind::number::{GIB, KIB, MIB, size, whole};
use crate::config::kind::off;
use crate::config::kind::time::{hours, millis, secs, time};

section! {
    /// Durable actors, and how their clients are served.
    Actors [actors] as TABLE {
        /// The path that actors' clients have behind the server's name in their endpoint; all mounts of actors are
        /// below it.
        path: Mount = Mount::Off, MountKind;
        /// Who may list actors and destroy them over HTTP: `"off"` nobody, `"open"` everybody, or else who sends this
        /// token, as `Authorization: Bearer` or `x-rivet-token`. Whoever knows an actor's key or id finds it in any case.
        manage: Manage = Manage::Off, ManageKind;
        /// The longest message, each way. A call with a longer one is refused, a connection that sends one is closed.
        message_size: usize = 8 * MIB, size(KIB, GIB);
        /// How many values one message of a client may have, those within lists and maps counted: in memory each takes more
        /// than on its wire. What has more is refused as a message that is too long.
        message_values: usize = 200_000, whole(1_000, 100_000_000);
        /// The longest parameters of a connection, in bytes of their JSON. Longer ones are refused.
        params_size: usize = 64 * KIB, size(KIB, GIB);
        /// How often a websocket of an actor's client is pinged. One that has not answered when the next ping is due is
        /// closed.
        ping_every: Option<Duration> = Some(secs(15)), off(time(millis(50), hours(1)), "no pings");
        /// When a change is answered: `"full"` once the disk has it, so that even a loss of power loses nothing that was
        /// answered; `"relaxed"` once the operating system has it, so that a crash of the process loses nothing.
        durability: Durability = Durability::Full, DURABILITY;
        /// How many threads run actors, beside those that serve connections.
        threads: Option<usize> = None, off(whole(1, 1_024), "one for each core, and two at least");
        /// How long an actor that nobody calls stays in memory. Its connections stay longer.
        sleep_after: Duration = secs(30), time(millis(1), hours(24));
        /// How long a call may take that has no limit of its own, its wait for other calls counted. What it changed is
        /// undone.
        timeout: Duration = secs(60), time(millis(1), hours(24));
        /// After how long a change that still waits is named in the log: all others of its actor wait for it.
        slow_turn: Duration = secs(5), time(millis(1), hours(24));
        /// How many calls wait at one actor, those that run counted. One more is refused as `overloaded`.
        mailbox: usize = 1_000, whole(1, 1_000_000);
        /// How many calls of one connection wait or run. One more is refused as `too_many_pending`. So many of its
        /// subscriptions wait as well; a connection that asks for one more is closed.
        pending_calls: usize = 1_000, whole(1, 1_000_000);
        /// How many seats at actors one connection of ActionHero's kind takes. One more is refused as `too_many_seats`. All
        /// its seats together have `pending_calls` calls that wait or run.
        seats_per_connection: usize = 100, whole(1, 100_000);
        /// The bytes of one actor's state, as JSON, and as many of the state of each connection at it and of the arguments of
        /// each alarm. What would make one larger is refused as `state_too_large`.
        state_size: usize = MIB, size(KIB, GIB);
        /// The bytes that the file of the store may grow to, its log not counted. What would make it larger is refused as
        /// `unwritable`, as on a full disk.
        file_size: Option<usize> = None, off(size(MIB, 16 * 1_024 * GIB), "what the disk has");
        /// How many writes, and how many reads, wait for the file of the store. One more is refused as `engine_away`.
        file_queue: usize = 16_384, whole(1, 1_000_000);
        /// How many alarms one actor has. A change that asks for more is refused as `too_many_alarms`.
        alarms: usize = 1_000, whole(0, 1_000_000);
        /// How often an alarm's action may fail, with a pause that doubles from a second to ten minutes. Then the alarm is
        /// kept to be seen, and not tried again.
        alarm_attempts: u32 = 10, whole(1, 1_000);
        /// The longest key of an actor, in bytes. A longer one is refused.
        key_length: usize = 1_024, size(1, 64 * KIB);
    }
}

impl Actors {
    /// Where a mount of actors is: below their own path.
    #[must_use]
    pub fn below(&self, mount: &Mount) -> Option<String> {
        mount.path().map(|path| [self.path.path().unwrap_or_default(), path].concat())
    }
}
