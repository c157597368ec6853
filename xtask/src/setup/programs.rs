//! Programs that tests start for themselves, and the Debian packages that have them. Knows none of them by name.

use super::{Ground, apt, works};
use crate::log::Log;
use crate::run::Step;

/// A program, how it is asked whether it works, and the package that has it.
pub(super) type Program = (&'static str, &'static str, &'static str);

/// Installs Debian's, as far as they are missing.
pub(super) fn install(ground: Ground<'_>, log: &mut Log, programs: &[Program]) -> Result<(), String> {
    let missing = missing(ground, programs);
    if missing.is_empty() {
        return Ok(());
    }
    let installed = apt::packages(ground, log, &missing.join(" and "), &missing);
    match self::missing(ground, programs)[..] {
        // What was wanted is there. A package whose service could not start is none of the tests' business.
        [] => Ok(()),
        [first, ..] => {
            installed?;
            Err(format!("{first} is installed but does not start; try `{first} --version`"))
        }
    }
}

/// The packages whose programs do not start.
fn missing(ground: Ground<'_>, programs: &[Program]) -> Vec<&'static str> {
    let starts = |program: &str, asked: &str| works(&Step::new(ground.place, program).args([asked]));
    let missing = programs.iter().filter(|(program, asked, _)| !starts(program, asked));
    missing.map(|&(_, _, package)| package).collect()
}
