//! The Redis that tests start for themselves, each on a port of its own, and what makes their certificates.
//!
//! Only the programs are wanted. Debian's package starts a service besides, on Redis' own port: no test
//! speaks with it, none needs it, and it is left alone.

use super::{Ground, apt, works};
use crate::log::Log;
use crate::run::Step;

/// A program, how it is asked whether it works, and the package that has it.
const PROGRAMS: &[(&str, &str, &str)] =
    &[("redis-server", "--version", "redis-server"), ("openssl", "version", "openssl")];

/// Installs Debian's, as far as they are missing.
pub(super) fn install(ground: Ground<'_>, log: &mut Log) -> Result<(), String> {
    let missing = missing(ground);
    if missing.is_empty() {
        return Ok(());
    }
    apt::packages(ground, log, &missing.join(" and "), &missing)?;
    match self::missing(ground)[..] {
        [] => Ok(()),
        [first, ..] => Err(format!("{first} is installed but does not start; try `{first} --version`")),
    }
}

/// The packages whose programs do not start.
fn missing(ground: Ground<'_>) -> Vec<&'static str> {
    let starts = |program: &str, asked: &str| works(&Step::new(ground.place, program).args([asked]));
    let missing = PROGRAMS.iter().filter(|(program, asked, _)| !starts(program, asked));
    missing.map(|&(_, _, package)| package).collect()
}
