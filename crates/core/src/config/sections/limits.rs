//! `[limits]`: how much of everything there may be.

use crate::config::declare::{at, names, section};
use crate::config::kind::number::{GIB, KIB, MIB, size, whole};

section! {
    /// How much of everything there may be. Nothing that a client can make more of is without a limit.
    Limits [limits] as TABLE {
        /// How many connections the node serves. One more is answered 503 with `Retry-After`.
        connections: usize = 100_000, whole(1, 10_000_000);
        /// How many sessions are kept whose clients come with a request for each turn: those of engine.io that poll, and
        /// those of SockJS without a websocket. One more is answered 503 with `Retry-After`.
        sessions: usize = 50_000, whole(1, 10_000_000);
        /// The bytes that may wait for one connection's link. A connection above it is closed as slow; a
        /// single larger message passes when nothing else waits. For an actor's client, and for
        /// a connection that has taken a seat at an actor, `actors.message_size` more may wait.
        outbox: usize = 4 * MIB, size(KIB, GIB);
        /// The bytes that may wait for all links together. Above it the largest is closed as slow.
        outbox_total: usize = 512 * MIB, size(MIB, 1_024 * GIB);
        /// How many connections that lost their session wait for their clients to come back. One more ends at once.
        absent: usize = 10_000, whole(0, 10_000_000);
        /// The bytes that are kept of what clients were sent who may come back for what they missed, and of answers that are
        /// given again; what many were sent counts for each of them. A connection that finds no room begins to keep anew: its
        /// client can't come back to what was before.
        recovery: usize = 256 * MIB, size(KIB, 1_024 * GIB);
        /// The bytes of messages and bodies that the node holds half-read. Above it the largest is closed.
        half_read: usize = 256 * MIB, size(MIB, 1_024 * GIB);
        /// The bytes that the memory engine's cache holds, its keys included. A value that has no room is refused
        /// with an error; nothing that is there already is given up for it.
        cache: usize = 256 * MIB, size(KIB, 1_024 * GIB);
        /// How many verbs of a connection may wait; then nothing more is read from it.
        verbs_waiting: usize = 64, whole(1, 100_000);
        /// How many fragments one message may have.
        fragments: usize = 1_024, whole(1, 1_000_000);
        /// How many rooms one connection may be in.
        rooms_per_connection: usize = 1_000, whole(1, 1_000_000);
        /// How many rooms there may be.
        rooms: usize = 100_000, whole(1, 100_000_000);
        /// The longest name of a room, in bytes.
        room_name: usize = 1_024, size(1, 64 * KIB);
        /// The headers of one request, its first line included. Above it, and for more than 100 header lines:
        /// 431.
        headers: usize = 64 * KIB, size(KIB, MIB);
        /// The fields of one request's body. Above it: 413.
        http_fields: usize = 20 * MIB, size(KIB, GIB);
        /// How many pairs of a query are read.
        query_pairs: usize = 1_000, whole(1, 100_000);
        /// How deep the brackets of a query's names are followed.
        query_depth: usize = 5, whole(0, 100);
    }
}
