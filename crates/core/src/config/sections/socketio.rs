//! `[socketio]`: clients of socket.io, over `[engineio]`.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::list::list;
use crate::config::kind::number::{GIB, KIB, MIB, size, whole};
use crate::config::kind::off;
use crate::config::kind::text::UrlPath;
use crate::config::kind::time::{hours, millis, secs, time};

section! {
    /// Clients of socket.io. What carries them is set in `[engineio]`.
    SocketIo [socketio] as TABLE {
        /// How long a client has to connect to a namespace; then its session is closed.
        connect_timeout: Duration = secs(45), time(millis(50), hours(1));
        /// The longest `auth` of a client, in bytes of its JSON. A longer one is refused, and one whose `params` have more than
        /// 64 names.
        auth_size: usize = 16 * KIB, size(16, MIB);
        /// How long a client whose session broke may stay away and come back to its connection, with all that it missed.
        recovery_window: Option<Duration> = Some(secs(120)), off(time(millis(50), hours(24)), "every session begins anew");
        /// How many events are kept for a client that may come back. One who missed more begins anew.
        recovery_messages: usize = 1_000, whole(1, 1_000_000);
        /// The bytes of these events. `limits.recovery` bounds them for all clients together.
        recovery_bytes: usize = MIB, size(KIB, GIB);
        /// How many attachments one packet may have.
        attachments: usize = 10, whole(1, 10_000);
        /// Namespaces beside the main one. Each is an interface of its own: other connections, over the same session.
        namespaces: Vec<String> = vec![], list(UrlPath);
    }
}
