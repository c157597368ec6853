//! The Redis that tests start for themselves, each on a port of its own, and what makes their certificates.
//!
//! Only the programs are wanted. Debian's package starts a service besides, on Redis' own port: no test
//! speaks with it, none needs it, and it is left alone.

use super::Ground;
use super::programs::{self, Program};
use crate::log::Log;

const PROGRAMS: &[Program] =
    &[("redis-server", "--version", "redis-server"), ("openssl", "version", "openssl")];

/// Installs Debian's, as far as they are missing.
pub(super) fn install(ground: Ground<'_>, log: &mut Log) -> Result<(), String> {
    programs::install(ground, log, PROGRAMS)
}
