//! `[engineio]`: sessions of engine.io, on its own mount, on Primus' and below socket.io.

use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::number::{GIB, KIB, YesNo, size};
use crate::config::kind::off;
use crate::config::kind::text::Word;
use crate::config::kind::time::{hours, millis, secs, time};

section! {
    /// Sessions of engine.io: on their own mount, on Primus' and below socket.io.
    EngineIo [engineio] as TABLE {
        /// How often a session is pinged (protocol 4), or is expected to ping (protocol 3).
        ping_interval: Duration = secs(25), time(millis(50), hours(1));
        /// How long a client has for its answer; then its session is closed.
        ping_timeout: Duration = secs(20), time(millis(50), hours(1));
        /// How long the change from polling to a websocket may take; then the session stays with polling.
        upgrade_timeout: Duration = secs(10), time(millis(50), hours(1));
        /// How long a session that the server ends waits for a last request that takes what is left.
        close_timeout: Duration = secs(30), time(millis(10), hours(1));
        /// How long the body of one request may take; then it is refused, and its session is closed.
        request_timeout: Duration = secs(45), time(millis(100), hours(1));
        /// The longest message, and the longest body of a request, in bytes. On Primus' mount it is
        /// `websocket.server.max_length`; a body of protocol 3, whose clients know no limit, may have 10 MiB.
        max_payload: usize = 1_000_000, size(KIB, GIB);
        /// Whether sessions that began with polling may change to a websocket.
        upgrades: bool = true, YesNo;
        /// The name of a cookie that tells a load balancer which node a session is on.
        cookie: Option<String> = None, off(Word, "none is set");
    }
}
