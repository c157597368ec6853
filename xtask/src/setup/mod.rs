//! Brings a machine with Rust and Node to where the tests can run. Each need has a file; this one
//! holds their table and the one way to install: say it, do it, once more if it fails.

mod apt;
mod chromium;
mod node;
mod programs;
mod proxies;
mod python;
mod redis;
mod rust;
mod stamp;

use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use crate::log::Log;
use crate::place::Place;
use crate::run::{Bounds, End, Step};

pub(crate) use chromium::find as find_chromium;
pub(crate) use python::{AUTOBAHN, SCHEMA, program as venv_python};

/// One install may take this long; a slow mirror is not a hung one.
const INSTALL_BUDGET: Duration = Duration::from_secs(600);
/// Before the second try: long enough for a network to come back, short enough to wait for.
const BEFORE_RETRY: Duration = Duration::from_secs(5);

/// Something a suite needs on the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Need {
    /// `cargo fmt`
    Rustfmt,
    /// `cargo clippy`
    Clippy,
    /// Node 20 or newer and the packages of tests/clients, as their lock file says
    ClientPackages,
    /// The compilers of client/, as its lock file says
    BrowserClient,
    /// A virtual environment with what tests/autobahn/requirements.txt names
    Venv,
    /// The same of tests/schema/requirements.txt
    SchemaVenv,
    /// A Chromium that starts
    Chromium,
    /// A `redis-server` that tests can start, and `openssl` for its certificates
    Redis,
    /// An `nginx` and a `haproxy` that tests can start
    Proxies,
    /// The other servers that actors are measured beside, as the lock files in bench/reference say
    References,
}

/// What an install needs to know.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'a> {
    pub(crate) place: &'a Place,
    /// Raised when the whole run is to end.
    pub(crate) stop: &'a AtomicBool,
}

impl Need {
    /// Makes it so. Does nothing, and says nothing, if it is so already. The error is a sentence.
    pub(crate) fn meet(self, ground: Ground<'_>, log: &mut Log) -> Result<(), String> {
        match self {
            Need::Rustfmt => rust::component(ground, log, "fmt", "rustfmt"),
            Need::Clippy => rust::component(ground, log, "clippy", "clippy"),
            Need::ClientPackages => node::packages(ground, log, "tests/clients"),
            Need::BrowserClient => node::packages(ground, log, "client"),
            Need::Venv => python::environment(ground, log, AUTOBAHN),
            Need::SchemaVenv => python::environment(ground, log, SCHEMA),
            Need::Chromium => chromium::install(ground, log),
            Need::Redis => redis::install(ground, log),
            Need::Proxies => proxies::install(ground, log),
            Need::References => ["bench/reference/rivetkit", "bench/reference/actor-core"]
                .iter()
                .try_for_each(|folder| node::packages(ground, log, folder)),
        }
    }

    /// What a person reads in `cargo xtask setup`.
    pub(crate) fn about(self) -> &'static str {
        match self {
            Need::Rustfmt => "rustfmt",
            Need::Clippy => "clippy",
            Need::ClientPackages => "npm packages of tests/clients",
            Need::BrowserClient => "npm packages of client",
            Need::Venv => "Python environment of tests/autobahn",
            Need::SchemaVenv => "Python environment of tests/schema",
            Need::Chromium => "Chromium",
            Need::Redis => "redis-server and openssl",
            Need::Proxies => "nginx and haproxy",
            Need::References => "npm packages of bench/reference",
        }
    }
}

/// Runs an install step, a second time if the first fails: most failures here are the network's.
fn install(ground: Ground<'_>, log: &mut Log, step: &Step) -> Result<(), String> {
    log.say(&format!("installing: {}", step.shown()));
    match attempt(ground, log, step) {
        End::Passed => return Ok(()),
        End::Stopped => return Err("stopped".into()),
        End::Failed(why) => log.say(&format!("that failed ({why}); trying once more, it may be the network")),
    }
    thread::sleep(BEFORE_RETRY);
    match attempt(ground, log, step) {
        End::Passed => Ok(()),
        End::Stopped => Err("stopped".into()),
        End::Failed(why) => Err(format!("`{}` failed twice: {why}", step.in_short())),
    }
}

fn attempt(ground: Ground<'_>, log: &mut Log, step: &Step) -> End {
    step.run(log, Bounds::from_now(INSTALL_BUDGET, ground.stop))
}

/// Whether a program runs and ends well; its output is of no interest.
fn works(step: &Step) -> bool {
    step.command().output().is_ok_and(|told| told.status.success())
}

/// What a program prints, trimmed; none if it does not run or fails.
fn printed(step: &Step) -> Option<String> {
    let told = step.command().output().ok().filter(|told| told.status.success())?;
    Some(String::from_utf8_lossy(told.stdout.trim_ascii()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_a_program_prints() {
        let place = Place::find().unwrap();
        assert_eq!(printed(&Step::new(&place, "sh").args(["-c", "echo v20"])).as_deref(), Some("v20"));
        assert_eq!(printed(&Step::new(&place, "sh").args(["-c", "echo v20; exit 1"])), None);
        assert!(!works(&Step::new(&place, "no-such-program")));
    }
}
