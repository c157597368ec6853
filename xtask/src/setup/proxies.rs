//! The nginx and the haproxy that tests start for themselves, each on a port of its own and with nobody's rights.
//!
//! Only the programs are wanted. Debian's packages have services besides, nginx' on port 80, which is why apt is asked
//! to start none: that port may be somebody's, and a service that fails takes the installation down with it.

use super::Ground;
use super::programs::{self, Program};
use crate::log::Log;

const PROGRAMS: &[Program] = &[("nginx", "-v", "nginx"), ("haproxy", "-v", "haproxy")];

/// Installs Debian's, as far as they are missing.
pub(super) fn install(ground: Ground<'_>, log: &mut Log) -> Result<(), String> {
    programs::install(ground, log, PROGRAMS)
}
