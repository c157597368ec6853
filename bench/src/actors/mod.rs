//! Durable actors, ours beside those of other servers that have such, in the same run.
//!
//! `Work` names what can be measured, `Side` who is; `report` makes the tables.

mod report;

use std::fmt;
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;

use crate::child::{Program, Server};
use crate::folder;
use crate::load::Target;
use crate::load::actors::{self as load, Called, Crew, Held, Wire, Woken};
use crate::report::amount;
use crate::stage::last_minutes_load;

pub(crate) use report::{Line, Report};

/// Counters that are awake: fewer at the others, which take longer to make them.
const LIVE: usize = 20_000;
const LIVE_ELSEWHERE: usize = 2_000;
const ASLEEP: usize = 100_000;

/// How soon our actors sleep where they are to, and how long they are given for it: all of them, one second behind.
const SLEEP_AFTER: (&str, &str) = ("PLAYHOUSE_ACTORS__SLEEP_AFTER", "100ms");
const NAP: Duration = Duration::from_secs(2);
const NEVER_SLEEP: (&str, &str) = ("PLAYHOUSE_ACTORS__SLEEP_AFTER", "1h");
const DURABILITY: &str = "PLAYHOUSE_ACTORS__DURABILITY";

/// One kind of work that actors are measured at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Work {
    /// Calls that change 1,000 actors, 1,024 in flight
    #[value(name = "actors-1024")]
    Actors1024,
    /// Calls that change 64 actors, one in flight at each
    #[value(name = "actors-64")]
    Actors64,
    /// Calls that change one actor, 16 in flight
    #[value(name = "actors-one")]
    ActorsOne,
    /// The first call of an actor that sleeps
    #[value(name = "actors-wake")]
    ActorsWake,
    /// Memory of actors that are awake
    #[value(name = "actors-live")]
    ActorsLive,
    /// Memory of 100,000 actors that sleep, beside as many
    #[value(name = "actors-asleep")]
    ActorsAsleep,
}

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// `RivetKit`'s own server, which keeps the state on disk, seconds after it has answered.
    RivetKit,
    /// actor-core's own server, which keeps it in memory.
    ActorCore,
    /// Ours, once the operating system has it.
    Relaxed,
    /// Ours, once the disk has it.
    Full,
}

/// What all runs share.
pub(crate) struct Ground<'a> {
    /// The application.
    pub(crate) demo: &'a Path,
    /// The folder of the other servers.
    pub(crate) references: &'a Path,
    /// How long one run counts.
    pub(crate) span: Duration,
    /// How many files this process may hold open.
    pub(crate) files_max: u64,
}

/// What one run found, and the load of the machine's last minute at its end.
pub(crate) struct Found {
    pub(crate) figures: Figures,
    pub(crate) load: f64,
}

pub(crate) enum Figures {
    /// With what writing a block to the disk took just before, in microseconds.
    Called(Called, f64),
    Woken(Woken),
    Held(Held),
}

impl Work {
    /// Its name on the command line.
    pub(crate) fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }

    /// Who is measured at it. Only ours sleeps within the time of a run.
    pub(crate) fn sides(self) -> &'static [Side] {
        match self {
            Self::Actors1024 | Self::Actors64 | Self::ActorsOne => {
                &[Side::RivetKit, Side::ActorCore, Side::Relaxed, Side::Full]
            }
            Self::ActorsLive => &[Side::RivetKit, Side::ActorCore, Side::Relaxed],
            Self::ActorsWake | Self::ActorsAsleep => &[Side::Relaxed],
        }
    }
}

impl Side {
    /// For people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RivetKit => "rivetkit",
            Self::ActorCore => "actor-core",
            Self::Relaxed => "relaxed",
            Self::Full => "full",
        }
    }

    fn wire(self) -> Wire {
        match self {
            Self::ActorCore => Wire::ActorCore,
            Self::RivetKit | Self::Relaxed | Self::Full => Wire::RivetKit,
        }
    }

    fn program(self, ground: &Ground<'_>) -> Program {
        match self {
            Self::RivetKit => Program::Node(ground.references.join("rivetkit/server.mjs")),
            Self::ActorCore => Program::Node(ground.references.join("actor-core/server.mjs")),
            Self::Relaxed | Self::Full => Program::Demo(ground.demo.to_owned()),
        }
    }

    /// What the server is told; the others look at none of it.
    fn told(self, work: Work) -> Vec<(&'static str, String)> {
        let durability = if self == Self::Full { "full" } else { "relaxed" };
        let sleep = match work {
            Work::ActorsWake | Work::ActorsAsleep => SLEEP_AFTER,
            Work::Actors1024 | Work::Actors64 | Work::ActorsOne | Work::ActorsLive => NEVER_SLEEP,
        };
        vec![(DURABILITY, durability.to_owned()), (sleep.0, sleep.1.to_owned())]
    }
}

impl fmt::Display for Found {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.figures {
            Figures::Called(called, fsync) => {
                let (rate, delays) = (amount(called.sample.value), called.delays);
                write!(
                    out,
                    "{rate} calls/s, p50 {:.0} us, p99 {:.0} us, fsync {fsync:.0} us",
                    delays.median, delays.p99
                )?;
            }
            Figures::Woken(Woken { asleep, awake }) => {
                write!(out, "asleep p50 {:.0} us, awake p50 {:.0} us", asleep.median, awake.median)?;
            }
            Figures::Held(held) => write!(out, "{} KiB for each of {}", amount(held.kib), held.actors)?,
        }
        write!(out, ", load {:.1}", self.load)
    }
}

/// Does one work once, on a server of its own.
pub(crate) fn run(work: Work, side: Side, ground: &Ground<'_>) -> Result<Found, String> {
    let fsync = folder::fsync_us().map_err(|error| format!("writing to the disk: {error}"))?;
    let server =
        Server::start(&side.program(ground), None, &side.told(work)).map_err(|error| error.to_string())?;
    let target = Target {
        address: server.address(),
        others: Vec::new(),
        pid: server.pid(),
        with: Vec::new(),
        span: ground.span,
        files_max: ground.files_max,
    };
    let wire = side.wire();
    let calls = |actors, in_flight| {
        let called = load::calls(&target, wire, Crew { actors, in_flight })?;
        Ok(Figures::Called(called, fsync))
    };
    let live = match side {
        Side::RivetKit | Side::ActorCore => LIVE_ELSEWHERE,
        Side::Relaxed | Side::Full => LIVE,
    };
    let figures = match work {
        Work::Actors1024 => calls(1000, 1024),
        Work::Actors64 => calls(64, 64),
        Work::ActorsOne => calls(1, 16),
        Work::ActorsWake => load::wakes(&target, NAP).map(Figures::Woken),
        Work::ActorsLive => load::live(&target, wire, live).map(Figures::Held),
        Work::ActorsAsleep => load::asleep(&target, ASLEEP, NAP).map(Figures::Held),
    };
    let figures = figures.map_err(|failure: crate::load::Failure| failure.to_string())?;
    Ok(Found { figures, load: last_minutes_load() })
}
