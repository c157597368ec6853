//! `[redis]`: the Redis that nodes share.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::declare::{at, names, section};
use crate::config::kind::number::{GIB, MIB, size};
use crate::config::kind::off;
use crate::config::kind::redis::{Prefix, RedisUrl};
use crate::config::kind::text::FILE;
use crate::config::kind::time::{millis, secs, time};

section! {
    /// The Redis (7 or newer, or Valkey) that the nodes of `engine = "redis"` share. Without that engine nothing
    /// here has a meaning.
    Redis [redis] as TABLE {
        /// Where it is: `redis://user:password@host:6379/0`, or `rediss://` for TLS. User, password and database may
        /// be left out.
        url: String = "redis://127.0.0.1:6379".into(), RedisUrl;
        /// What all keys and topics begin with. Nodes with the same prefix are one server; two applications on one
        /// Redis need two.
        prefix: String = "playhouse".into(), Prefix;
        /// How long the members of a node that died are still listed. It is renewed three times within this time.
        lease: Duration = secs(10), time(millis(500), secs(600));
        /// How long a command may take. Then its caller is told that the outcome is unknown.
        timeout: Duration = secs(3), time(millis(10), secs(60));
        /// A file with the certificates (PEM) to trust for `rediss://`, instead of those of the system.
        ca_file: Option<PathBuf> = None, off(FILE, "those of the system");
        /// The bytes of messages that may wait to be published. A message above it is refused as `overloaded`.
        queue: usize = 64 * MIB, size(MIB, 16 * GIB);
    }
}
